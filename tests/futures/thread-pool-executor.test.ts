import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { ThreadPoolExecutor, WorkerDiedError } from 'plait/futures'
import * as fn from './functions.js'
import { failureOf, test } from './helpers.ts'

describe('thread pool executor', () => {
  test('runs in threads of this process', async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 })
    const { kind, pid } = await pool.submit(fn.where)
    assert.deepEqual([kind, pid], ['thread', process.pid])
    assert.equal(pool.capabilities.model, 'threads')
  })

  test('process.exit() in a task ends its thread only', async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 })
    const error = await failureOf(pool.submit(fn.exitWith, 1, 3, 1))
    assert.ok(error instanceof WorkerDiedError)
    assert.deepEqual([error.exitCode, error.signal, error.outOfMemory], [3, null, false])
  })

  test('a thread that runs out of memory says so', async () => {
    await using pool = new ThreadPoolExecutor({
      maxWorkers: 1,
      resourceLimits: { maxOldGenerationSizeMb: 16 },
    })
    const error = await failureOf(pool.submit(fn.useUpMemory))
    assert.ok(error instanceof WorkerDiedError)
    assert.equal(error.outOfMemory, true)
    assert.equal(await pool.submit(fn.add, 1, 2), 3)
  })

  test('process.abort() in a task fails the task: a thread cannot', async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 })
    assert.equal((await failureOf(pool.submit(fn.abort))).code, 'ERR_WORKER_UNSUPPORTED_OPERATION')
  })

  test('what is transferred is moved', async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 })
    const buffer = new ArrayBuffer(16)
    const back = await pool.with({ transfer: [buffer] }).submit(fn.identity, buffer)
    assert.deepEqual([buffer.byteLength, (back as ArrayBuffer).byteLength], [0, 16])
  })

  test('limits that the platform refuses fail the task', async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1, env: 5 as never })
    const error = await failureOf(pool.submit(fn.add, 1, 2))
    assert.ok(error instanceof WorkerDiedError)
    assert.equal((error.cause as { code?: string }).code, 'ERR_INVALID_ARG_TYPE')
  })
})
