import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { isAlive, linesOf, newFile, test, until } from './helpers.ts'

function start(program: string, ...args: string[]): ChildProcess & { printed: string } {
  const path = join(import.meta.dirname, 'programs', `${program}.js`)
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const running = Object.assign(child, { printed: '' })
  child.stdout.setEncoding('utf8').on('data', (text) => {
    running.printed += text
  })
  return running
}

/** What it printed, once it has ended by itself. */
async function end(program: ChildProcess & { printed: string }): Promise<string> {
  const [code, signal] = await once(program, 'close')
  assert.deepEqual([code, signal], [0, null])
  return program.printed.trim()
}

/** Ended, or ended and not yet noticed by the parent that inherited it. */
function isGone(pid: number): boolean {
  if (!isAlive(pid)) return true
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

describe('a program with pools', () => {
  test('ends by itself when they are idle, and takes their workers with it', async () => {
    const pids = (await end(start('idle'))).split(' ').map(Number)
    assert.equal(pids.length, 1)
    for (const pid of pids) await until(() => isGone(pid))
  })

  test('lives until what was submitted is done', async () => {
    const lines = (await end(start('unawaited'))).split('\n').sort()
    assert.deepEqual(lines, ['ProcessPoolExecutor', 'ThreadPoolExecutor'])
  })

  for (const [kind, death] of [
    ['process', 'SIGKILL'],
    ['thread', 3],
  ] as const) {
    test(`ends by itself after a ${kind} died in the middle of a map`, async () => {
      const { done, errors, pid } = JSON.parse(await end(start('kill-in-map', kind)))
      assert.deepEqual([done, errors], [999, [`WorkerDiedError ${death}`]])
      if (kind === 'process') await until(() => isGone(pid))
    })
  }

  for (const [what, signal] of [
    ['idle', 'SIGKILL'],
    ['waiting', 'SIGKILL'],
    ['computing', 'SIGKILL'],
    ['idle', 'SIGTERM'],
    ['computing', 'SIGINT'],
    ['waiting', 'SIGINT'],
  ] as const) {
    test(`that is ended by ${signal} leaves no worker that is ${what}`, async () => {
      const file = newFile()
      const parent = start('parent', what, file)
      await until(() => parent.printed !== '' && (what === 'idle' || linesOf(file).length > 0))
      parent.kill(signal)
      const [code, by] = await once(parent, 'close')
      assert.deepEqual([code, by], [null, signal])
      await until(() => isGone(Number(parent.printed)))
    })
  }

  test('gets what a worker printed right before its death', async () => {
    const lines = (await end(start('last-words'))).split('\n').sort()
    assert.deepEqual(lines, [
      'WorkerDiedError',
      'WorkerDiedError',
      'first words, last words',
      'first words, last words',
    ])
  })

  test('given as text can use pools too', async () => {
    const text = `
      import { ThreadPoolExecutor, ProcessPoolExecutor } from 'plait/futures'
      for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
        const pool = new Pool({ maxWorkers: 1 })
        console.log(await pool.submit(Math.max, 3, 5))
        await pool.shutdown()
      }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const printed = await child.stdout.setEncoding('utf8').toArray()
    assert.equal(printed.join(''), '5\n5\n')
  })

  test('leaves nothing open after shutdown', async () => {
    const { before, after, resources } = JSON.parse(await end(start('leftovers', newFile())))
    assert.ok(after <= before, `${after} descriptors, ${before} before`)
    assert.deepEqual(resources, [])
  })
})
