import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

function runFixture(name: string, ...flags: string[]) {
  const file = fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))
  return spawnSync(process.execPath, [...flags, file], { encoding: 'utf8', timeout: 30_000 })
}

describe('failures nobody looks at', () => {
  test('are reported on stderr once, with the place of creation, and the process ends with status 1', () => {
    const { status, stderr } = runFixture('forgotten-task.mjs')
    assert.equal(status, 1)
    assert.equal(stderr.match(/nobody looked at its error/g)?.length, 1)
    assert.match(stderr, /forgotten failed/)
    assert.match(stderr, /Error: lost/)
    assert.match(stderr, /it was created\n\s+at .*forgotten-task\.mjs:4/)
  })

  test('are reported when the task is collected, while the run goes on', () => {
    const { status, stdout } = runFixture('collected-task.mjs', '--expose-gc')
    assert.equal(stdout, 'reported: lost, task: undefined\nrun goes on\n')
    assert.equal(status, 0)
  })

  test('are not reported if somebody awaited, read or was called back with them', () => {
    const { status, stdout, stderr } = runFixture('observed-tasks.mjs')
    assert.equal(stderr, '')
    assert.equal(stdout, 'done\n')
    assert.equal(status, 0)
  })
})
