import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'

interface Report {
  readonly value?: unknown
  readonly code?: string
  readonly message?: string
  readonly cause?: string
}

interface Ended {
  readonly reports: Report[]
  readonly stderr: string
  readonly status: number | null
}

const program = (name: string) => fileURLToPath(new URL(`./fixtures/programs/${name}`, import.meta.url))
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript)
const LIMIT = { timeout: 60_000 }

/** The program as a user starts it, with nothing inherited from the tests. */
function run(name: string, { execArgv = [] as string[], args = [] as string[] } = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const command = [...execArgv, program(name), ...args]
    const child = execFile(process.execPath, command, { timeout: 40_000 }, (_error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line !== '')
      resolve({ reports: lines.map((line) => JSON.parse(line)), stderr, status: child.exitCode })
    })
  })
}

describe('a program that awaits its own function at its top level', LIMIT, () => {
  test('gets the result, if only the program itself submits', async () => {
    const { reports, status, stderr } = await run('guarded.mjs')
    assert.deepEqual(reports, [{ value: 42 }, { value: 10.5 }], stderr)
    assert.equal(status, 0)
  })

  const ways: [what: string, execArgv: string[]][] = [['through tsx', ['--import', 'tsx']]]
  if (stripsTypes) ways.push(['by the platform', []])
  for (const [what, execArgv] of ways) {
    test(`gets the result in TypeScript loaded ${what}`, async () => {
      const { reports, stderr } = await run('guarded.mts', { execArgv })
      assert.deepEqual(reports, [{ value: 42 }, { value: 10.5 }], stderr)
    })
  }

  test('gets told how to guard itself, if its workers would submit too', async () => {
    const { reports, status, stderr } = await run('unguarded.mjs')
    assert.deepEqual(reports, [])
    assert.equal(status, 1)
    assert.match(stderr, /InvalidStateError: submit\(\).*unguarded\.mjs.*workerInfo\(\)\.kind === 'main'/)
  })

  test('is refused functions that a worker could mistake for others', async () => {
    const { reports, stderr } = await run('ambiguous.mjs')
    assert.deepEqual(
      reports.map(({ code }) => code),
      ['PLAIT_TRANSFER', 'PLAIT_TRANSFER', 'PLAIT_TRANSFER'],
      stderr,
    )
    const [same, closure, hidden] = reports
    assert.match(same!.message!, /cannot tell which export.*'same'/)
    assert.match(closure!.message!, /'inner' at .*ambiguous\.mjs:\d+/)
    assert.match(hidden!.message!, /cannot tell which export.*'hidden'.*closure, one, three, two/)
  })

  test('gets an error when its workers would wait for ever', async () => {
    const { reports, stderr } = await run('never.mjs')
    assert.equal(reports[0]!.code, 'PLAIT_INVALID_STATE')
    assert.match(reports[0]!.message!, /never\.mjs.*nothing is left.*workerInfo/)
    assert.match(stderr, /PLAIT_IMPORT_WAITS/)
  })

  test('gets the result when its workers wait for long, and a warning', async () => {
    const { reports, stderr } = await run('slow.mjs')
    assert.deepEqual(reports, [{ value: 42 }])
    assert.match(stderr, /PLAIT_IMPORT_WAITS.*slow\.mjs/)
  })
})

describe('a program that does not await its main()', LIMIT, () => {
  test('is not run again and again by its workers', async () => {
    const { reports, stderr } = await run('left-behind.mjs')
    assert.deepEqual(reports, [{ value: 'PLAIT_INVALID_STATE' }], stderr)
  })

  test('may be CommonJS', async () => {
    const { reports, stderr } = await run('common.cjs')
    assert.deepEqual(reports, [{ value: 42 }], stderr)
  })
})

test('TypeScript without tsx › says what to install', LIMIT, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plait-'))
  try {
    await cp('dist', join(folder, 'dist'), { recursive: true })
    const library = pathToFileURL(join(folder, 'dist/wire/index.js')).href
    const module = new URL('./fixtures/element.tsx', import.meta.url).href
    const { reports, stderr } = await run('no-tsx.mjs', { args: [library, module] })
    assert.equal(reports[0]?.code, 'PLAIT_NOT_SUPPORTED', stderr)
    assert.match(reports[0].message!, /element\.tsx.*Install tsx, or use Node 22\.18/)
    assert.equal(reports[0].cause, 'ERR_MODULE_NOT_FOUND')
  } finally {
    await rm(folder, { recursive: true })
  }
})
