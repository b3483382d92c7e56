import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inheritedArguments } from '../../src/workers/inherited-arguments.ts'

describe('options of Node that a worker takes over', () => {
  test('loaders, conditions, limits and warnings stay', () => {
    const all = [
      '--import',
      'tsx',
      '-r',
      './x.cjs',
      '--conditions=dev',
      '--max-old-space-size=99',
      '--no-warnings',
      '--enable-source-maps',
    ]
    assert.deepEqual(inheritedArguments(all), all)
  })

  test('what says what to run, watch, test or debug goes, with its value', () => {
    const cases = [
      ['-e', 'code'],
      ['--eval', 'code'],
      ['--eval=code'],
      ['-p', '1'],
      ['--print', '1'],
      ['-pe', '1'],
      ['--input-type=module'],
      ['--input-type', 'module'],
      ['--test'],
      ['--test-name-pattern', 'x'],
      ['--test-name-pattern=x'],
      ['--watch'],
      ['--watch-path', 'src'],
      ['--watch-path=src'],
      ['--inspect'],
      ['--inspect=0'],
      ['--inspect-brk=127.0.0.1:1'],
      ['--inspect-port', '1'],
      ['-c'],
      ['-i'],
    ]
    for (const some of cases)
      assert.deepEqual(
        inheritedArguments(['--no-warnings', ...some, '--import', 'y']),
        ['--no-warnings', '--import', 'y'],
        some.join(' '),
      )
  })
})
