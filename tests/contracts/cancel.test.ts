import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe } from 'node:test'
import {
  gather,
  run,
  signal as scopeSignal,
  sleep,
  taskGroup,
  timeout,
  until as untilDone,
} from 'plait/asyncio'
import { CancelledError, type Future } from 'plait/futures'
import { all, failureOf, linesOf, newFile, until } from '../futures/helpers.ts'
import * as work from './fixtures/work.mjs'
import { executors, pools, test } from './subjects.ts'

async function isCancelledWith(future: Future<unknown>, reason: unknown): Promise<CancelledError> {
  const error = await failureOf(future)
  assert.ok(error instanceof CancelledError, String(error))
  assert.equal(error.code, 'PLAIT_CANCELLED')
  assert.equal(error.reason, reason)
  assert.equal(error.task, future)
  assert.deepEqual([future.state, future.cancelled(), future.done()], ['cancelled', true, true])
  assert.equal(future.exception(), error)
  return error
}

for (const { name, make, lend } of executors) {
  describe(`${name}, cancel`, () => {
    test('says whether it still could, and keeps the first reason', async () => {
      const executor = lend(1)
      const [gate, file] = [newFile(), newFile()]
      const running = executor.submit(work.waitForEver, file)
      const waiting = executor.submit(work.hold, gate, 1)
      await until(() => linesOf(file).length === 1)
      assert.deepEqual([waiting.cancel('first'), waiting.cancel('second')], [true, false])
      await isCancelledWith(waiting, 'first')
      assert.deepEqual([running.cancel('one'), running.cancel('two')], [true, true])
      await isCancelledWith(running, 'one')
      assert.equal(running.cancel('three'), false)
      const done = executor.submit(work.add, 1, 1)
      assert.equal(await done, 2)
      assert.equal(done.cancel(), false)
      assert.deepEqual([done.state, done.result()], ['done', 2])
    })

    test('in the same turn as the submission means that it never starts', async () => {
      await using executor = make(1)
      const gate = newFile()
      const first = executor.submit(work.hold, gate, 0)
      const file = newFile()
      const futures = [1, 2, 3].map((n) => executor.submit(work.mark, file, `${n}`))
      for (const future of futures) future.cancel(undefined)
      for (const future of futures) await isCancelledWith(future, undefined)
      work.mark(gate, 'go')
      await first
      await executor.shutdown()
      assert.deepEqual(linesOf(file), [])
    })

    test('brings its reason to the work, an error with its class', async () => {
      await using executor = make(1)
      for (const [reason, expected] of [
        ['text', { code: 'PLAIT_CANCELLED', reason: 'text' }],
        [new RangeError('why'), { code: 'PLAIT_CANCELLED', reason: {}, name: 'RangeError' }],
        [undefined, { code: 'PLAIT_CANCELLED' }],
        [{ deep: [1] }, { code: 'PLAIT_CANCELLED', reason: { deep: [1] } }],
      ]) {
        const file = newFile()
        const future = executor.submit(work.tellReason, file)
        await until(() => linesOf(file).length === 1)
        future.cancel(reason)
        await isCancelledWith(future, reason)
        assert.deepEqual(JSON.parse(linesOf(file)[1]!), expected)
      }
      assert.equal(executor.stats().died, 0)
    })

    test('reaches the calls of the platform through signal()', async () => {
      const executor = lend(1)
      const file = newFile()
      const future = executor.submit(work.tellAbort, file)
      await until(() => linesOf(file).length === 1)
      future.cancel('the reason')
      const error = await failureOf(future)
      assert.ok(error instanceof CancelledError, String(error))
      assert.equal(linesOf(file).length, 2)
    })

    test('ends a loop that catches everything and waits again', async () => {
      await using executor = make(1)
      const [file, gate] = [newFile(), newFile()]
      const future = executor.submit(work.retryLoop, file, gate)
      await until(() => linesOf(file).length === 1)
      future.cancel('enough')
      if (executor.capabilities.cancel === 'forced') await isCancelledWith(future, 'enough')
      else await executor.shutdown({ timeout: 1 }) // nothing can end it here, and nothing waits for it
      work.mark(gate, 'go')
    })

    test("somebody else's CancelledError that escapes is a failure, not a cancellation", async () => {
      const executor = lend(1)
      const future = executor.submit(work.letForeignCancelEscape)
      const error = await failureOf(future)
      assert.equal(error.code, 'PLAIT_CANCELLED')
      assert.deepEqual([future.state, future.cancelled()], ['failed', false])
    })

    test('from a callback of another future works', async () => {
      const executor = lend(1)
      const gate = newFile()
      const first = executor.submit(work.add, 1, 1)
      const second = executor.submit(work.hold, gate, 1)
      const third = executor.submit(work.hold, gate, 1)
      first.addDoneCallback(() => {
        third.cancel('by callback')
        second.cancel('by callback')
      })
      await isCancelledWith(second, 'by callback')
      await isCancelledWith(third, 'by callback')
    })

    test('at the moment of the result leaves one or the other, and the lane free', async () => {
      await using executor = make(1)
      for (let round = 0; round < 30; round++) {
        const future = executor.submit(work.echo, round)
        await until(() => future.state !== 'pending')
        const told = future.cancel('late')
        const [result] = await Promise.allSettled([future])
        if (result.status === 'fulfilled') assert.equal(result.value, round)
        else {
          assert.ok(told)
          await isCancelledWith(future, 'late')
        }
        assert.equal(await executor.submit(work.echo, 'next'), 'next')
      }
      const { completed, cancelled } = executor.stats()
      assert.equal(completed + cancelled, 60)
    })

    test('of one of many leaves the others alone', async () => {
      await using executor = make(2)
      const gate = newFile()
      const futures = Array.from({ length: 20 }, (_, n) => executor.submit(work.hold, gate, n))
      await until(() => executor.stats().running === 2)
      for (const n of [0, 7, 19]) futures[n]!.cancel(n)
      work.mark(gate, 'go')
      const results = await Promise.allSettled(futures)
      for (const [n, result] of results.entries())
        assert.equal(
          result.status,
          [0, 7, 19].includes(n) && futures[n]!.cancelled() ? 'rejected' : 'fulfilled',
        )
      assert.ok(futures[7]!.cancelled() && futures[19]!.cancelled())
    })
  })

  describe(`${name}, AbortSignal`, () => {
    test('aborted before, while it waits, while it runs, and after', async () => {
      const executor = lend(1)
      const reason = new TypeError('my reason')
      await isCancelledWith(
        executor.with({ signal: AbortSignal.abort(reason) }).submit(work.add, 1, 1),
        reason,
      )
      const file = newFile()
      const controller = new AbortController()
      const { signal } = controller
      const running = executor.with({ signal }).submit(work.waitForEver, file)
      const waiting = executor.with({ signal }).submit(work.add, 1, 1)
      const other = executor.submit(work.add, 2, 2)
      await until(() => linesOf(file).length === 1)
      controller.abort(reason)
      await isCancelledWith(waiting, reason)
      await isCancelledWith(running, reason)
      assert.equal(await other, 4)
      const late = new AbortController()
      const done = executor.with({ signal: late.signal }).submit(work.add, 3, 3)
      assert.equal(await done, 6)
      late.abort()
      assert.equal(done.result(), 6)
    })

    test('leaves no listener on it once the work has ended, however much there was', async () => {
      const executor = lend(2)
      const { signal } = new AbortController()
      const limited = executor.with({ signal })
      const warnings: Error[] = []
      const note = (warning: Error) => warnings.push(warning)
      process.on('warning', note)
      await Promise.allSettled(Array.from({ length: 50 }, (_, n) => limited.submit(work.failOdd, n)))
      const cut = limited.submit(work.waitForEver, newFile())
      cut.cancel()
      await failureOf(cut)
      await all(limited.map(work.failOdd, [1, 2, 3]))
      const left = limited.map(work.echo, [1, 2, 3])
      await left.next()
      await left.return!()
      assert.deepEqual(getEventListeners(signal, 'abort'), [])
      await new Promise((resolve) => setImmediate(resolve))
      process.removeListener('warning', note)
      assert.deepEqual(warnings, [])
    })

    test('without a reason of its own gives the one of the platform', async () => {
      const executor = lend(1)
      const future = executor.with({ signal: AbortSignal.abort() }).submit(work.add, 1, 1)
      const { reason } = await failureOf(future)
      assert.ok(reason instanceof DOMException)
      assert.equal(reason.name, 'AbortError')
    })

    test('of a timeout cancels with its TimeoutError as the reason', async () => {
      const executor = lend(1)
      const future = executor.with({ signal: AbortSignal.timeout(5) }).submit(work.waitForEver, newFile())
      const { reason } = await failureOf(future)
      assert.equal(reason.name, 'TimeoutError')
    })
  })

  describe(`${name}, scopes`, () => {
    test('a group that fails cancels what its children have submitted', async () => {
      const executor = lend(2)
      const files = [newFile(), newFile()]
      const futures: Future<unknown>[] = []
      const error = await failureOf(
        run(() =>
          taskGroup(async (group) => {
            for (const file of files)
              group.createTask(async () => {
                const future = executor.submit(work.waitForEver, file)
                futures.push(future)
                await future
              })
            group.createTask(async () => {
              // not a wait of the library: the files appear by themselves
              await untilDone(until(() => files.every((file) => linesOf(file).length === 1)))
              throw new RangeError('boom')
            })
          }),
        ),
      )
      assert.equal(error.errors?.[0]?.message, 'boom')
      await Promise.allSettled(futures)
      assert.deepEqual(
        futures.map((future) => future.state),
        ['cancelled', 'cancelled'],
      )
      assert.deepEqual(files.map(linesOf), Array(2).fill(['started', 'cleaned up']))
    })

    test('gather cancels no future that it only awaits', async () => {
      const executor = lend(2)
      const gate = newFile()
      const future = executor.submit(work.hold, gate, 'kept')
      const error = await failureOf(run(() => gather(future, executor.submit(work.failOdd, 1))))
      assert.equal(error.message, 'odd: 1')
      assert.equal(future.done(), false)
      work.mark(gate, 'go')
      assert.equal(await future, 'kept')
    })

    test('what was submitted outside of the task that ends goes on', async () => {
      const executor = lend(1)
      const gate = newFile()
      const outside = executor.submit(work.hold, gate, 1)
      assert.equal((await failureOf(run(() => timeout(1, () => outside)))).code, 'PLAIT_TIMEOUT')
      work.mark(gate, 'go')
      assert.equal(await outside, 1)
    })

    test('the cancel of the scope comes with its reason, once, and frees the lane', async () => {
      const executor = lend(1)
      const file = newFile()
      let future: Future<unknown> | undefined
      const controller = new AbortController()
      const main = failureOf(
        run(
          async () => {
            future = executor.submit(work.tellReason, file)
            await sleep('1h')
          },
          { signal: controller.signal },
        ),
      )
      await until(() => linesOf(file).length === 1)
      controller.abort('stop all')
      await main
      await isCancelledWith(future!, 'stop all')
      assert.equal(JSON.parse(linesOf(file)[1]!).reason, 'stop all')
      assert.equal(await executor.submit(work.add, 1, 1), 2)
    })

    test('the work itself has a signal of its own, not that of the caller', async () => {
      const executor = lend(1)
      await run(async () => {
        assert.equal(scopeSignal().aborted, false)
        assert.equal(await executor.submit(work.add, 1, 1), 2)
      })
    })
  })
}

for (const { name, pool: make } of pools) {
  describe(`${name}, cancel`, () => {
    test('while the worker starts never runs the task', async () => {
      await using pool = make({ maxWorkers: 1 })
      const file = newFile()
      const future = pool.submit(work.mark, file, 'ran')
      await until(() => future.state !== 'pending' || pool.stats().workers === 1)
      assert.equal(future.cancel('early'), true)
      await isCancelledWith(future, 'early')
      assert.equal(await pool.submit(work.add, 1, 1), 2)
      assert.deepEqual(linesOf(file), [])
    })

    test('while the module of the task is imported reaches the task', async () => {
      const [gate, file] = [newFile(), newFile()]
      const env = { ...process.env, PLAIT_TEST_GATE: gate, PLAIT_TEST_FILE: file }
      await using pool = make({ maxWorkers: 1, env, cancelGrace: '1h' })
      const { waits } = await import('./fixtures/slow-import.mjs')
      const future = pool.submit(waits)
      await until(() => linesOf(file).includes('importing'))
      assert.equal(future.cancel('meanwhile'), true)
      // The cancel has been sent when another message has made the way there and back.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 2))
      work.mark(gate, 'go')
      await isCancelledWith(future, 'meanwhile')
      assert.equal(pool.stats().died, 0)
      assert.equal(await pool.submit(work.add, 1, 1), 2)
    })

    test('of a module that never ends its import costs a worker, no more', async () => {
      const [gate, file] = [newFile(), newFile()]
      const env = { ...process.env, PLAIT_TEST_GATE: gate, PLAIT_TEST_FILE: file }
      await using pool = make({ maxWorkers: 1, env, cancelGrace: 1 })
      const { waits } = await import('./fixtures/slow-import.mjs')
      const future = pool.submit(waits)
      const next = pool.submit(work.add, 1, 1)
      await until(() => linesOf(file).includes('importing'))
      future.cancel('too long')
      await isCancelledWith(future, 'too long')
      assert.equal(await next, 2)
    })

    test('of a loop that never asks leaves its neighbours their workers and results', async () => {
      await using pool = make({ maxWorkers: 2, cancelGrace: 1 })
      const [gate, file] = [newFile(), newFile()]
      const neighbour = pool.submit(work.hold, gate, 'neighbour', file)
      await until(() => linesOf(file).length === 1)
      const { id } = await pool.submit(work.where)
      const stuck = pool.submit(work.spinUntil, newFile(), file)
      const behind = pool.submit(work.where)
      await until(() => linesOf(file).length === 2)
      stuck.cancel()
      await isCancelledWith(stuck, undefined)
      assert.notEqual((await behind).id, id)
      work.mark(gate, 'go')
      assert.equal(await neighbour, 'neighbour')
      assert.equal(pool.stats().died, 0) // it was asked to
    })

    test('several of one chunk end each for itself', async () => {
      await using pool = make({ maxWorkers: 1, cancelGrace: '1h' })
      const controllers = Array.from({ length: 3 }, () => new AbortController())
      const file = newFile()
      const futures = controllers.map(({ signal }) => pool.with({ signal }).submit(work.spinAndAsk, file))
      for (const [n, controller] of controllers.entries()) {
        await until(() => linesOf(file).length === n + 1)
        controller.abort(n)
        await isCancelledWith(futures[n]!, n)
      }
      assert.equal(pool.stats().died, 0)
    })
  })
}
