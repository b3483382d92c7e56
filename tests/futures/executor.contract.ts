// What every executor promises, whichever model it runs on. One suite, many subjects.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { CancelledError, currentTask, gather, run, sleep, TimeoutError, timeout } from 'plait/asyncio'
import { type Executor, InvalidStateError } from 'plait/futures'
import * as fn from './functions.js'
import { failureOf, linesOf, newFile, test, until } from './helpers.ts'

/** @param make an executor that runs that many tasks at a time */
export function executorContract(make: (lanes: number) => Executor): void {
  describe('submit', () => {
    test('gives the result of plain, async and generator functions', async () => {
      await using executor = make(2)
      assert.equal(await executor.submit(fn.add, 1, 2), 3)
      assert.equal(await executor.submit(fn.later, 'x'), 'x')
      assert.equal(await executor.submit(fn.fiber as (value: number) => unknown, 4), 5)
      assert.equal(await executor.submit(fn.identity, undefined), undefined)
    })

    test('an error keeps class, code, fields and cause', async () => {
      await using executor = make(1)
      const future = executor.submit(fn.failToPay, 7)
      const error = await failureOf(future)
      assert.ok(error instanceof fn.PaymentError)
      assert.deepEqual(
        [error.name, error.message, error.code, error.amount],
        ['PaymentError', 'cannot pay 7', 'NO_MONEY', 7],
      )
      assert.ok(error.cause instanceof RangeError)
      assert.match(error.stack!, /failToPay/)
      assert.equal(future.exception(), error)
      assert.equal(future.state, 'failed')
    })

    test('refuses what is no function at once', () => {
      const executor = make(1)
      assert.throws(() => executor.submit('add' as never), {
        name: 'TypeError',
        code: 'PLAIT_INVALID_ARGUMENT',
      })
      assert.throws(() => executor.map(3 as never, []), { name: 'TypeError', code: 'PLAIT_INVALID_ARGUMENT' })
    })

    test('a future tells where its work stands', async () => {
      await using executor = make(1)
      const gate = newFile()
      const first = executor.submit(fn.waitFor, gate, 1)
      const second = executor.submit(fn.add, 1, 1)
      const order: number[] = []
      first.addDoneCallback(() => order.push(1))
      second.addDoneCallback(() => order.push(2))
      await until(() => first.running())
      assert.deepEqual([first.state, second.state], ['running', 'pending'])
      assert.equal(first.done(), false)
      assert.throws(() => first.result(), { code: 'PLAIT_INVALID_STATE' })
      fn.append(gate, 'go')
      assert.equal(await second, 2)
      assert.deepEqual([first.state, second.state], ['done', 'done'])
      assert.equal(first.result(), 1)
      assert.equal(first.exception(), undefined)
      assert.equal(first.cancel(), false)
      assert.deepEqual(order, [1, 2])
    })

    test('work ends when everything it has started has ended', async () => {
      await using executor = make(1)
      const file = newFile()
      await executor.submit(fn.startsChildren, file)
      assert.equal(linesOf(file).length, 3)
    })

    test('goes in order, higher priority first', async () => {
      await using executor = make(1)
      const [gate, file] = [newFile(), newFile()]
      const first = executor.submit(fn.waitFor, gate, 0)
      await until(() => first.running())
      const futures = [
        executor.submit(fn.append, file, 'a'),
        executor.with({ priority: -1 }).submit(fn.append, file, 'low'),
        executor.with({ priority: 5 }).submit(fn.append, file, 'high 1'),
        executor.submit(fn.append, file, 'b'),
        executor.with({ priority: 5 }).submit(fn.append, file, 'high 2'),
      ]
      fn.append(gate, 'go')
      await Promise.all(futures)
      assert.deepEqual(linesOf(file), ['high 1', 'high 2', 'a', 'b', 'low'])
    })

    test('is counted', async () => {
      const executor = make(1)
      const gate = newFile()
      const futures = [
        executor.submit(fn.waitFor, gate, 1),
        executor.submit(fn.failLater, 'x'),
        executor.submit(fn.add, 1, 2),
      ]
      await until(() => futures[0]!.running())
      futures[2]!.cancel()
      const { queued, running, completed, cancelled } = executor.stats()
      assert.deepEqual(
        { queued, running, completed, cancelled },
        { queued: 1, running: 1, completed: 0, cancelled: 1 },
      )
      fn.append(gate, 'go')
      await Promise.allSettled(futures)
      await executor.shutdown()
      const after = executor.stats()
      assert.deepEqual(
        [after.queued, after.running, after.completed, after.failed, after.cancelled, after.died],
        [0, 0, 1, 1, 1, 0],
      )
    })

    test('is tried again as often as asked', async () => {
      await using executor = make(1)
      assert.equal(await executor.with({ retries: 2 }).submit(fn.failTimes, 2), 3)
      assert.equal(
        (await failureOf(executor.with({ retries: 1 }).submit(fn.failTimes, 2))).message,
        'attempt 2',
      )
      assert.equal(await executor.submit(fn.failTimes, 0), 3)
      const delays: number[] = []
      const delay = (attempt: number) => delays.push(attempt)
      assert.equal(await executor.with({ retries: { times: 9, delay } }).submit(fn.failTimes, 3), 4)
      assert.deepEqual(delays, [1, 2, 3])
      const failing = () => {
        throw new RangeError('no delay')
      }
      const mistaken = executor.with({ retries: { times: 1, delay: failing } })
      const both = await failureOf(mistaken.submit(fn.failTimes, 1))
      assert.deepEqual(
        both.errors.map((error: Error) => error.message),
        ['attempt 1', 'no delay'],
      )
      assert.equal(await executor.submit(fn.failTimes, 0), 2)
      const onDeath = executor.with({ retries: { times: 3, on: ['death'] } })
      assert.equal((await failureOf(onDeath.submit(fn.failTimes, 1))).message, 'attempt 1')
      assert.equal(await executor.submit(fn.failTimes, 0), 2)
    })

    test('a wrong option is refused at once', () => {
      const executor = make(1)
      for (const options of [
        { timeout: 'soon' },
        { priority: 'high' },
        { retries: -1 },
        { retries: { times: 1, on: ['rain'] } },
        { signal: {} },
        { name: 3 },
        { transfer: 1 },
      ])
        assert.throws(
          () => executor.with(options as never),
          { code: 'PLAIT_INVALID_ARGUMENT' },
          JSON.stringify(options),
        )
    })
  })

  describe('cancel', () => {
    test('work that waits is removed at once and never starts', async () => {
      await using executor = make(1)
      const [gate, file] = [newFile(), newFile()]
      const first = executor.submit(fn.waitFor, gate, 1)
      const second = executor.submit(fn.append, file, 'second')
      assert.equal(second.cancel('not needed'), true)
      assert.equal(second.cancelled(), true)
      assert.equal(second.cancel(), false)
      const error = await failureOf(second)
      assert.ok(error instanceof CancelledError)
      assert.equal(error.reason, 'not needed')
      assert.equal(error.task, second)
      fn.append(gate, 'go')
      assert.equal(await first, 1)
      assert.deepEqual(linesOf(file), [])
    })

    test('work that runs is asked to end, and cleans up first', async () => {
      await using executor = make(1)
      const file = newFile()
      const future = executor.submit(fn.waitForEver, file)
      await until(() => linesOf(file).length === 1)
      assert.equal(future.cancel('enough'), true)
      const error = await failureOf(future)
      assert.ok(error instanceof CancelledError)
      assert.equal(error.reason, 'enough')
      assert.equal(future.cancelled(), true)
      assert.deepEqual(linesOf(file), ['started', 'cleaned up'])
      assert.equal(executor.stats().died, 0)
      assert.equal(await executor.submit(fn.add, 1, 1), 2)
    })

    test('work sees it by its signal', async () => {
      await using executor = make(1)
      const file = newFile()
      const future = executor.submit(fn.waitForSignal, file)
      await until(() => linesOf(file).length === 1)
      future.cancel()
      assert.equal(await future, 'aborted: true')
    })

    test('work that returns all the same gives its result', async () => {
      await using executor = make(1)
      const file = newFile()
      const future = executor.submit(fn.stubborn, file)
      await until(() => linesOf(file).length === 1)
      future.cancel()
      assert.equal(await future, 'my own value')
      assert.equal(future.cancelled(), false)
    })

    test('work that cancels itself is cancelled, with its reason', async () => {
      await using executor = make(1)
      const future = executor.submit(fn.cancelsItself)
      assert.equal((await failureOf(future)).reason, 'by itself')
      assert.equal(future.cancelled(), true)
    })

    test('a signal cancels with its reason, also one that was aborted before', async () => {
      await using executor = make(1)
      const [gate, reason] = [newFile(), { why: 'because' }]
      const first = executor.submit(fn.waitFor, gate, 1)
      const controller = new AbortController()
      const second = executor.with({ signal: controller.signal }).submit(fn.add, 1, 1)
      controller.abort(reason)
      assert.equal((await failureOf(second)).reason, reason)
      const third = executor.with({ signal: AbortSignal.abort('early') }).submit(fn.add, 1, 1)
      assert.equal((await failureOf(third)).reason, 'early')
      fn.append(gate, 'go')
      assert.equal(await first, 1)
    })

    test('a timeout counts from the start of the task, and its neighbours go on', async () => {
      await using executor = make(1)
      const [gate, file] = [newFile(), newFile()]
      const first = executor.submit(fn.waitFor, gate, 1)
      const limited = executor.with({ timeout: '40ms' })
      const slow = limited.submit(fn.waitForEver, file)
      const quick = executor.submit(fn.add, 2, 2)
      await sleep(60)
      assert.equal(slow.done(), false)
      fn.append(gate, 'go')
      const error = await failureOf(slow)
      assert.ok(error instanceof TimeoutError)
      assert.match(error.message, /waitForEver.*40 ms/)
      assert.equal(slow.state, 'failed')
      assert.deepEqual([await first, await quick], [1, 4])
      assert.equal(await limited.submit(fn.add, 1, 1), 2)
    })

    test('a task that is cancelled cancels what it has submitted', async () => {
      await using executor = make(1)
      const file = newFile()
      let future: { cancelled(): boolean } | undefined
      const error = await failureOf(
        run(() =>
          gather(
            async () => {
              const mine = executor.submit(fn.waitForEver, file)
              future = mine
              await mine
            },
            async () => {
              await sleep(1)
              await until(() => linesOf(file).length === 1)
              throw new RangeError('stop')
            },
          ),
        ),
      )
      assert.equal(error.message, 'stop')
      await until(() => future!.cancelled())
      await executor.shutdown()
      assert.deepEqual(linesOf(file), ['started', 'cleaned up'])
    })

    test('submitting in a cancelled scope gives a cancelled future', async () => {
      await using executor = make(1)
      await run(async () => {
        const future = await failureOf(
          timeout(0, async () => {
            try {
              await sleep('1h')
            } finally {
              assert.ok(executor.submit(fn.add, 1, 2).cancelled())
              assert.ok(currentTask() !== undefined)
            }
          }),
        )
        assert.ok(future instanceof TimeoutError)
      })
    })

    test('whoever only awaits a future and is cancelled leaves it alone', async () => {
      await using executor = make(1)
      const gate = newFile()
      const future = executor.submit(fn.waitFor, gate, 'kept')
      const error = await failureOf(run(() => timeout('10ms', () => future)))
      assert.ok(error instanceof TimeoutError)
      fn.append(gate, 'go')
      assert.equal(await future, 'kept')
    })
  })

  describe('shutdown', () => {
    test('waits for what was submitted and takes nothing more', async () => {
      const executor = make(1)
      const gate = newFile()
      const futures = [executor.submit(fn.waitFor, gate, 1), executor.submit(fn.add, 1, 1)]
      const end = executor.shutdown()
      assert.throws(() => executor.submit(fn.add, 1, 2), InvalidStateError)
      assert.throws(() => executor.map(fn.identity, [1]), InvalidStateError)
      fn.append(gate, 'go')
      await end
      assert.deepEqual(
        futures.map((future) => future.result()),
        [1, 2],
      )
      await executor.shutdown()
      await executor[Symbol.asyncDispose]()
    })

    test('of an executor that was never used is immediate', async () => {
      await make(3).shutdown()
    })

    test('can cancel what has not started, or return at once', async () => {
      const executor = make(1)
      const gate = newFile()
      const futures = [executor.submit(fn.waitFor, gate, 1), executor.submit(fn.add, 1, 1)]
      await until(() => futures[0]!.running())
      await executor.shutdown({ wait: false, cancelFutures: true })
      assert.deepEqual(
        futures.map((future) => future.state),
        ['running', 'cancelled'],
      )
      fn.append(gate, 'go')
      await executor.shutdown()
      assert.equal(futures[0]!.result(), 1)
    })

    test('with a timeout ends what is left', async () => {
      const executor = make(1)
      const file = newFile()
      const futures = [executor.submit(fn.waitForEver, file), executor.submit(fn.add, 1, 1)]
      await until(() => linesOf(file).length === 1)
      await executor.shutdown({ timeout: 1 })
      await Promise.allSettled(futures)
      assert.deepEqual(
        futures.map((future) => future.state),
        ['cancelled', 'cancelled'],
      )
    })

    test('leaving the block waits for the work', async () => {
      const file = newFile()
      {
        await using executor = make(1)
        executor.submit(fn.append, file, 'done')
      }
      assert.deepEqual(linesOf(file), ['done'])
    })

    test('leaving the block cancels the work if the task around it is cancelled', async () => {
      const file = newFile()
      const error = await failureOf(
        run(() =>
          timeout('200ms', async () => {
            await using executor = make(1)
            executor.submit(fn.waitForEver, file)
            await sleep('1h')
          }),
        ),
      )
      assert.ok(error instanceof TimeoutError)
      // A machine that is slow may not have got to the start of it.
      assert.ok(linesOf(file).length !== 1, linesOf(file).join())
    })
  })

  describe('with', () => {
    test('is the same executor with other defaults', async () => {
      await using executor = make(1)
      const named = executor.with({ name: 'sum' })
      const future = named.with({ priority: 1 }).submit(fn.add, 1, 2)
      assert.equal(future.name, 'sum')
      assert.equal(await future, 3)
      assert.equal(named.stats().completed, executor.stats().completed)
      assert.deepEqual(named.capabilities, executor.capabilities)
      await named.shutdown()
      assert.throws(() => executor.submit(fn.add, 1, 2), InvalidStateError)
    })
  })
}
