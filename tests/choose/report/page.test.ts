import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { renderReport } from '../../../src/choose/report/index.ts'
import { cpuResult, INFO, ioResult, unevenResult } from './fixture.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

describe('report page', { timeout: 120_000 }, () => {
  let browser: Browser
  let folder: string

  before(async () => {
    assert.ok(
      existsSync(CHROMIUM),
      `no Chromium at ${CHROMIUM}: install it (Debian, Ubuntu: apt-get install chromium) or name another in CHROMIUM`,
    )
    folder = await mkdtemp(join(tmpdir(), 'plait-report-'))
    await writeFile(join(folder, 'io.html'), renderReport(ioResult(), INFO))
    await writeFile(join(folder, 'cpu.html'), renderReport(cpuResult(), INFO))
    await writeFile(join(folder, 'uneven.html'), renderReport(unevenResult(), INFO))
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET })
  })

  after(async () => {
    await browser?.close()
    if (folder !== undefined) await rm(folder, { recursive: true })
  })

  /** Opens a page, runs the body, and fails on anything that the page complained about or asked for. */
  async function withPage(
    name: string,
    options: BrowserContextOptions,
    body: (page: Page) => Promise<void>,
  ): Promise<void> {
    const url = pathToFileURL(join(folder, name)).href
    const context = await browser.newContext(options)
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:'))
        complaints.push(`request: ${request.url()}`)
    })
    try {
      await page.goto(url)
      await body(page)
      assert.deepEqual(complaints, [])
    } finally {
      await context.close()
    }
  }

  const tipOf = (page: Page): Promise<string[]> => page.locator('#tip > div').allTextContents()
  const widthOf = async (page: Page, selector: string): Promise<number> =>
    (await page.locator(selector).first().boundingBox())?.width ?? 0

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`report page › it shows four timelines with lanes that compute and wait, ${colorScheme}`, async () => {
      await withPage('io.html', { colorScheme }, async (page) => {
        const timelines = page.locator('.timelines > .timeline')
        assert.equal(await timelines.count(), 4)
        for (const timeline of await timelines.all()) {
          assert.ok((await timeline.locator('g[data-lane]').count()) > 0)
          for (const kind of ['computing', 'waiting']) {
            const stroke = timeline.locator(`path.${kind}`).first()
            assert.notEqual(await stroke.evaluate((path) => getComputedStyle(path).stroke), 'none')
            assert.ok(((await stroke.boundingBox())?.width ?? 0) > 0)
          }
        }
        assert.equal(await timelines.nth(1).locator('g[data-lane]').count(), 24)
        assert.equal(await timelines.nth(1).locator('.lanes .cross').count(), 3)
        const [red] = (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(
          /\d+/g,
        )!
        assert.equal(Number(red) > 128, colorScheme === 'light')
      })
    })
  }

  test('report page › all timelines have one time axis until each is given its own', async () => {
    await withPage('cpu.html', {}, async (page) => {
      const sequence = '.timelines > .timeline:nth-of-type(1) .lanes'
      const threads = '.timelines > .timeline:nth-of-type(3) .lanes'
      const share = (await widthOf(page, threads)) / (await widthOf(page, sequence))
      assert.ok(share > 0.45 && share < 0.6, `threads take ${share} of the width`)
      await page.getByLabel('each its own').check()
      assert.equal(await widthOf(page, threads), await widthOf(page, sequence))
    })
  })

  test('report page › a call under the pointer shows its details', async () => {
    await withPage('cpu.html', {}, async (page) => {
      await page
        .locator('.timeline .lanes')
        .first()
        .hover({ position: { x: 5, y: 12 } })
      const lines = await tipOf(page)
      assert.equal(lines[0], 'call 0, sequence 1')
      assert.match(lines[2]!, /^computing [\d.]+\sms, waiting 0\sms$/)
    })
  })

  test('report page › the keyboard reaches every timeline and moves between its calls', async () => {
    await withPage('io.html', {}, async (page) => {
      const focused = (): Promise<string | null> =>
        page.evaluate(() => document.activeElement?.getAttribute('aria-labelledby') ?? null)
      const seen = new Set<string | null>()
      for (let presses = 0; presses < 12; presses++) {
        await page.keyboard.press('Tab')
        seen.add(await focused())
      }
      for (const id of ['timeline-0', 'timeline-2', 'timeline-4', 'timeline-5', 'figures']) {
        assert.ok(seen.has(id), `${id} in ${[...seen]}`)
      }
      const tip = page.locator('#tip')
      await page.locator('[data-row="1"]').evaluate((box) => box.closest('details')!.setAttribute('open', ''))
      await page.locator('[data-row="1"]').focus()
      assert.equal(await tip.isVisible(), false)
      await page.keyboard.press('ArrowDown')
      assert.equal((await tipOf(page))[0], 'call 0, slot 1')
      for (let lane = 1; lane < 6; lane++) await page.keyboard.press('ArrowDown')
      assert.equal((await tipOf(page))[0], 'call 5, slot 6')
      assert.equal((await tipOf(page))[3], '× failed: GET /zlib/README.md: 404 Not Found')
      await page.keyboard.press('ArrowRight')
      assert.match((await tipOf(page))[0]!, /^call (?!5,)\d+, slot 6$/)
      assert.equal(await tip.isVisible(), true)
      await page.keyboard.press('Escape')
      assert.equal(await tip.isVisible(), false)
    })
  })

  test('report page › without JavaScript everything is there, and the time axis can still be changed', async () => {
    await withPage('io.html', { javaScriptEnabled: false }, async (page) => {
      const rows = page.locator('table tbody tr')
      assert.equal(await rows.count(), ioResult().measured.length)
      const cells = await rows.nth(2).locator('th, td').allTextContents()
      assert.equal(cells.length, await page.locator('table thead th').count())
      assert.match(cells[0]!, /^event loop, 32 at a time\s*recommended$/)
      assert.deepEqual(cells.slice(1, 4), ['24', '3', '103\u00a0ms'])
      assert.ok(await page.getByText('GET /a.js: body is 1 024 bytes, expected 4 096').isVisible())
      assert.equal(await page.locator('.keys').isVisible(), false)
      const loop = '.timelines > .timeline:nth-of-type(2) .lanes'
      const before = await widthOf(page, loop)
      await page.locator('#axis-own').click()
      assert.ok((await widthOf(page, loop)) > before * 5)
    })
  })

  test('report page › a narrow screen has no sideways scrolling but inside the boxes', async () => {
    for (const name of ['io.html', 'cpu.html', 'uneven.html']) {
      await withPage(name, { viewport: { width: 390, height: 800 } }, async (page) => {
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390)
        const outside = await page.evaluate(() =>
          [...document.querySelectorAll('body *')]
            .filter((element) => !element.closest('.scroll, .skip'))
            .filter((element) => element.getBoundingClientRect().right > 390)
            .map((element) => element.outerHTML.slice(0, 80)),
        )
        assert.deepEqual(outside, [])
      })
    }
  })

  test('report page › in print the boxes are open and the controls are gone', async () => {
    await withPage('io.html', {}, async (page) => {
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      assert.equal(await page.locator('.tools fieldset').isVisible(), false)
      assert.equal(
        await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
        'rgb(255, 255, 255)',
      )
    })
  })
})
