// slow: every choice is measured for real, seconds long
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const LONG = { timeout: 120_000 }
const QUICK = ['--budget', '100ms', '--workers', '1']

const folder = mkdtempSync(join(tmpdir(), 'plait-cli-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const MODULES: Record<string, string> = {
  'work.mjs': `
    import { appendFileSync } from 'node:fs'
    import { setTimeout as sleep } from 'node:timers/promises'
    export const increment = (n) => n + 1
    export const nap = (ms) => sleep(ms)
    export function talk(text) { console.log('{"not": "json"}'); return text }
    export function fail(n) { throw new TypeError('never works') }
    export function loopForEver() { for (;;); }
    export async function sign(file) { appendFileSync(file, process.pid + '\\n'); await sleep(50) }
    export const five = 5`,
  'typed.ts': 'export function twice(n: number): number { return n * 2 }',
  'common.cjs': 'module.exports = { twice(n) { return n * 2 } }',
  'syntax.mjs': 'export const a = ;',
  'syntax.ts': 'export const a: number = ;',
  'inner-syntax.mjs': "import './syntax.mjs'\nexport function f() {}",
  'throws.mjs': "throw new RangeError('no configuration')",
  'exits.mjs': 'process.exit(7)',
  'waits.mjs': 'await new Promise(() => {})\nexport function f() {}',
  'lacks.mjs': "import './nowhere.mjs'\nexport function f() {}",
  'empty.mjs': '',
  'args.json': '[[1], [2]]',
  'bad.json': '[[1],',
}
for (const [name, text] of Object.entries(MODULES)) writeFileSync(join(folder, name), text)
mkdirSync(join(folder, 'a-folder'))

function plait(...args: string[]) {
  const run = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 100_000,
  })
  return { status: run.status, stdout: run.stdout, stderr: run.stderr }
}

describe('plait', () => {
  test('says its version and its commands', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    assert.deepEqual(plait('--version'), { status: 0, stdout: `${version}\n`, stderr: '' })
    const help = plait('--help')
    assert.equal(help.status, 0)
    assert.match(help.stdout, /choose \[options\] <FILE#FUNCTION>[\s\S]*Example:\n {2}plait choose /)
    const own = plait('choose', '--help')
    assert.equal(own.status, 0)
    for (const option of [
      '--args',
      '--count',
      '--workers',
      '--timeout',
      '--budget',
      '--json',
      '--html',
      '--open',
    ])
      assert.ok(own.stdout.includes(option), option)
    assert.match(own.stdout, /Example:\n {2}plait choose resize\.ts#resize/)
  })

  test('without a command it shows its help and that the call was wrong', () => {
    const { status, stderr } = plait()
    assert.equal(status, 2)
    assert.match(stderr, /^Usage: plait/)
  })
})

describe('plait choose › wrong calls', () => {
  const cases: [sentence: string, args: string[], status: number, stderr: RegExp][] = [
    ['an unknown command', ['chose'], 2, /^plait: unknown command 'chose'\n\(Did you mean choose\?\)/],
    [
      'an unknown option',
      ['choose', 'work.mjs#nap', '--jsno'],
      2,
      /^plait: unknown option '--jsno'\n\(Did you mean --json\?\)/,
    ],
    ['no function at all', ['choose'], 2, /^plait: missing required argument/],
    ['two functions', ['choose', 'work.mjs#nap', 'work.mjs#talk'], 2, /^plait: too many arguments/],
    ['a missing file', ['choose', 'nowhere.mjs#f'], 2, /^plait: there is no file nowhere\.mjs\n/],
    ['a folder', ['choose', 'a-folder#f'], 2, /^plait: a-folder is no file\n/],
    [
      'a file without a function',
      ['choose', 'work.mjs'],
      2,
      /^plait: expected FILE#FUNCTION, got 'work\.mjs'/,
    ],
    ['a function without a file', ['choose', '#nap'], 2, /^plait: expected FILE#FUNCTION, got '#nap'/],
    [
      'a missing export',
      ['choose', 'work.mjs#nab'],
      2,
      /^plait: work\.mjs#nab: there is no export named nab\. Did you mean nap\? It exports: .*increment/,
    ],
    [
      'a module without exports',
      ['choose', 'empty.mjs#f'],
      2,
      /no export named f\. It exports no function\./,
    ],
    [
      'an export that is no function',
      ['choose', 'work.mjs#five'],
      2,
      /export five: expected a function \(It exports: .*\), got 5 \(number\)/,
    ],
    [
      'arguments that are no JSON',
      ['choose', 'work.mjs#nap', '--args', '[[1]'],
      2,
      /^plait: --args is not JSON: .*\nGive a JSON list/,
    ],
    [
      'arguments that are no list',
      ['choose', 'work.mjs#nap', '--args', '{"a": 1}'],
      2,
      /^plait: --args: expected a JSON list, got an object/,
    ],
    [
      'no arguments in the list',
      ['choose', 'work.mjs#nap', '--args', '[]'],
      2,
      /^plait: --args is an empty list/,
    ],
    [
      'some lists and some not',
      ['choose', 'work.mjs#nap', '--args', '[[1], 2]'],
      2,
      /some items are lists and others are not/,
    ],
    [
      'a missing file of arguments',
      ['choose', 'work.mjs#nap', '--args', '@nowhere.json'],
      2,
      /nowhere\.json cannot be read: there is no such file/,
    ],
    [
      'a file of arguments that is no JSON',
      ['choose', 'work.mjs#nap', '--args', '@bad.json'],
      2,
      /^plait: bad\.json is not JSON/,
    ],
    [
      'a count that is none',
      ['choose', 'work.mjs#nap', '--count', 'many'],
      2,
      /'--count <n>' argument 'many' is invalid\. Expected a whole number/,
    ],
    [
      'a worker count of nothing',
      ['choose', 'work.mjs#nap', '--workers', '2,0'],
      2,
      /'2,0' is invalid\. Expected a whole number/,
    ],
    [
      'a time in words',
      ['choose', 'work.mjs#nap', '--timeout', 'soon'],
      2,
      /'soon' is invalid\. Expected a time such as 500ms/,
    ],
    [
      'a report in a folder that is not there',
      ['choose', 'work.mjs#nap', '--html', 'nowhere/r.html'],
      2,
      /^plait: --html: nowhere\/r\.html cannot be written: there is no folder/,
    ],
    [
      'a report where a folder is',
      ['choose', 'work.mjs#nap', '--html', 'a-folder'],
      2,
      /cannot be written: it is a folder/,
    ],
    [
      'a report where nobody may write',
      ['choose', 'work.mjs#nap', '--html', '/proc/report.html'],
      2,
      /^plait: --html: \/proc\/report\.html cannot be written/,
    ],
  ]
  for (const [sentence, args, status, stderr] of cases) {
    test(`${sentence}: one message that says what to do, and no stack`, LONG, () => {
      const result = plait(...args)
      assert.equal(result.status, status, result.stderr)
      assert.match(result.stderr, stderr)
      assert.equal(result.stdout, '')
      assert.doesNotMatch(result.stderr, /^ {4}at /m)
    })
  }

  test('looking whether the report can be written leaves no file', LONG, () => {
    plait('choose', 'work.mjs#nab', '--html', 'later.html')
    assert.equal(existsSync(join(folder, 'later.html')), false)
  })
})

describe('plait choose › work that fails', () => {
  const cases: [sentence: string, args: string[], stderr: RegExp][] = [
    [
      'a syntax error',
      ['syntax.mjs#f'],
      /^plait: syntax\.mjs#f cannot be imported: SyntaxError: .*\n\nfile:.*syntax\.mjs:1\nexport const a = ;\n {17}\^/,
    ],
    [
      'a syntax error in an imported module',
      ['inner-syntax.mjs#f'],
      /cannot be imported: SyntaxError: .*\n\nfile:.*\/syntax\.mjs:1\n/,
    ],
    [
      'a syntax error in TypeScript',
      ['syntax.ts#f'],
      /^plait: syntax\.ts#f cannot be imported: .*syntax\.ts:1/,
    ],
    [
      'a module that throws',
      ['throws.mjs#f'],
      /^plait: throws\.mjs#f cannot be imported: RangeError: no configuration \(.*throws\.mjs:1:7\)\n/,
    ],
    [
      'a module that ends the process',
      ['exits.mjs#f'],
      /cannot be imported: .*exited with status 7 while the module was imported/,
    ],
    ['a module that waits for ever', ['waits.mjs#f'], /cannot be imported: .*waits\.mjs/],
    ['a module that imports a missing one', ['lacks.mjs#f'], /cannot be imported: .*nowhere\.mjs/],
    [
      'a function that always throws',
      ['work.mjs#fail', ...QUICK],
      /^plait: no model could run work\.mjs#fail:\n {2}in sequence: TypeError: every call failed: never works\n/,
    ],
    [
      'a function that never returns',
      ['work.mjs#loopForEver', '--timeout', '300ms', ...QUICK],
      /^plait: no model could run work\.mjs#loopForEver:\n {2}in sequence: TimeoutError: .*within 300 ms\n[\s\S]*raise the timeout/,
    ],
  ]
  for (const [sentence, args, stderr] of cases) {
    test(`${sentence}: one message, exit status 1, no stack`, LONG, () => {
      const result = plait('choose', ...args)
      assert.equal(result.status, 1, result.stderr)
      assert.match(result.stderr, stderr)
      assert.equal(result.stdout, '')
      assert.doesNotMatch(result.stderr, /^ {4}at /m)
    })
  }
})

describe('plait choose › answers', () => {
  test('a table, bars, the recommendation, the break-even and the report', LONG, () => {
    const { status, stdout, stderr } = plait(
      'choose',
      'work.mjs#nap',
      '--args',
      '[5, 6]',
      '--count',
      '40',
      '--html',
      'r.html',
      ...QUICK,
    )
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^work\.mjs#nap: 40 calls, /)
    for (const row of [
      'in sequence',
      'event loop, 8 at a time',
      'event loop, no limit',
      '1 thread',
      '1 process',
    ])
      assert.equal(
        stdout.split('\n').filter((line) => line.startsWith(`${row} `)).length,
        2,
        `${row}: table and bar`,
      )
    assert.match(stdout, /➜ Use the event loop.*\n {2}(Below|However) .*\n\nReport: r\.html\n$/)
    assert.equal(stdout.includes('\u001b'), false, 'no colours outside of a terminal')
    assert.equal(stderr, '', 'no progress outside of a terminal')
    assert.match(readFileSync(join(folder, 'r.html'), 'utf8'), /^<!doctype html>[\s\S]*work\.mjs#nap/i)
  })

  test('JSON alone, whatever the function prints', LONG, () => {
    const { status, stdout, stderr } = plait(
      'choose',
      'work.mjs#talk',
      '--args',
      '@args.json',
      '--json',
      ...QUICK,
    )
    assert.equal(status, 0, stderr)
    const answer = JSON.parse(stdout)
    assert.equal(answer.target, 'work.mjs#talk')
    assert.equal(answer.model.count, 2)
    assert.equal(answer.recommendation.model, 'sync')
    assert.match(answer.notes.join('\n'), /printed [\d ]+ lines to standard output/)
  })

  for (const target of ['typed.ts#twice', 'common.cjs#twice']) {
    test(`${target} runs in every model`, LONG, () => {
      const { status, stdout, stderr } = plait('choose', target, '--args', '[1]', '--json', ...QUICK)
      assert.equal(status, 0, stderr)
      for (const row of JSON.parse(stdout).measured)
        assert.deepEqual([row.ok, row.failed], [true, 0], row.label)
    })
  }

  test('a reader that has seen enough ends it quietly', LONG, () => {
    const command = `"${process.execPath}" "${MAIN}" choose work.mjs#increment --args [1] ${QUICK.join(' ')} | true; exit \${PIPESTATUS[0]}`
    const { status, stderr } = spawnSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' })
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  })

  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`${signal} in the middle ends it by ${status} and leaves no process`, LONG, async () => {
      const file = join(folder, `pids-${signal}`)
      const child = spawn(
        process.execPath,
        [MAIN, 'choose', 'work.mjs#sign', '--args', JSON.stringify([[file]]), '--count', '1000'],
        { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
      )
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text
      })
      const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
      await until(() => existsSync(file))
      child.kill(signal)
      assert.equal(await ended, status)
      if (signal === 'SIGINT') assert.equal(stderr, 'plait: interrupted; the workers were ended\n')
      const pids = new Set(readFileSync(file, 'utf8').trim().split('\n').map(Number))
      for (const pid of pids) await until(() => !isAlive(pid))
    })
  }

  test('killed itself, it leaves no process behind, even one that loops for ever', LONG, async () => {
    const file = join(folder, 'pid-of-loop')
    writeFileSync(
      join(folder, 'loops.mjs'),
      `import { writeFileSync } from 'node:fs'
       export function loop(file) { writeFileSync(file, String(process.pid)); for (;;); }`,
    )
    const child = spawn(
      process.execPath,
      [MAIN, 'choose', 'loops.mjs#loop', '--args', JSON.stringify([[file]])],
      { cwd: folder, stdio: 'ignore' },
    )
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '')
    child.kill('SIGKILL')
    const pid = Number(readFileSync(file, 'utf8'))
    await until(() => !isAlive(pid))
  })
})

/** Looks again and again; the test's own timeout is the watchdog. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(statusOf(pid))
  } catch {
    return false
  }
}

/** A process that has ended may wait for its parent to look; without `/proc` it counts as alive until then. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
