// The main job of plait, on real input: `npm start`. It asks `plait choose` how to run three jobs, one that
// waits and two that compute, and writes a report of each to reports/.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageFiles } from './files.js'

const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '../..')
const reports = resolve(root, 'reports')
const installed = resolve(root, 'node_modules')

mkdirSync(reports, { recursive: true })
const files = packageFiles(installed, 160)
const bytes = files.reduce((sum, file) => sum + file.length, 0)

// Ctrl-C reaches plait as well, which cleans up and ends; then this program does.
let interrupted = false
process.on('SIGINT', () => {
  interrupted = true
})
let plait
process.on('SIGTERM', () => {
  plait?.kill()
  process.exit(143)
})

const server = fork(resolve(here, 'server.js'), [installed])
const [{ port }] = await Promise.race([
  once(server, 'message'),
  once(server, 'exit').then(([code]) => {
    throw new Error(`the download server ended with status ${code}`)
  }),
])

/** Writes the arguments of a job, one list for each call, and gives the option that names them. */
function argumentsFile(name, lists) {
  const path = resolve(reports, name)
  writeFileSync(path, `${JSON.stringify(lists, null, 1)}\n`)
  return `@${relative(root, path)}`
}

const jobs = [
  {
    says: `I/O-bound: download 160 files (${(bytes / 1e6).toFixed(1)} MB) from a server 40 ms away`,
    work: 'download.ts#download',
    args: argumentsFile(
      'download.args.json',
      files.map((file) => [
        `http://127.0.0.1:${port}/${file.name.split('/').map(encodeURIComponent).join('/')}`,
        file.length,
        file.sha256,
      ]),
    ),
    report: 'download.html',
  },
  {
    says: `CPU-bound: compress and hash the same ${files.length} files in plain JavaScript, ten times`,
    work: 'compress.ts#compress',
    args: argumentsFile(
      'compress.args.json',
      files.map((file) => [relative(root, file.path)]),
    ),
    // Once over is done in little more than a second, which is what starting workers costs.
    count: 10 * files.length,
    report: 'compress.html',
  },
  {
    says: 'CPU-bound: fib(35), twenty times',
    work: 'fib.ts#fib',
    args: '[[35]]',
    count: 20,
    report: 'fib.html',
  },
]

const answers = []
for (const { says, work, args, count, report } of jobs) {
  console.log(`\n${says}\n`)
  const html = relative(root, resolve(reports, report))
  const options = ['--args', args, '--html', html, ...(count ? ['--count', String(count)] : [])]
  const target = relative(root, resolve(here, work))
  plait = spawn(process.execPath, ['dist/cli/main.js', 'choose', target, ...options], {
    cwd: root,
    stdio: 'inherit',
  })
  const [code] = await once(plait, 'exit')
  if (interrupted) break
  if (code === 0) answers.push({ name: work.replace(/.*#/, ''), headline: headlineOf(html), html })
  else process.exitCode = 1
}
server.disconnect()

if (interrupted) process.exitCode = 130
else if (answers.length > 0) {
  console.log('\nWhat plait recommends, and the reports to open in a browser:')
  for (const { name, headline, html } of answers) {
    console.log(`  ${name.padEnd(10)} ${headline.padEnd(42)} ${html}`)
  }
}

/** The recommendation, as the report has it for its headline. */
function headlineOf(html) {
  return /<h1>(.*?)<\/h1>/.exec(readFileSync(resolve(root, html), 'utf8'))?.[1] ?? ''
}
