// Runs every program of examples/ and compares what it prints with what its closing comment says.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, test } from 'node:test'
import { compareOutput, type Example, parseExample, readExamples } from './structure/example.ts'

const examples = readExamples('examples')

/** Runs the program to its own end: a pool that keeps it alive makes the test time out. */
async function run(
  path: string,
  timeoutMs: number,
): Promise<{ stdout: string; stderr: string; status: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const status = await new Promise<string>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) =>
      resolve(signal === null ? `exit status ${code}` : `ended by ${signal}`),
    )
  })
  return { stdout, stderr, status }
}

// Most of their time is sleep.
describe('examples', { concurrency: 3 }, () => {
  for (const example of examples) {
    test(example.path, { timeout: 90_000 }, async () => {
      assert.ok(example.output, 'the file does not end in a comment with its output')
      const { stdout, stderr, status } = await run(example.path, 60_000)
      assert.equal(status, 'exit status 0', stderr)
      const { expected, actual } = compareOutput(example, stdout)
      assert.deepEqual(actual, expected, stderr)
    })
  }
})

describe('closing comment', () => {
  const parse = (text: string): Example => parseExample('x.ts', text)

  test('is the last block of the file and may hold empty lines', () => {
    assert.deepEqual(parse("log('a')\n\n// Output:\n// a\n//\n//  b\n"), {
      path: 'x.ts',
      program: "log('a')\n",
      output: ['a', '', ' b'],
      ordered: true,
    })
  })

  test('in the middle of the file does not count, nor does a file without one', () => {
    assert.equal(parse("// Output:\n// a\nlog('a')\n").output, undefined)
    assert.equal(parse("log('a')\n").output, undefined)
  })

  test('a missing, an extra and a misplaced line are each a difference, unless the order is free', () => {
    const differs = (text: string, stdout: string) => {
      const { expected, actual } = compareOutput(parse(text), stdout)
      return JSON.stringify(expected) !== JSON.stringify(actual)
    }
    assert.equal(differs('// Output:\n// a\n// b\n', 'a\nb\n'), false)
    assert.equal(differs('// Output:\n// a\n// b\n', 'a\n'), true)
    assert.equal(differs('// Output:\n// a\n// b\n', 'a\nb\nc\n'), true)
    assert.equal(differs('// Output:\n// a\n// b\n', 'b\na\n'), true)
    assert.equal(differs('// Unordered output:\n// a\n// b\n', 'b\na\n'), false)
    assert.equal(differs('// Unordered output:\n// a\n// b\n', 'b\nb\n'), true)
  })
})
