// Whole programs: what ends by itself, what waits, and what is left behind.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isAlive, newFile, until } from '../futures/helpers.ts'
import * as work from './fixtures/work.mjs'
import { test } from './subjects.ts'

interface Program {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** How it ended: exit status or signal. */
  readonly ended: Promise<number | string>
}

/** Started as a user does, in a process group of its own, with nothing inherited from the tests. */
function start(name: string, { execArgv = [] as string[], args = [] as string[] } = {}): Program {
  const file = fileURLToPath(new URL(`./fixtures/programs/${name}`, import.meta.url))
  const child = spawn(process.execPath, [...execArgv, file, ...args], { detached: true, stdio: 'pipe' })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data) => {
    stdout += data
  })
  child.stderr.on('data', (data) => {
    stderr += data
  })
  const watchdog = setTimeout(() => child.kill('SIGKILL'), 50_000)
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(watchdog)
      resolve(code ?? signal ?? 'unknown')
    })
  })
  return { child, stdout: () => stdout, stderr: () => stderr, ended }
}

async function finished(
  name: string,
  options = {},
): Promise<{ stdout: string[]; stderr: string; status: number | string }> {
  const program = start(name, options)
  const status = await program.ended
  return { stdout: program.stdout().trimEnd().split('\n').sort(), stderr: program.stderr(), status }
}

/** Pids of the workers that the program has named. */
const pidsIn = (text: string) => [...text.matchAll(/(?:runs in|worker) (\d+)/g)].map(([, pid]) => Number(pid))

async function isGone(pids: readonly number[]): Promise<void> {
  assert.ok(pids.length > 0)
  await until(() => pids.every((pid) => !isAlive(pid)))
}

const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript)

describe('a program', () => {
  test('with idle pools, an open map and limits far away ends by itself, and no process is left', async () => {
    const { stdout, stderr, status } = await finished('idle.mjs')
    assert.equal(status, 0, stderr)
    assert.ok(stdout.includes('last line'))
    assert.equal(stdout.filter((line) => line === '42').length, 3)
    await isGone(pidsIn(stdout.join('\n')))
  })

  test('waits for the work that it has submitted, awaited or not', async () => {
    const { stdout, stderr, status } = await finished('pending.mjs')
    assert.equal(status, 0, stderr)
    assert.deepEqual(stdout, [
      'callback EventLoopExecutor',
      'callback ProcessPoolExecutor',
      'callback ThreadPoolExecutor',
      'end of the program text',
    ])
  })

  test('that submits its own functions at its top level gets its results', async () => {
    const { stdout, stderr, status } = await finished('own-entry.mjs')
    assert.equal(status, 0, stderr)
    assert.deepEqual(
      stdout,
      ['EventLoopExecutor', 'ProcessPoolExecutor', 'ThreadPoolExecutor'].map((name) => `${name} 6 3 6 9`),
    )
  })

  test('keeps a flat heap over a hundred thousand items', async () => {
    const { stdout, stderr, status } = await finished('memory.mjs', { execArgv: ['--max-old-space-size=40'] })
    assert.equal(status, 0, stderr)
    assert.deepEqual(stdout, ['100000', '100000'])
  })

  test('is told of failures that nobody looks at, with the place, and of no others', async () => {
    const { stderr, status } = await finished('unlooked.mjs')
    assert.equal(status, 1)
    assert.match(stderr, /nobody looks: ThreadPoolExecutor/)
    assert.match(stderr, /nobody looks: ProcessPoolExecutor/)
    assert.match(stderr, /theForgetfulOne/)
    assert.equal(stderr.match(/nobody looked at/g)?.length, 2, stderr)
    assert.doesNotMatch(stderr, /awaited$|called back|read late/m)
  })
})

describe('a program that ends in the middle of its work leaves no worker behind:', () => {
  const ways: [name: string, how: string, end: (child: ChildProcess) => void, status: number | string][] = [
    ['by process.exit()', 'exit', (child) => child.stdin!.write('now\n'), 7],
    ['by an error of its own', 'throw', (child) => child.stdin!.write('now\n'), 1],
    ['by SIGTERM', 'wait', (child) => child.kill('SIGTERM'), 'SIGTERM'],
    ['by SIGKILL', 'wait', (child) => child.kill('SIGKILL'), 'SIGKILL'],
    ['by Ctrl-C', 'wait', (child) => process.kill(-child.pid!, 'SIGINT'), 'SIGINT'],
  ]
  for (const [name, how, end, expected] of ways) {
    test(name, async () => {
      const program = start('alive.mjs', { args: [how] })
      await until(() => pidsIn(program.stdout()).length === 2 || program.child.exitCode !== null)
      const pids = pidsIn(program.stdout())
      assert.deepEqual(pids.map(isAlive), [true, true], program.stderr())
      end(program.child)
      assert.equal(await program.ended, expected)
      await isGone(pids)
    })
  }

  test('by Ctrl-C in asyncio.run, which cleans up first', async () => {
    const program = start('alive.mjs', { args: ['run'] })
    await until(() => pidsIn(program.stdout()).length === 2 || program.child.exitCode !== null)
    process.kill(-program.child.pid!, 'SIGINT')
    assert.ok(['SIGINT', 130].includes(await program.ended))
    assert.match(program.stdout(), /cleaned up/)
    await isGone(pidsIn(program.stdout()))
  })

  test('by SIGKILL, workers that compute as soon as they come to an end', async () => {
    const gate = newFile()
    const program = start('alive.mjs', { args: ['wait', gate] })
    await until(() => pidsIn(program.stdout()).length === 3 || program.child.exitCode !== null)
    const pids = pidsIn(program.stdout())
    program.child.kill('SIGKILL')
    work.mark(gate, 'go')
    await isGone(pids)
  })
})

describe('a program in two languages', () => {
  const loaders: [what: string, execArgv: string[]][] = [['through tsx', ['--import', 'tsx']]]
  if (stripsTypes) loaders.push(['natively', []])
  for (const [what, execArgv] of loaders) {
    test(`calls functions of TypeScript from JavaScript, ${what}`, async () => {
      const { stdout, stderr, status } = await finished('from-js.mjs', { execArgv })
      assert.equal(status, 0, stderr)
      assert.deepEqual(stdout, [
        'ProcessPoolExecutor 12',
        'RangeError: width -1',
        'RangeError: width -1',
        'ThreadPoolExecutor 12',
      ])
    })

    test(`calls functions of JavaScript from TypeScript, ${what}`, async () => {
      const { stdout, stderr, status } = await finished('from-ts.ts', { execArgv })
      assert.equal(status, 0, stderr)
      assert.deepEqual(stdout, ['ProcessPoolExecutor 8 2 10', 'ThreadPoolExecutor 8 2 10'])
    })
  }
})
