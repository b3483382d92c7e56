// Runs the tests, each file in a process of its own. Used by people (`npm test`) and by CI.
//
//   npm test [-- WORD …]        only files whose path contains one of the words
//     --fast                    without files that open with `// slow: <reason>`
//     --node PATH               on another Node binary; the programs that tests start run on it too
//     --jobs N                  files at a time (default: one on two cores, so that tests with real
//                               processes and real signals are not starved; at most 4)
//     --file-timeout SECONDS    a file that runs longer is ended with all it started, and fails (default 300)
//
// WHY NOT `node --test`: Node 20's takes no patterns, and from Node 22 on its timeout no longer ends a
// file that hangs outside a test, such as one whose pool keeps the process alive.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    fast: { type: 'boolean', default: false },
    node: { type: 'string', default: process.execPath },
    jobs: {
      type: 'string',
      default: String(Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)))),
    },
    'file-timeout': { type: 'string', default: '300' },
  },
})
const node = resolve(options.node)
if (!existsSync(node)) {
  console.error(`--node: no such file: ${node}`)
  process.exit(2)
}
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
delete env.FORCE_COLOR // the closing summary is read as plain text
const limitMs = 1000 * positiveInteger('file-timeout')
const jobs = positiveInteger('jobs')

const matching = readdirSync('tests', { recursive: true })
  .map((name) => `tests/${String(name).replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort()
const slow = options.fast ? matching.filter((name) => readFileSync(name, 'utf8').startsWith('// slow:')) : []
const files = matching.filter((name) => !slow.includes(name))
if (files.length === 0) {
  console.error(`no test file matches: ${words.join(' ')}`)
  process.exit(2)
}

/** What the reporter of `node:test` counts at the end of a file. */
const COUNTED = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo']
const totals = Object.fromEntries(COUNTED.map((word) => [word, 0]))
const failures = []
const running = new Set()
const started = performance.now()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) endGroup(child)
    process.exit(130)
  })
}
await Promise.all(Array.from({ length: jobs }, worker))
report()

async function worker() {
  for (let file = files.shift(); file !== undefined; file = files.shift()) await runFile(file)
}

/** Runs one file, prints its output in one piece and adds it to the totals. */
function runFile(file) {
  return new Promise((done) => {
    // A process group of its own: what hangs is ended together with the programs it started.
    const child = spawn(node, ['--import', 'tsx', '--test-reporter=spec', file], {
      detached: true,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    const output = []
    const since = performance.now()
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    let late = false
    const timer = setTimeout(() => {
      late = true
      endGroup(child)
      // Whatever left the group still holds the pipes: wait for it no longer.
      child.stdout.destroy()
      child.stderr.destroy()
    }, limitMs)
    let ended = false
    const end = (problem) => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      running.delete(child)
      const text = Buffer.concat(output).toString()
      const counts = countsOf(text)
      for (const word of COUNTED) totals[word] += counts?.[word] ?? 0
      const seconds = ((performance.now() - since) / 1000).toFixed(1)
      const reason = late
        ? `did not end within ${limitMs / 1000} s`
        : (problem ??
          (counts === undefined
            ? 'ended without a summary'
            : counts.tests === 0
              ? 'holds no test'
              : undefined))
      if (reason !== undefined) {
        failures.push(`${file}: ${reason}`, ...failedTests(text).map((name) => `  ${name}`))
        // A file that fails outside its tests counts as one that failed: `fail 0` means that all is well.
        if ((counts?.fail ?? 0) === 0) totals.fail += 1
      }
      console.log(`${reason === undefined ? '✔' : `✖ ${reason}:`} ${file} (${seconds} s)`)
      console.log(
        text
          .replace(/^ℹ .*\n/gm, '')
          .replace(/^/gm, '  ')
          .trimEnd(),
      )
      done()
    }
    child.on('error', (error) => end(`could not be started: ${error.message}`))
    // A program that outlives its test keeps the pipe open: that is a leak, and the timer finds it.
    child.on('close', (code, signal) => {
      end(code === 0 ? undefined : signal === null ? `exit status ${code}` : `ended by ${signal}`)
    })
  })
}

function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** The counts of the closing summary, the last one in the text; `undefined` if there is none. */
function countsOf(text) {
  const counts = Object.fromEntries(
    [...text.matchAll(/^ℹ (\w+) (\d+)$/gm)].map(([, word, number]) => [word, Number(number)]),
  )
  return 'tests' in counts ? counts : undefined
}

/** Names of the tests that failed, as the reporter lists them at the end. */
function failedTests(text) {
  const list = /^✖ failing tests:\n([\s\S]*)/m.exec(text)?.[1] ?? ''
  return [...list.matchAll(/^✖ (.*) \([\d.]+ms\)$/gm)].map(([, name]) => name)
}

function report() {
  if (slow.length > 0) console.log(`\nleft out by --fast: ${slow.join(', ')}`)
  if (failures.length > 0) console.log(`\n✖ failed:\n${failures.map((line) => `  ${line}`).join('\n')}`)
  console.log('')
  for (const word of COUNTED) console.log(`ℹ ${word} ${totals[word]}`)
  console.log(`ℹ duration_ms ${Math.round(performance.now() - started)}`)
  process.exitCode = failures.length === 0 ? 0 : 1
}

function positiveInteger(name) {
  const value = Number(options[name])
  if (Number.isInteger(value) && value > 0) return value
  console.error(`--${name}: expected a positive whole number, got ${options[name]}`)
  process.exit(2)
}
