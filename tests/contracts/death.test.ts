import assert from 'node:assert/strict'
import { describe } from 'node:test'
import {
  type Executor,
  type Future,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
  WorkerDiedError,
} from 'plait/futures'
import { failureOf, isAlive, linesOf, newFile, until } from '../futures/helpers.ts'
import * as work from './fixtures/work.mjs'
import { pools, settledOf, test } from './subjects.ts'

async function diedOf(future: Future<unknown>): Promise<WorkerDiedError> {
  const error = await failureOf(future)
  assert.ok(error instanceof WorkerDiedError, String(error))
  assert.equal(error.code, 'PLAIT_WORKER_DIED')
  assert.equal(future.state, 'failed')
  return error
}

/** Everything works, and nothing is left of what was. */
async function isWhole(pool: Executor, submitted: number): Promise<void> {
  assert.equal(await pool.submit(work.add, 1, 1), 2)
  const { queued, running } = pool.stats()
  assert.deepEqual([queued, running, settledOf(pool)], [0, 0, submitted + 1])
}

for (const { name, pool: make } of pools) {
  describe(`${name}, death`, () => {
    test('by an error of somebody else in the worker names it as the cause, wherever it was thrown', async () => {
      await using pool = make({ maxWorkers: 1 })
      const places = ['tick', 'immediate', 'microtask', 'rejection']
      for (const place of places) {
        const error = await diedOf(pool.submit(work.throwIn, place))
        assert.ok(error.cause instanceof work.Registered, `${place}: ${String(error.cause)}`)
        assert.equal((error.cause as work.Registered).level, 3)
      }
      await isWhole(pool, places.length)
    })

    test('is no stack overflow: that is an error like others, and the worker lives', async () => {
      await using pool = make({ maxWorkers: 1 })
      const { id } = await pool.submit(work.where)
      const error = await failureOf(pool.submit(work.overflow))
      assert.ok(error instanceof RangeError, String(error))
      assert.equal((await pool.submit(work.where)).id, id)
      assert.equal(pool.stats().died, 0)
    })

    test('right behind the answer does not take the answer back', async () => {
      await using pool = make({ maxWorkers: 1 })
      for (let round = 0; round < 3; round++) {
        assert.equal(await pool.submit(work.answerAndExit, round), round)
        // The next one may be the victim, since it may have begun; it gets an answer in any case.
        const [next] = await Promise.allSettled([pool.submit(work.echo, 'next')])
        if (next.status === 'rejected') assert.ok(next.reason instanceof WorkerDiedError)
        else assert.equal(next.value, 'next')
      }
      await until(() => pool.stats().died === 3)
      await isWhole(pool, 6)
    })

    test('of one worker is none of the business of the others', async () => {
      await using pool = make({ maxWorkers: 2 })
      const [gate, file] = [newFile(), newFile()]
      const neighbour = pool.submit(work.hold, gate, 'neighbour', file)
      await until(() => linesOf(file).length === 1)
      for (const code of [0, 1]) {
        const error = await diedOf(pool.submit(work.exitNow, code))
        assert.deepEqual([error.exitCode, error.signal, error.outOfMemory], [code, null, false])
      }
      assert.equal(neighbour.done(), false)
      work.mark(gate, 'go')
      assert.equal(await neighbour, 'neighbour')
      await isWhole(pool, 3)
    })

    test('is tried again as often as was asked, and no more; the attempts are counted', async () => {
      await using pool = make({ maxWorkers: 1 })
      const [enough, few] = [newFile(), newFile()]
      const asked: number[] = []
      const delay = (attempt: number) => {
        asked.push(attempt)
        return 1
      }
      const patient = pool.with({ retries: { times: 2, on: ['death'], delay } })
      assert.equal(await patient.submit(work.dieTimes, enough, 2), 3)
      assert.deepEqual(asked, [1, 2])
      const error = await diedOf(pool.with({ retries: 1 }).submit(work.dieTimes, few, 9))
      assert.equal(error.exitCode, 12)
      assert.equal(linesOf(few).length, 2)
      assert.deepEqual([pool.stats().died, pool.stats().failed], [4, 1])
      await isWhole(pool, 2)
    })

    test('of all workers at once leaves a pool that works, and books that add up', async () => {
      await using pool = make({ maxWorkers: 2 })
      const futures: Future<unknown>[] = []
      for (let n = 0; n < 24; n++)
        futures.push(n % 8 < 2 ? pool.submit(work.exitNow, n) : pool.submit(work.failOdd, n))
      futures[15]!.cancel()
      futures[20]!.cancel()
      const results = await Promise.allSettled(futures)
      const { completed, failed, cancelled, died } = pool.stats()
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, completed)
      assert.deepEqual([completed, failed, cancelled, died], [8, 14, 2, 6])
      await isWhole(pool, 24)
    })

    test('is not caused by code in the worker that talks on its channel', async () => {
      await using pool = make({ maxWorkers: 1 })
      const messages = [
        'ready',
        { type: 'ready' },
        { type: 'result', id: 9 },
        { type: 'dying' },
        null,
        7,
        undefined,
        [],
      ]
      for (const message of kindOf(pool) === 'process' ? messages.filter((m) => m !== undefined) : messages)
        assert.equal(await pool.submit(work.speaks, message), 'spoken')
      await isWhole(pool, kindOf(pool) === 'process' ? 7 : 8)
    })
  })
}

function kindOf(pool: Executor): 'thread' | 'process' {
  return pool.capabilities.model === 'processes' ? 'process' : 'thread'
}

describe('thread pool executor, death', () => {
  test('for lack of memory says so, again and again, and neighbours go on', async () => {
    await using pool = new ThreadPoolExecutor({
      maxWorkers: 2,
      resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 2 },
    })
    const [gate, file] = [newFile(), newFile()]
    const neighbour = pool.submit(work.hold, gate, 'neighbour', file)
    await until(() => linesOf(file).length === 1)
    for (let round = 0; round < 2; round++) {
      const error = await diedOf(pool.submit(work.useUpMemory))
      assert.equal(error.outOfMemory, true)
      assert.match(error.message, /useUpMemory.*memory/)
    }
    work.mark(gate, 'go')
    assert.equal(await neighbour, 'neighbour')
    await isWhole(pool, 3)
  })
})

describe('process pool executor, death', () => {
  const make = (maxWorkers: number) => new ProcessPoolExecutor({ maxWorkers, execArgv: [], cancelGrace: 1 })

  test('by SIGKILL at the moment of the result leaves one or the other', async () => {
    await using pool = make(1)
    let results = 0
    for (let round = 0; round < 4; round++) {
      const { pid } = await pool.submit(work.where)
      const future = pool.submit(work.echo, round)
      future.addDoneCallback(() => isAlive(pid) && process.kill(pid, 'SIGKILL'))
      if (round % 2 === 1) process.kill(pid, 'SIGKILL')
      const [result] = await Promise.allSettled([future])
      if (result.status === 'fulfilled') results += 1
      else await diedOf(future)
      await until(() => !isAlive(pid))
    }
    assert.ok(results >= 2)
    await isWhole(pool, 8)
  })

  test('by SIGTERM and SIGABRT says which', async () => {
    await using pool = make(1)
    for (const signal of ['SIGTERM', 'SIGABRT'] as const) {
      const file = newFile()
      const { pid } = await pool.submit(work.where)
      const future = pool.submit(work.waitForEver, file)
      await until(() => linesOf(file).length === 1)
      process.kill(pid, signal)
      const error = await diedOf(future)
      assert.deepEqual([error.exitCode, error.signal], [null, signal])
    }
  })

  test('a worker that is stopped by SIGSTOP can be cancelled', async () => {
    await using pool = make(1)
    const file = newFile()
    const future = pool.submit(work.stopItself, file)
    await until(() => linesOf(file).length === 1)
    const pid = Number(linesOf(file)[0])
    future.cancel('frozen')
    assert.equal((await failureOf(future)).reason, 'frozen')
    await until(() => !isAlive(pid))
    assert.equal(await pool.submit(work.add, 1, 1), 2)
  })

  test('a worker that closes its own channel has died', async () => {
    await using pool = make(1)
    await diedOf(pool.submit(work.disconnects, newFile()))
    await isWhole(pool, 1)
  })
})
