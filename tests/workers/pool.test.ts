// What pools of threads and of processes promise beyond the executor contract.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { timeout } from 'plait/asyncio'
import { CancelledError, InitializerError, QueueFull, TransferError, workerInfo } from 'plait/futures'
import { pools } from '../futures/executors.ts'
import * as fn from '../futures/functions.js'
import { area } from '../futures/functions-in-typescript.ts'
import { all, failureOf, linesOf, newFile, test, until } from '../futures/helpers.ts'
import { started } from '../futures/slow-module.js'

for (const [kind, make] of [
  ['thread', pools['thread pool']],
  ['process', pools['process pool']],
] as const) {
  describe(`${kind} pool`, () => {
    describe('workers', () => {
      test('know who they are', async () => {
        await using pool = make({ maxWorkers: 1, name: 'crew' })
        const { id, name, kind: is } = await pool.submit(fn.where)
        assert.deepEqual([is, id, name], [kind, 1, 'crew-1'])
        assert.deepEqual(workerInfo(), { kind: 'main', id: 0, pid: process.pid, name: 'main' })
      })

      test('are started as needed, up to the limit, and used again', async () => {
        await using pool = make({ maxWorkers: 2 })
        assert.deepEqual(pool.stats(), {
          workers: 0,
          idle: 0,
          queued: 0,
          running: 0,
          completed: 0,
          failed: 0,
          cancelled: 0,
          died: 0,
        })
        for (let i = 0; i < 3; i++) await pool.submit(fn.where)
        assert.equal(pool.stats().workers, 1)
        const gate = newFile()
        const futures = [1, 2, 3, 4].map((n) => pool.submit(fn.waitFor, gate, n))
        await until(() => pool.stats().running === 2)
        assert.deepEqual([pool.stats().workers, pool.stats().queued], [2, 2])
        fn.append(gate, 'go')
        assert.deepEqual(await Promise.all(futures), [1, 2, 3, 4])
        await pool.shutdown()
        assert.deepEqual([pool.stats().workers, pool.stats().died], [0, 0])
      })

      test('are kept up to minWorkers, and ended when idle above it', async () => {
        await using pool = make({ maxWorkers: 2, minWorkers: 1, idleTimeout: '20ms' })
        assert.equal(pool.stats().workers, 1)
        await until(() => pool.stats().idle === 1)
        const gate = newFile()
        const futures = [1, 2].map((n) => pool.submit(fn.waitFor, gate, n))
        await until(() => pool.stats().running === 2)
        fn.append(gate, 'go')
        await Promise.all(futures)
        await until(() => pool.stats().workers === 1)
        assert.equal(await pool.submit(fn.add, 1, 2), 3)
        assert.equal(pool.stats().died, 0)
      })

      test('are replaced after maxTasksPerWorker, in a map as well', async () => {
        await using pool = make({ maxWorkers: 1, maxTasksPerWorker: 3 })
        const ids: number[] = []
        for (let i = 0; i < 7; i++) ids.push((await pool.submit(fn.where)).id)
        assert.deepEqual(ids, [1, 1, 1, 2, 2, 2, 3])
        const seen = await all(pool.map(fn.where, Array.from({ length: 8 }), { chunksize: 8 }))
        assert.deepEqual(
          seen.map((info) => (info as { id: number }).id),
          [3, 3, 4, 4, 4, 5, 5, 5],
        )
      })

      test('have the environment they were given', async () => {
        await using pool = make({ maxWorkers: 1, env: { ...process.env, COLOUR: 'green' } })
        assert.equal(await pool.submit(fn.environment, 'COLOUR'), 'green')
      })
    })

    describe('initializer and finalizer', () => {
      test('run once per worker, before the first and after the last task', async () => {
        const [file, tidy] = [newFile(), newFile()]
        const pool = make({
          maxWorkers: 1,
          initializer: fn.prepare,
          initargs: [file, 'ready'],
          finalizer: fn.tidyUp,
          env: { ...process.env, TIDY_FILE: tidy },
        })
        assert.deepEqual(await Promise.all([pool.submit(fn.prepared), pool.submit(fn.prepared)]), [
          'ready',
          'ready',
        ])
        assert.equal(linesOf(file).length, 1)
        assert.deepEqual(linesOf(tidy), [])
        await pool.shutdown()
        assert.deepEqual(linesOf(tidy), ['tidied'])
      })

      test('an initializer that fails fails the tasks, without endless restarting', async () => {
        const file = newFile()
        await using pool = make({ maxWorkers: 2, initializer: fn.failToPrepare, initargs: [file] })
        const errors = await Promise.all(
          Array.from({ length: 20 }, (_, n) => failureOf(pool.submit(fn.identity, n))),
        )
        for (const error of errors) {
          assert.ok(error instanceof InitializerError)
          assert.ok(error.cause instanceof fn.PaymentError)
          assert.equal((error.cause as fn.PaymentError).amount, 3)
        }
        assert.ok(linesOf(file).length <= 5, `${linesOf(file).length} attempts`)
        assert.ok((await failureOf(pool.submit(fn.add, 1, 1))) instanceof InitializerError)
      })

      test('an initializer that dies fails the tasks', async () => {
        await using pool = make({ maxWorkers: 1, initializer: fn.exitWith, initargs: [1, 9, 1] })
        const errors = await Promise.all([1, 2, 3].map((n) => failureOf(pool.submit(fn.identity, n))))
        for (const error of errors) assert.equal(error.exitCode, 9)
      })

      test('an initializer that cannot cross says so', async () => {
        await using pool = make({ maxWorkers: 1, initializer: fn.identity, initargs: [() => 1] })
        const error = await failureOf(pool.submit(fn.add, 1, 1))
        assert.ok(error instanceof InitializerError)
        await using other = make({ maxWorkers: 1, initializer: fn.identity, initargs: [] })
        assert.equal(await other.submit(fn.add, 1, 1), 2)
      })
    })

    describe('what crosses', () => {
      test('an argument or result that cannot fails that future only', async () => {
        await using pool = make({ maxWorkers: 1 })
        const { id } = await pool.submit(fn.where)
        const argument = await failureOf(pool.submit(fn.identity, { deep: [() => 1] }))
        assert.ok(argument instanceof TransferError)
        assert.match(argument.message, /argument 0/)
        assert.ok(argument.cause instanceof Error)
        const result = await failureOf(pool.submit(fn.giveFunction))
        assert.ok(result instanceof TransferError)
        assert.match(result.message, /result/)
        assert.equal((await pool.submit(fn.where)).id, id)
      })

      test('a function of a TypeScript module', async () => {
        await using pool = make({ maxWorkers: 1 })
        assert.equal(await pool.submit(area, { width: 3, height: 4 }), 12)
      })

      test('a function that cannot fails that future only', async () => {
        await using pool = make({ maxWorkers: 1 })
        const secret = Math.random()
        const error = await failureOf(pool.submit(() => secret))
        assert.ok(error instanceof TransferError)
        assert.equal(await pool.submit(fn.add, 1, 1), 2)
      })

      test('one item of a map that cannot fails at its place', async () => {
        await using pool = make({ maxWorkers: 1 })
        const seen = await all(pool.map(fn.identity, [1, () => 2, 3, 4] as unknown[], { chunksize: 4 }))
        assert.ok(seen[1] instanceof TransferError)
        assert.deepEqual([seen[0], seen[2], seen[3]], [1, 3, 4])
      })

      test('errors that are hard to carry arrive all the same', async () => {
        await using pool = make({ maxWorkers: 1 })
        const uncloneable = await failureOf(pool.submit(fn.throwUncloneable))
        assert.ok(uncloneable instanceof TypeError)
        assert.equal((uncloneable as { level?: number }).level, 4)
        const cyclic = await failureOf(pool.submit(fn.throwCyclic))
        assert.ok(cyclic instanceof TypeError)
        assert.equal(cyclic.message, 'cyclic')
        assert.equal(await failureOf(pool.submit(fn.throwNothing)), undefined)
        assert.equal(pool.stats().died, 0)
      })

      test('an error has the stack of both sides', async () => {
        await using pool = make({ maxWorkers: 1 })
        async function theCaller() {
          return await pool.submit(fn.failToPay, 1)
        }
        const error = await failureOf(theCaller())
        assert.match(error.stack, /failToPay[\s\S]*--- submitted at ---[\s\S]*theCaller/)
      })
    })

    describe('cancel by force', () => {
      test('a loop that asks ends without losing its worker', async () => {
        await using pool = make({ maxWorkers: 1, cancelGrace: '20s' })
        const file = newFile()
        const { id } = await pool.submit(fn.where)
        const future = pool.submit(fn.computeForEver, file)
        await until(() => linesOf(file).length === 1)
        future.cancel('enough')
        assert.equal((await failureOf(future)).reason, 'enough')
        assert.equal((await pool.submit(fn.where)).id, id)
      })

      test('a loop that never asks loses its worker after cancelGrace, and nobody else notices', async () => {
        await using pool = make({ maxWorkers: 1, cancelGrace: '20ms' })
        const file = newFile()
        const future = pool.submit(fn.stuckForEver, file)
        const others = [1, 2, 3].map((n) => pool.submit(fn.add, n, 1))
        await until(() => linesOf(file).length === 1)
        future.cancel('enough')
        const error = await failureOf(future)
        assert.ok(error instanceof CancelledError)
        assert.equal(error.reason, 'enough')
        assert.deepEqual(await Promise.all(others), [2, 3, 4])
        assert.deepEqual([pool.stats().died, pool.stats().cancelled], [0, 1])
      })

      test('a task of a chunk that is ended by its timeout takes nobody with it', async () => {
        await using pool = make({ maxWorkers: 1, cancelGrace: '20ms' })
        const file = newFile()
        const limited = pool.with({ timeout: '50ms' })
        const seen = await all(limited.map(fn.stuckIfFile, ['', file, '', '', file, ''], { chunksize: 6 }))
        assert.deepEqual(
          seen.map((item) => (item as Error).name ?? item),
          ['quick', 'TimeoutError', 'quick', 'quick', 'TimeoutError', 'quick'],
        )
        assert.equal(linesOf(file).length, 2)
      })

      test('work that is cancelled while its module is imported never starts', async () => {
        const gate = newFile()
        const env = { ...process.env, SLOW_GATE: gate }
        await using pool = make({ maxWorkers: 1, cancelGrace: '1h', env })
        const future = pool.submit(started)
        await until(() => linesOf(`${gate}.log`).length === 1)
        future.cancel('enough')
        const reported = failureOf(future)
        fn.append(gate, 'go')
        assert.equal((await reported).reason, 'enough')
        assert.equal(await pool.submit(fn.add, 1, 1), 2)
        assert.deepEqual(linesOf(`${gate}.log`), ['importing'])
      })

      test('a reason that cannot cross is still the reason here', async () => {
        await using pool = make({ maxWorkers: 1 })
        const [file, reason] = [newFile(), { callback: () => 1 }]
        const future = pool.submit(fn.waitForEver, file)
        await until(() => linesOf(file).length === 1)
        future.cancel(reason)
        assert.equal((await failureOf(future)).reason, reason)
      })
    })

    describe('room', () => {
      test('submit refuses what goes beyond maxQueue, and ready() waits for room', async () => {
        await using pool = make({ maxWorkers: 1, maxQueue: 2 })
        const gate = newFile()
        const futures = [1, 2, 3].map((n) => pool.submit(fn.waitFor, gate, n))
        assert.throws(() => pool.submit(fn.add, 1, 1), QueueFull)
        let roomy = false
        const ready = pool.ready().then(() => {
          roomy = true
          return pool.submit(fn.add, 5, 5)
        })
        await failureOf(timeout('20ms', () => pool.ready()))
        assert.equal(roomy, false)
        fn.append(gate, 'go')
        assert.equal(await ready, 10)
        assert.deepEqual(await Promise.all(futures), [1, 2, 3])
        await pool.ready()
      })

      test('many that wait for room all get it', async () => {
        await using pool = make({ maxWorkers: 1, maxQueue: 1 })
        const results = Array.from({ length: 30 }, async (_, n) => {
          await pool.ready()
          return await pool.submit(fn.identity, n)
        })
        assert.deepEqual(
          await Promise.all(results),
          Array.from({ length: 30 }, (_, n) => n),
        )
      })

      test('map waits for room by itself', async () => {
        await using pool = make({ maxWorkers: 1, maxQueue: 2 })
        const items = Array.from({ length: 40 }, (_, n) => n)
        assert.deepEqual(await all(pool.map(fn.identity, items, { chunksize: 5, buffersize: 20 })), items)
        assert.deepEqual(await all(pool.map(fn.identity, items)), items)
      })
    })

    test('wrong options are refused at once', () => {
      const wrong = [
        { maxWorkers: 0 },
        { maxWorkers: 1.5 },
        { maxWorkers: '2' },
        { minWorkers: -1 },
        { maxWorkers: 1, minWorkers: 2 },
        { idleTimeout: 'soon' },
        { initializer: 3 },
        { initargs: 3 },
        { finalizer: 'f' },
        { maxTasksPerWorker: 0 },
        { maxQueue: -1 },
        { cancelGrace: Number.NaN },
        { name: 4 },
      ]
      for (const options of wrong)
        assert.throws(
          () => make(options as never),
          { code: 'PLAIT_INVALID_ARGUMENT' },
          JSON.stringify(options),
        )
    })
  })
}
