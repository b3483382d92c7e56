import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { renderReport } from '../../../src/choose/report/index.ts'
import { STYLE } from '../../../src/choose/report/style.ts'
import type { ChooseResult, Lane, Row } from '../../../src/choose/result.ts'
import { cpuResult, INFO, ioResult, rowOf, unevenResult } from './fixture.ts'

function withRows(...measured: Row[]): ChooseResult {
  return { ...ioResult(4), measured }
}

/** No figure went wrong: looked for in everything but the style and the script. */
function assertNoNonsense(html: string): void {
  const text = html.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<script>[\s\S]*?<\/script>/, '')
  assert.deepEqual(text.match(/.{0,60}(NaN|Infinity|undefined|\[object).{0,20}/), null)
}

describe('report', () => {
  test('report › it asks for nothing outside itself', () => {
    const html = renderReport(ioResult(), INFO)
    assert.doesNotMatch(html, /https?:|src=|@import|url\(/)
    assert.deepEqual(
      [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href),
      ['data:,', '#figures'],
    )
  })

  test('report › text of the user cannot become markup, neither in the page nor in its data', () => {
    const evil = '</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> "\' & \u2028'
    const result = ioResult(4)
    const spoiled = JSON.parse(
      JSON.stringify(result, (key, value: unknown) =>
        key === 'name' || key === 'label' || key === 'reason' || key === 'breakEven' ? evil : value,
      ),
    ) as ChooseResult
    const row = rowOf(
      { phases: () => [{ kind: 'computing', ms: 1 }], error: () => evil },
      'sync',
      'in sequence',
      1,
      3,
      3,
      1,
    )
    const problem = { name: evil, code: evil, message: evil, hint: evil }
    const html = renderReport(
      { ...spoiled, measured: [...spoiled.measured, row, { ...row, ok: false, problem }] },
      { ...INFO, title: evil, command: evil, cpu: evil, node: evil },
    )
    assert.doesNotMatch(html, /<img|<script>alert/)
    assert.equal(html.match(/<\/script>/g)?.length, 2)
    const data = /id="marks">([^<]*)</.exec(html)![1]!
    assert.ok(JSON.stringify(JSON.parse(data)).includes('alert(1)'))
  })

  test('report › a model that could not run shows its problem and its hint, and the others their figures', () => {
    const html = renderReport(cpuResult(), INFO)
    assert.match(html, /a Socket cannot be sent to another process/)
    assert.match(html, /Send the address and open the socket in the worker\./)
    assert.match(html, /2 processes: not measured/)
    assert.equal(html.match(/<figure class="timeline"/g)?.length, 3)
  })

  test('report › if no model could run, it says so and still renders', () => {
    const failed = cpuResult().measured.filter((row) => !row.ok)
    const html = renderReport({ ...cpuResult(), measured: failed }, INFO)
    assert.match(html, /<h1>No model could run this<\/h1>/)
    assertNoNonsense(html)
  })

  test('report › figures of nothing are figures too', () => {
    const row = { ...ioResult(4).measured[0]!, calls: 0, failed: 0, wallMs: 0, lanes: [] }
    const result = withRows(row)
    const html = renderReport(
      { ...result, model: { ...result.model, count: 0, computeMs: 0, waitMs: 0, predictions: [] } },
      INFO,
    )
    assertNoNonsense(html)
  })

  test('report › the headline names the recommended model in words', () => {
    const headline = (model: ChooseResult['recommendation']['model'], label: string): string =>
      /<h1>(.*)<\/h1>/.exec(
        renderReport({ ...ioResult(4), recommendation: { model, label, workers: 2 } }, INFO),
      )![1]!
    assert.equal(headline('sync', 'in sequence'), 'Run it in sequence')
    assert.equal(headline('event-loop', 'event loop, no limit'), 'Run it on the event loop, no limit')
    assert.equal(headline('threads', '2 threads'), 'Run it in 2 threads')
    assert.equal(headline('processes', '2 processes'), 'Run it in 2 processes')
  })

  test('report › many lanes are cut to a choice, and it says so', () => {
    const html = renderReport(ioResult(160), INFO)
    assert.match(html, /32 of 160 lanes shown/)
    const [noLimit] = /<h3[^>]*>event loop, no limit[\s\S]*?<\/figure>/.exec(html)!
    assert.equal(noLimit.match(/<g data-lane=/g)?.length, 32)
    assert.match(noLimit, /up to <b>160<\/b> in progress/)
  })

  test('report › the notes of the result are in it', () => {
    const html = renderReport({ ...ioResult(4), notes: ['The function printed 3 lines & more.'] }, INFO)
    assert.match(html, /<p class="note">The function printed 3 lines &amp; more\.<\/p>/)
  })

  test('report › samples of different length are compared by the call', () => {
    assert.match(renderReport(unevenResult(), INFO), /71.3\u00a0ms<small> a call, of 3</)
    assert.doesNotMatch(renderReport(ioResult(), INFO), /a call, of/)
  })

  test('report › a timeline of which only the first calls were kept says so', () => {
    assert.match(renderReport(unevenResult(), INFO), /Of 3 calls the first 2 are drawn\./)
    assert.doesNotMatch(renderReport(ioResult(), INFO), /are drawn/)
  })

  test('report › a hundred thousand calls, every one failed, make a page below 2 MB', () => {
    const spans = Array.from({ length: 100_000 }, (_, call) => ({
      call,
      start: call * 0.01,
      end: call * 0.01 + 0.01,
      segments: [
        { kind: 'computing' as const, start: call * 0.01, end: call * 0.01 + 0.002 },
        { kind: 'waiting' as const, start: call * 0.01 + 0.002, end: call * 0.01 + 0.01 },
      ],
      error: call % 2 === 0 ? 'the same' : `call ${call} failed: ${'x'.repeat(300)}`,
    }))
    const lanes = Array.from(
      { length: 160 },
      (_, lane): Lane => ({
        name: `slot ${lane + 1}`,
        spans: spans.filter((span) => span.call % 160 === lane),
      }),
    )
    const row = { ...ioResult(4).measured[0]!, calls: spans.length, failed: spans.length, wallMs: 1_000 }
    const html = renderReport(
      withRows(
        { ...row, lanes: [{ name: 'sequence', spans }] },
        ...Array.from({ length: 7 }, (_, at) => ({ ...row, label: `event loop, ${at}`, lanes })),
      ),
      INFO,
    )
    assert.ok(html.length < 2_000_000, `${html.length} characters`)
  })

  test('report › every text has a contrast of at least 4.5, every mark of 3, in both colour schemes', () => {
    const schemes = [...STYLE.matchAll(/:root \{([^}]*)\}/g)].map(
      ([, body]) =>
        new Map([...body!.matchAll(/--([\w-]+): (#\w{6})/g)].map(([, name, hex]) => [name!, hex!])),
    )
    assert.ok(schemes.length >= 2)
    for (const colours of schemes.slice(0, 2)) {
      const contrast = (one: string, other: string): number => {
        const [light, dark] = [luminance(colours.get(one)!), luminance(colours.get(other)!)].sort(
          (a, b) => b - a,
        )
        return (light! + 0.05) / (dark! + 0.05)
      }
      for (const ground of ['paper', 'surface']) {
        for (const text of ['ink', 'soft', 'bad'])
          assert.ok(contrast(text, ground) >= 4.5, `${text} on ${ground}`)
        for (const mark of ['computing', 'waiting', 'bar', 'focus']) {
          assert.ok(contrast(mark, ground) >= 3, `${mark} on ${ground}`)
        }
      }
      assert.ok(contrast('good', 'good-soft') >= 4.5, 'badge')
    }
  })
})

/** Relative luminance of `#rrggbb` as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}
