import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { run, timeout } from 'plait/asyncio'
import {
  EventLoopExecutor,
  InitializerError,
  InvalidStateError,
  ProcessPoolExecutor,
  QueueFull,
  ThreadPoolExecutor,
} from 'plait/futures'
import { all, failureOf, linesOf, newFile, until } from '../futures/helpers.ts'
import * as work from './fixtures/work.mjs'
import { pools, test } from './subjects.ts'

const wrong: [options: unknown, kind: string, words: RegExp][] = [
  [null, 'TypeError', /options/],
  [4, 'TypeError', /options/],
  [{ maxWorkers: 0 }, 'RangeError', /maxWorkers.*0/],
  [{ maxWorkers: -1 }, 'RangeError', /maxWorkers/],
  [{ maxWorkers: Number.NaN }, 'RangeError', /maxWorkers.*NaN/],
  [{ maxWorkers: Number.POSITIVE_INFINITY }, 'RangeError', /maxWorkers/],
  [{ maxWorkers: 2n }, 'TypeError', /maxWorkers/],
  [{ maxWorkers: 1, minWorkers: 2 }, 'RangeError', /minWorkers.*maxWorkers/],
  [{ minWorkers: 0.5 }, 'RangeError', /minWorkers/],
  [{ idleTimeout: 'never' }, 'TypeError', /idleTimeout.*never/],
  [{ initializer: 'prepare' }, 'TypeError', /initializer/],
  [{ initargs: 'ab' }, 'TypeError', /initargs/],
  [{ finalizer: {} }, 'TypeError', /finalizer/],
  [{ maxTasksPerWorker: 0 }, 'RangeError', /maxTasksPerWorker/],
  [{ maxQueue: -1 }, 'RangeError', /maxQueue/],
  [{ maxQueue: '5' }, 'TypeError', /maxQueue/],
  [{ cancelGrace: '1 s' }, 'TypeError', /cancelGrace/],
  [{ name: 5 }, 'TypeError', /name/],
]

test('options › are refused by name, with what came', () => {
  const refused = (make: () => unknown, kind: string, words: RegExp) =>
    assert.throws(make, (error: any) => {
      assert.deepEqual([error.name, error.code], [kind, 'PLAIT_INVALID_ARGUMENT'], error.message)
      assert.match(error.message, words)
      return true
    })
  for (const [options, kind, words] of wrong) {
    refused(() => new ThreadPoolExecutor(options as never), kind, words)
    refused(() => new ProcessPoolExecutor(options as never), kind, words)
  }
  refused(() => new EventLoopExecutor(null as never), 'TypeError', /options/)
  refused(() => new EventLoopExecutor({ maxConcurrency: 0 }), 'RangeError', /maxConcurrency/)
  refused(() => new EventLoopExecutor({ maxConcurrency: '3' as never }), 'TypeError', /maxConcurrency/)
})

for (const { name, pool: make } of pools) {
  describe(`${name}, initializer`, () => {
    test('may be asynchronous, runs once in each worker with its arguments, before the first task', async () => {
      const file = newFile()
      await using pool = make({ maxWorkers: 2, initializer: work.prepareLater, initargs: [file, 'x'] })
      assert.deepEqual(linesOf(file), [])
      const ready = await Promise.all([1, 2, 3, 4, 5].map(() => pool.submit(work.prepared)))
      assert.deepEqual(ready, Array(5).fill('x'))
      assert.equal(linesOf(file).length, pool.stats().workers)
    })

    test('that fails the first time fails the first task only', async () => {
      const file = newFile()
      await using pool = make({ maxWorkers: 1, initializer: work.failFirst, initargs: [file] })
      const error = await failureOf(pool.submit(work.add, 1, 1))
      assert.ok(error instanceof InitializerError, String(error))
      assert.equal(error.code, 'PLAIT_INITIALIZER')
      assert.ok(error.cause instanceof work.Registered)
      assert.equal(await pool.submit(work.add, 1, 2), 3)
      assert.deepEqual(linesOf(file), ['tried', 'tried'])
    })

    test('that is not exported, or whose arguments cannot be sent, says what to do', async () => {
      function hidden() {}
      for (const options of [{ initializer: hidden }, { initializer: work.nothing, initargs: [() => 1] }]) {
        await using pool = make({ maxWorkers: 1, ...(options as object) })
        const error = await failureOf(pool.submit(work.add, 1, 1))
        assert.ok(error instanceof InitializerError, String(error))
        assert.match(error.message, /hidden.*export|function cannot be sent|could not be cloned/s)
      }
    })

    test('that hangs holds up its task, which can be cancelled, and the pool be shut down', async () => {
      const file = newFile()
      const pool = make({ maxWorkers: 1, initializer: work.hang, initargs: [file], cancelGrace: 1 })
      const futures = [pool.submit(work.add, 1, 1), pool.submit(work.add, 1, 2)]
      await until(() => linesOf(file).length > 0)
      assert.deepEqual(
        futures.map((future) => future.state),
        ['pending', 'pending'],
      )
      futures[0]!.cancel('no more')
      assert.equal((await failureOf(futures[0]!)).reason, 'no more')
      await pool.shutdown({ timeout: 1 })
      assert.equal(futures[1]!.cancelled(), true)
      assert.equal(pool.stats().workers, 0)
    })

    test('that ends its worker gives an answer to every task, and does not start workers for ever', async () => {
      await using pool = make({ maxWorkers: 2, initializer: work.exitNow, initargs: [3] })
      const errors = await Promise.all([1, 2, 3, 4].map(() => failureOf(pool.submit(work.nothing))))
      for (const error of errors) assert.match(error.code, /PLAIT_(WORKER_DIED|INITIALIZER)/)
      assert.ok(pool.stats().died <= 6, `${pool.stats().died}`)
    })
  })

  describe(`${name}, finalizer`, () => {
    test('runs when a worker is replaced, idle for too long, or shut down', async () => {
      const file = newFile()
      const env = { ...process.env, TIDY_FILE: file }
      const pool = make({
        maxWorkers: 1,
        maxTasksPerWorker: 1,
        idleTimeout: 1,
        finalizer: work.tidy,
        env,
      })
      const ids = []
      for (let i = 0; i < 2; i++) ids.push((await pool.submit(work.where)).id)
      assert.deepEqual(ids, [1, 2])
      await until(() => linesOf(file).length === 2)
      await pool.shutdown()
      const idle = make({ maxWorkers: 1, idleTimeout: 1, finalizer: work.tidy, env })
      await idle.submit(work.nothing)
      await until(() => linesOf(file).length === 3 && idle.stats().workers === 0)
      await idle.shutdown()
      assert.equal(linesOf(file).length, 3)
      assert.equal(idle.stats().died, 0)
    })

    test('that hangs is ended by the timeout of shutdown', async () => {
      const pool = make({ maxWorkers: 1, finalizer: work.hangOnExit, cancelGrace: 1 })
      assert.equal(await pool.submit(work.add, 1, 1), 2)
      await pool.shutdown({ timeout: 1 })
      assert.equal(pool.stats().workers, 0)
    })
  })

  describe(`${name}, workers`, () => {
    test('are ended when idle for too long, and started again', async () => {
      await using pool = make({ maxWorkers: 1, idleTimeout: 0 })
      const first = await pool.submit(work.where)
      await until(() => pool.stats().workers === 0)
      const second = await pool.submit(work.where)
      assert.deepEqual([first.id, second.id, pool.stats().died], [1, 2, 0])
    })

    test('are there before there is work, as many as minWorkers, also after a death', async () => {
      await using pool = make({ maxWorkers: 2, minWorkers: 1, name: 'crew' })
      await until(() => pool.stats().idle === 1)
      assert.equal((await pool.submit(work.where)).name, 'crew-1')
      await failureOf(pool.submit(work.exitNow, 1))
      await until(() => pool.stats().idle === 1)
      assert.deepEqual([pool.stats().workers, pool.stats().died], [1, 1])
    })

    test('are new after each task where maxTasksPerWorker is 1, failed ones count, and maps as well', async () => {
      await using pool = make({ maxWorkers: 1, maxTasksPerWorker: 1 })
      const first = await pool.submit(work.callNumber)
      await failureOf(pool.submit(work.failOdd, 1))
      const second = await pool.submit(work.callNumber)
      assert.deepEqual([first, second], [1, 1])
      const seen = await all(pool.map(work.callNumber as () => number, [0, 0], { chunksize: 2 }))
      assert.deepEqual(seen, [1, 1])
      assert.equal(pool.stats().died, 0)
    })

    test('may have pools of their own', async () => {
      await using pool = make({ maxWorkers: 1 })
      assert.equal(await pool.submit(work.sumInThreads, [1, 2, 3]), 12)
    })
  })

  describe(`${name}, maxQueue`, () => {
    test('of zero takes as many as can run, and one more when one has ended', async () => {
      await using pool = make({ maxWorkers: 1, maxQueue: 0 })
      const gate = newFile()
      const first = pool.submit(work.hold, gate, 1)
      assert.throws(
        () => pool.submit(work.add, 1, 1),
        (error: any) => {
          assert.ok(error instanceof QueueFull)
          assert.equal(error.code, 'PLAIT_QUEUE_FULL')
          assert.match(error.message, /ready\(\)/)
          return true
        },
      )
      assert.deepEqual([pool.stats().queued + pool.stats().running, pool.stats().failed], [1, 0])
      const second = pool.ready().then(() => pool.submit(work.add, 1, 1))
      work.mark(gate, 'go')
      assert.deepEqual([await first, await second], [1, 2])
      await pool.ready()
      assert.deepEqual(await all(pool.map(work.double, [1, 2, 3], { chunksize: 2 })), [2, 4, 6])
    })

    test('gives the room of a cancelled task to the next, and ends those who wait with the pool', async () => {
      const pool = make({ maxWorkers: 1, maxQueue: 1 })
      const gate = newFile()
      const futures = [pool.submit(work.hold, gate, 1), pool.submit(work.hold, gate, 2)]
      const cut = failureOf(run(() => timeout(1, () => pool.ready())))
      assert.equal((await cut).code, 'PLAIT_TIMEOUT')
      const ready = pool.ready()
      futures[1]!.cancel()
      await ready
      const third = pool.submit(work.hold, gate, 3)
      const late = failureOf(pool.ready())
      const end = pool.shutdown()
      assert.ok((await late) instanceof InvalidStateError)
      await assert.rejects(async () => pool.ready(), InvalidStateError)
      work.mark(gate, 'go')
      await end
      assert.deepEqual([futures[0]!.result(), third.result()], [1, 3])
    })
  })

  describe(`${name}, shutdown`, () => {
    test('while workers start waits for the work', async () => {
      const pool = make({ maxWorkers: 2 })
      const futures = [1, 2, 3].map((n) => pool.submit(work.add, n, n))
      const ends = [pool.shutdown(), pool.shutdown(), pool[Symbol.asyncDispose]()]
      assert.throws(() => pool.submit(work.add, 1, 1), /shut down/)
      assert.throws(() => pool.with({ priority: 1 }).submit(work.add, 1, 1), InvalidStateError)
      await Promise.all(ends)
      assert.deepEqual(
        futures.map((future) => future.result()),
        [2, 4, 6],
      )
      assert.deepEqual([pool.stats().workers, pool.stats().idle], [0, 0])
    })

    test('a second one may be shorter than the first', async () => {
      const pool = make({ maxWorkers: 1 })
      const file = newFile()
      const stuck = pool.submit(work.spinUntil, newFile(), file)
      const waiting = pool.submit(work.add, 1, 1)
      await until(() => linesOf(file).length === 1)
      const first = pool.shutdown({ timeout: '1h' })
      await pool.shutdown({ timeout: 1 })
      await first
      assert.deepEqual([stuck.state, waiting.state], ['cancelled', 'cancelled'])
      assert.equal(pool.stats().workers, 0)
    })

    test('from inside of a callback, and without waiting, ends in time', async () => {
      const pool = make({ maxWorkers: 1 })
      const ended = new Promise<void>((resolve) => {
        pool.submit(work.add, 1, 1).addDoneCallback(() => resolve(pool.shutdown()))
      })
      const second = pool.submit(work.add, 2, 2)
      await pool.shutdown({ wait: false })
      await ended
      assert.equal(second.result(), 4)
    })

    test('of a pool that only warmed up ends its workers', async () => {
      const pool = make({ maxWorkers: 2, minWorkers: 2 })
      await pool.shutdown()
      assert.equal(pool.stats().workers, 0)
    })

    test('refuses wrong options, and takes right ones afterwards', async () => {
      const pool = make({ maxWorkers: 1 })
      for (const options of [null, 5, { timeout: 'soon' }, { timeout: Number.NaN }])
        await assert.rejects(pool.shutdown(options as never), { code: 'PLAIT_INVALID_ARGUMENT' })
      assert.equal(await pool.submit(work.add, 1, 1), 2)
      await pool.shutdown({ wait: true, cancelFutures: false, timeout: '1m' })
    })
  })
}
