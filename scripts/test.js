// Runs the tests: `npm test [-- WORD …]` runs the files whose path contains one of the words.
// Node 20's test runner takes no patterns, hence this file. Used by people and by CI.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

const words = process.argv.slice(2)
const files = readdirSync('tests', { recursive: true })
  .map((name) => `tests/${name.replaceAll('\\', '/')}`)
  .filter(
    (name) => name.endsWith('.test.ts') && (words.length === 0 || words.some((word) => name.includes(word))),
  )
  .sort()
if (files.length === 0) {
  console.error(`no test file matches: ${words.join(' ')}`)
  process.exit(1)
}
const run = spawnSync(process.execPath, ['--import', 'tsx', '--test', '--test-reporter=spec', ...files], {
  stdio: 'inherit',
})
process.exit(run.status ?? 1)
