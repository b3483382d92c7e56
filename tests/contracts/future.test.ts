import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { gather, run, sleep } from 'plait/asyncio'
import { CancelledError, Future } from 'plait/futures'
import { failureOf, newFile, until } from '../futures/helpers.ts'
import * as work from './fixtures/work.mjs'
import { executors, test } from './subjects.ts'

for (const { name, lend } of executors) {
  describe(`${name}, future`, () => {
    test('goes from pending through running to each of its ends, and stays there', async () => {
      const executor = lend(1)
      const gate = newFile()
      const done = executor.submit(work.hold, gate, 1)
      const failed = executor.submit(work.failOdd, 1)
      const cancelled = executor.submit(work.add, 1, 1)
      const all = [done, failed, cancelled]
      await until(() => done.running())
      assert.deepEqual(
        all.map((future) => future.state),
        ['running', 'pending', 'pending'],
      )
      assert.deepEqual(
        all.map((future) => [future.done(), future.running(), future.cancelled()]),
        [
          [false, true, false],
          [false, false, false],
          [false, false, false],
        ],
      )
      for (const future of all) {
        assert.ok(future instanceof Future)
        assert.throws(() => future.result(), { code: 'PLAIT_INVALID_STATE' })
        assert.throws(() => future.exception(), { code: 'PLAIT_INVALID_STATE' })
      }
      cancelled.cancel('not me')
      work.mark(gate, 'go')
      await Promise.allSettled(all)
      assert.deepEqual(
        all.map((future) => future.state),
        ['done', 'failed', 'cancelled'],
      )
      assert.deepEqual(
        all.map((future) => [future.done(), future.running(), future.cancelled()]),
        [
          [true, false, false],
          [true, false, false],
          [true, false, true],
        ],
      )
      assert.deepEqual([done.result(), done.exception()], [1, undefined])
      assert.throws(() => failed.result(), { message: 'odd: 1' })
      assert.equal((failed.exception() as Error).message, 'odd: 1')
      assert.throws(() => cancelled.result(), CancelledError)
      assert.ok(cancelled.exception() instanceof CancelledError)
      for (const future of all) assert.equal(future.cancel(), false)
      assert.equal(new Set(all.map((future) => future.id)).size, 3)
    })

    test('may be awaited by many, before and after its end, in both notations', async () => {
      const executor = lend(1)
      const gate = newFile()
      const future = executor.submit(work.hold, gate, { n: 1 })
      const early = Array.from({ length: 50 }, async () => await future)
      const inFibers = run(() =>
        gather(
          function* () {
            return yield* future
          },
          async () => await future,
          future,
        ),
      )
      work.mark(gate, 'go')
      const results = [...(await Promise.all(early)), ...(await inFibers), await future, future.result()]
      assert.equal(new Set(results).size, 1)
      assert.deepEqual(results[0], { n: 1 })
    })

    test('that fails gives everybody the same error', async () => {
      const executor = lend(1)
      const future = executor.submit(work.failOdd, 3)
      const errors = await Promise.all([
        failureOf(future),
        failureOf(future),
        failureOf(future.then()),
        future.catch((error) => error),
        failureOf(future.finally(() => {})),
        failureOf(run(() => future)),
        failureOf(
          run(function* () {
            yield* future
          }),
        ),
      ])
      assert.equal(new Set([...errors, future.exception()]).size, 1)
    })

    test('works wherever a promise does', async () => {
      const executor = lend(2)
      assert.deepEqual(
        await Promise.all([executor.submit(work.add, 1, 1), executor.submit(work.echo, 'x')]),
        [2, 'x'],
      )
      assert.equal(await Promise.any([executor.submit(work.failOdd, 1), executor.submit(work.add, 2, 2)]), 4)
      assert.equal(await executor.submit(work.add, 1, 1).then((n) => executor.submit(work.add, n, 1)), 3)
      const [a, b] = await Promise.allSettled([
        executor.submit(work.failOdd, 1),
        executor.submit(work.nothing),
      ])
      assert.deepEqual([a.status, b.status], ['rejected', 'fulfilled'])
    })

    test('calls back once each, later, in the order of adding, with itself', async () => {
      const executor = lend(1)
      const future = executor.submit(work.add, 1, 1)
      const calls: unknown[] = []
      const removed = () => calls.push('removed')
      future.addDoneCallback((of) => calls.push(['first', of === future, of.result()]))
      future.addDoneCallback(removed)
      future.addDoneCallback(() => calls.push('second'))
      assert.ok(future.removeDoneCallback(removed))
      assert.ok(!future.removeDoneCallback(removed))
      await future
      future.addDoneCallback(() => calls.push('late'))
      assert.ok(!calls.includes('late'))
      await sleep(0)
      assert.deepEqual(calls, [['first', true, 2], 'second', 'late'])
      assert.throws(() => future.addDoneCallback(5 as never), { code: 'PLAIT_INVALID_ARGUMENT' })
    })

    test('gather of futures has their results, or the first failure, and leaves the others alone', async () => {
      const executor = lend(2)
      const gate = newFile()
      const results = await run(() => gather(...[1, 2, 3].map((n) => executor.submit(work.double, n))))
      assert.deepEqual(results, [2, 4, 6])
      await run(async () => {
        const slow = executor.submit(work.hold, gate, 'slow')
        const both = await gather([executor.submit(work.failOdd, 1), executor.submit(work.add, 1, 1)], {
          returnExceptions: true,
        })
        assert.equal((both[0] as unknown as Error).message, 'odd: 1')
        assert.equal(both[1], 2)
        assert.equal((await failureOf(gather(slow, executor.submit(work.failOdd, 5)))).message, 'odd: 5')
        assert.equal(slow.done(), false)
        work.mark(gate, 'go')
        assert.equal(await slow, 'slow')
      })
    })

    test('is listed under its name in what people see', async () => {
      const executor = lend(1)
      const future = executor.with({ name: 'the sum' }).submit(work.add, 1, 1)
      assert.equal(future.name, 'the sum')
      assert.match(executor.submit(work.nothing).name, /^Future-\d+$/)
      assert.equal(Object.prototype.toString.call(future), '[object Future]')
      await future
    })
  })
}
