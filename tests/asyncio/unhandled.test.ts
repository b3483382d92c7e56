import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { runProgram } from './program.ts'

const SOURCE = readFileSync(new URL('./fixtures/unlooked.js', import.meta.url), 'utf8').split('\n')

/** The lines (from 1) at which a program of the fixture calls createTask. */
function createdAt(program: string): number {
  const start = SOURCE.findIndex((line) => line.includes(`async ${program}()`))
  return SOURCE.findIndex((line, i) => i > start && line.includes('createTask(')) + 1
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}

describe('unhandled failures', { timeout: 120_000 }, () => {
  for (const name of ['one', 'fiber', 'leftover']) {
    test(`are reported once on stderr with the place of creation, and exit code 1 (${name})`, async () => {
      const ending = await runProgram('unlooked.js', [name])
      assert.equal(ending.stdout, 'fine\n', 'the run itself ends well, and nothing is an unhandledRejection')
      assert.equal(count(ending.stderr, 'RangeError: lost in the task'), 1)
      assert.match(ending.stderr, /loser/)
      assert.match(ending.stderr, new RegExp(`unlooked\\.js:${createdAt(name)}\\b`))
      assert.equal(ending.code, 1)
    })
  }

  test('are reported when the task is collected, if that is before the end of the run', async () => {
    const ending = await runProgram('unlooked.js', ['collected'], ['--expose-gc'])
    assert.equal(ending.stdout, 'reported before the end\nfine\n')
    assert.equal(count(ending.stderr, 'RangeError: lost in the task'), 1)
    assert.match(ending.stderr, new RegExp(`unlooked\\.js:${createdAt('collected')}\\b`))
    assert.equal(ending.code, 1)
  })

  test('go to onUnhandled instead, if there is one', async () => {
    const ending = await runProgram('unlooked.js', ['handled'])
    assert.equal(ending.stdout, 'handled lost in the task\nfine\n')
    assert.equal(ending.stderr, '')
    assert.equal(ending.code, 0)
  })
})

describe('done callback that throws', { timeout: 60_000 }, () => {
  test('is reported once, and takes neither the other callbacks nor those who await with it', async () => {
    const ending = await runProgram('unlooked.js', ['callback'])
    assert.deepEqual(ending.stdout.trim().split('\n').sort(), ['fine', 'second callback', 'value'])
    assert.equal(count(ending.stderr, 'RangeError: broken callback'), 1)
    assert.equal(ending.code, 1)
  })
})

describe('end of a program', { timeout: 60_000 }, () => {
  test('comes by itself after run, whatever the cancelled tasks were waiting for', async () => {
    const ending = await runProgram('unlooked.js', ['ends'])
    assert.equal(ending.stdout, 'fine\n')
    assert.equal(ending.code, 0)
    assert.equal(ending.signal, null)
  })

  test('comes by itself after run, even if waits were begun and never awaited to their end', async () => {
    const ending = await runProgram('unlooked.js', ['abandonedWaits'])
    assert.equal(ending.stdout, 'fine\n')
    assert.equal(ending.stderr, '')
    assert.equal(ending.code, 0)
  })

  test('comes by itself after run, even if whole blocks were begun and never awaited: their children end', async () => {
    const ending = await runProgram('unlooked.js', ['abandonedBlocks'])
    assert.equal(ending.stdout, '4\nfine\n')
    assert.equal(ending.stderr, '')
    assert.equal(ending.code, 0)
  })
})
