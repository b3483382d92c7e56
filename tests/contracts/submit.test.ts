import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { InvalidStateError, TimeoutError } from 'plait/futures'
import { failureOf, linesOf, newFile, until } from '../futures/helpers.ts'
import * as work from './fixtures/work.mjs'
import { executors, pools, settledOf, test } from './subjects.ts'

const invalid =
  (kind: string, ...words: RegExp[]) =>
  (error: unknown) => {
    assert.ok(error instanceof Error)
    assert.equal(error.name, kind)
    assert.equal((error as { code?: unknown }).code, 'PLAIT_INVALID_ARGUMENT')
    for (const word of words) assert.match(error.message, word)
    return true
  }

for (const { name, make, lend } of executors) {
  describe(name, () => {
    describe('submit', () => {
      test('of what is no function says what came, counts nothing, and harms nobody', async () => {
        await using executor = make(1)
        for (const wrong of [undefined, null, 7, 'add', {}, [], Promise.resolve(1), /x/])
          assert.throws(() => executor.submit(wrong as never), invalid('TypeError', /^fn: .*function.*got/))
        assert.throws(() => executor.map(undefined as never, [1]), invalid('TypeError', /^fn: /))
        assert.equal(settledOf(executor) + executor.stats().queued, 0)
        assert.equal(await executor.submit(work.add, 1, 2), 3)
      })

      test('carries arguments and results of every cloneable kind', async () => {
        const executor = lend(1)
        const cyclic: Record<string, unknown> = { list: Object.assign(new Array(3), { 0: 1, 2: 3 }) }
        cyclic.self = cyclic
        const values = [
          undefined,
          null,
          -0,
          Number.NaN,
          10n ** 30n,
          '',
          'ä🙂\ud800',
          new Date(5),
          /x/gi,
          new Map<unknown, unknown>([[{ a: 1 }, new Set([1, 'x'])]]),
          new Uint8Array([1, 2, 255]),
          new Float64Array([Number.NaN, -0]),
          new DataView(new ArrayBuffer(3)),
          [[[]]],
          cyclic,
        ]
        for (const value of values) assert.deepStrictEqual(await executor.submit(work.echo, value), value)
        assert.deepStrictEqual(await executor.submit(work.echo, ...values), values)
        assert.equal(await executor.submit(work.nothing), undefined)
        assert.equal(
          ((await executor.submit(work.echo, new ArrayBuffer(5_000_000))) as ArrayBuffer).byteLength,
          5_000_000,
        )
      })

      test('of thousands keeps the order of one lane, and the books add up', async () => {
        await using executor = make(1)
        const futures = Array.from({ length: 3_000 }, (_, n) =>
          n % 10 === 0 ? executor.submit(work.failOdd, 2 * n + 1) : executor.submit(work.double, n),
        )
        const order: number[] = []
        for (const [n, future] of futures.entries()) future.addDoneCallback(() => order.push(n))
        for (const future of futures.slice(-5)) future.cancel()
        const results = await Promise.allSettled(futures)
        assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 2_695)
        assert.deepEqual(
          order.filter((n) => n < 2_995),
          Array.from({ length: 2_995 }, (_, n) => n),
        )
        const { completed, failed, cancelled, queued, running } = executor.stats()
        assert.deepEqual([completed, failed, cancelled, queued, running], [2_695, 300, 5, 0, 0])
      })

      test('from inside a callback, of the first result of another, works', async () => {
        const executor = lend(1)
        const second = new Promise<number>((resolve) => {
          executor.submit(work.add, 1, 1).addDoneCallback(() => resolve(executor.submit(work.add, 2, 2)))
        })
        assert.equal(await second, 4)
      })
    })

    describe('with', () => {
      test('layers options: the last word counts, and the one it came from keeps its own', async () => {
        const executor = lend(1)
        const a = executor.with({ name: 'a', timeout: '1h', priority: 3 })
        const b = a.with({ name: 'b' })
        assert.deepEqual(
          [a, b, a.with({})].map((each) => each.submit(work.nothing).name),
          ['a', 'b', 'a'],
        )
        const gate = newFile()
        const late = a.with({ timeout: 20 }).submit(work.hold, gate, 1)
        const error = await failureOf(late)
        assert.ok(error instanceof TimeoutError, String(error))
        assert.match(error.message, /\ba\b/) // it names the task
        work.mark(gate, 'go')
        assert.equal(await a.submit(work.hold, gate, 2), 2)
        assert.equal(await executor.submit(work.hold, gate, 3), 3)
      })

      test('refuses wrong options with the name of the option', () => {
        const executor = lend(1)
        const wrong: [options: unknown, kind: string, words: RegExp][] = [
          [undefined, 'TypeError', /options/],
          [null, 'TypeError', /options/],
          ['1s', 'TypeError', /options/],
          [{ timeout: Number.NaN }, 'RangeError', /timeout.*NaN/],
          [{ timeout: '1 fortnight' }, 'TypeError', /timeout.*1 fortnight/],
          [{ timeout: '' }, 'TypeError', /timeout/],
          [{ timeout: null }, 'TypeError', /timeout/],
          [{ timeout: 5n }, 'TypeError', /timeout/],
          [{ priority: Number.NaN }, 'RangeError', /priority/],
          [{ priority: '1' }, 'TypeError', /priority/],
          [{ name: Symbol('x') }, 'TypeError', /name/],
          [{ retries: Number.NaN }, 'RangeError', /retries/],
          [{ retries: 1.5 }, 'RangeError', /retries/],
          [{ retries: null }, 'TypeError', /retries/],
          [{ retries: {} }, 'TypeError', /retries\.times/],
          [{ retries: { times: '3' } }, 'TypeError', /retries\.times/],
          [{ retries: { times: 1, on: 'death' } }, 'TypeError', /retries\.on/],
          [{ retries: { times: 1, delay: 'a while' } }, 'TypeError', /retries\.delay.*a while/],
          [{ signal: new EventTarget() }, 'TypeError', /signal.*AbortSignal/],
          [{ signal: null }, 'TypeError', /signal/],
          [{ transfer: new ArrayBuffer(1) }, 'TypeError', /transfer/],
        ]
        for (const [options, kind, words] of wrong)
          assert.throws(() => executor.with(options as never), invalid(kind, words), words.source)
      })
    })

    describe('priority', () => {
      test('goes before the order of submission, down to the infinite ones, in maps as well', async () => {
        const executor = lend(1)
        const [gate, file] = [newFile(), newFile()]
        const first = executor.submit(work.hold, gate, 0)
        await until(() => first.running())
        const levels = [0, -1, Number.POSITIVE_INFINITY, 0.5, Number.NEGATIVE_INFINITY, 0, 2]
        const futures = levels.map((priority, n) =>
          executor.with({ priority }).submit(work.mark, file, `${n}`),
        )
        const items = executor.with({ priority: 1 }).map((text) => work.mark(file, text), ['x'])
        const mapped = executor.capabilities.functions === 'any' ? items.next() : failureOf(items.next())
        work.mark(gate, 'go')
        await Promise.all([...futures, mapped])
        const seen = linesOf(file).filter((line) => line !== 'x')
        assert.deepEqual(seen, ['2', '6', '3', '0', '5', '1', '4'])
      })
    })

    describe('timeout', () => {
      test('is not of the time in the queue', async () => {
        await using executor = make(1)
        const [gate, file] = [newFile(), newFile()]
        const first = executor.submit(work.hold, gate, 1)
        await until(() => first.running())
        const second = executor.with({ timeout: 2_000 }).submit(work.mark, file, 'second')
        const limited = executor.with({ timeout: 1 })
        const third = limited.submit(work.waitForEver, file)
        // Far more time than the limit of the third, while it waits for its turn.
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 2))
        assert.deepEqual([second.state, third.state], ['pending', 'pending'])
        work.mark(gate, 'go')
        assert.equal(await second, 'second')
        const error = await failureOf(third)
        assert.ok(error instanceof TimeoutError)
        assert.equal(error.code, 'PLAIT_TIMEOUT')
        assert.equal(third.state, 'failed')
        assert.equal(third.cancelled(), false)
        assert.deepEqual(executor.stats().failed, 1)
      })

      test('of zero, or a negative one, still gives an answer', async () => {
        const executor = lend(1)
        for (const timeout of [0, -5, '-1s'] as const)
          assert.ok(
            (await failureOf(executor.with({ timeout }).submit(work.waitForEver, newFile()))) instanceof
              TimeoutError,
          )
        assert.equal(await executor.with({ timeout: Number.POSITIVE_INFINITY }).submit(work.add, 1, 1), 2)
        assert.equal(await executor.with({ timeout: '9999h' }).submit(work.add, 1, 1), 2)
      })
    })

    describe('retries', () => {
      test('count the attempts after the first, and give the last error', async () => {
        await using executor = make(1)
        const file = newFile()
        const error = await failureOf(executor.with({ retries: 2 }).submit(work.failTimes, file, 9))
        assert.equal(error.message, 'attempt 3')
        assert.equal(linesOf(file).length, 3)
        assert.equal(executor.stats().failed, 1)
        const zero = newFile()
        await failureOf(executor.with({ retries: 0 }).submit(work.failTimes, zero, 9))
        await failureOf(executor.with({ retries: { times: 5, on: [] } }).submit(work.failTimes, zero, 9))
        assert.equal(linesOf(zero).length, 2)
      })

      test('ask the delay for each attempt, from 1, with any duration', async () => {
        const executor = lend(1)
        const asked: number[] = []
        const delay = (attempt: number) => {
          asked.push(attempt)
          return (['1ms', 0, -4, '0.001s'] as const)[attempt - 1]!
        }
        const file = newFile()
        assert.equal(await executor.with({ retries: { times: 4, delay } }).submit(work.failTimes, file, 4), 5)
        assert.deepEqual(asked, [1, 2, 3, 4])
      })

      test('with a delay that fails end there: the future fails, and nothing else does', async () => {
        await using executor = make(1)
        for (const delay of [
          () => {
            throw new RangeError('no delay today')
          },
          () => Number.NaN,
          () => 'soon' as never,
        ]) {
          const file = newFile()
          const future = executor.with({ retries: { times: 3, delay } }).submit(work.failTimes, file, 9)
          const error = await failureOf(future)
          assert.ok(error instanceof Error)
          assert.equal(linesOf(file).length, 1)
        }
        assert.equal(await executor.submit(work.add, 1, 1), 2)
        assert.deepEqual([executor.stats().failed, executor.stats().running], [3, 0])
      })

      test('a cancel during the pause ends it at once', async () => {
        await using executor = make(1)
        const file = newFile()
        let paused = false
        const delay = () => {
          paused = true
          return '1h' as const
        }
        const future = executor.with({ retries: { times: 3, delay } }).submit(work.failTimes, file, 9)
        await until(() => paused && executor.stats().running === 0)
        assert.equal(future.done(), false)
        assert.equal(future.cancel('enough'), true)
        assert.equal(future.cancelled(), true)
        assert.equal((await failureOf(future)).reason, 'enough')
        assert.equal(linesOf(file).length, 1)
      })

      test('shutdown waits for the attempts that are left, or cancels them', async () => {
        for (const cancelFutures of [false, true]) {
          const executor = make(1)
          let paused = false
          const delay = () => {
            paused = true
            return cancelFutures ? ('1h' as const) : 1
          }
          const future = executor.with({ retries: { times: 1, delay } }).submit(work.failTimes, newFile(), 1)
          await until(() => paused && executor.stats().running === 0)
          await executor.shutdown({ cancelFutures })
          assert.equal(future.state, cancelFutures ? 'cancelled' : 'done')
        }
      })

      test('are of one attempt each where time is limited', async () => {
        const executor = lend(1)
        const file = newFile()
        const future = executor.with({ timeout: '200ms', retries: 1 }).submit(work.lateTimes, file, 1)
        assert.equal(await future, 2)
      })

      test('are not of a task that was cancelled', async () => {
        await using executor = make(1)
        const file = newFile()
        const future = executor.with({ retries: 5 }).submit(work.waitForEver, file)
        await until(() => linesOf(file).length === 1)
        future.cancel()
        await failureOf(future)
        await executor.shutdown()
        assert.deepEqual(linesOf(file), ['started', 'cleaned up'])
      })
    })

    test('says what it can do, and a copy of it says the same', async () => {
      const executor = lend(2)
      const { model, parallel, delivery, cancel, functions, values } = executor.capabilities
      const expected = {
        'event loop executor': ['event-loop', false, 'at-most-once', 'cooperative', 'any', 'reference'],
        'thread pool executor': ['threads', true, 'at-most-once', 'forced', functions, 'structured-clone'],
        'process pool executor': ['processes', true, 'at-most-once', 'forced', functions, 'structured-clone'],
      }[name]
      assert.deepEqual([model, parallel, delivery, cancel, functions, values], expected)
      assert.deepEqual(executor.with({ priority: 1 }).capabilities, executor.capabilities)
      assert.ok(['any', 'named'].includes(functions))
    })

    test('its numbers are whole and never negative, whatever happens', async () => {
      const executor = make(2)
      const gate = newFile()
      const keys = ['cancelled', 'completed', 'died', 'failed', 'idle', 'queued', 'running', 'workers']
      const check = () => {
        const stats = executor.stats()
        assert.deepEqual(Object.keys(stats).sort(), keys)
        for (const [key, value] of Object.entries(stats))
          assert.ok(Number.isInteger(value) && value >= 0, key)
        return stats
      }
      check()
      const futures = Array.from({ length: 6 }, () => executor.submit(work.hold, gate, 1))
      await until(() => check().running === 2)
      assert.equal(check().queued, 4)
      for (const future of futures.slice(0, 3)) future.cancel()
      await Promise.allSettled(futures.slice(0, 3))
      check()
      work.mark(gate, 'go')
      await executor.shutdown()
      const { completed, cancelled, queued, running } = check()
      assert.deepEqual([completed, cancelled, queued, running], [3, 3, 0, 0])
    })
  })
}

for (const { name, lend } of pools) {
  test(`${name} › a function that is not exported says so, and what to do`, async () => {
    const executor = lend(1)
    function hidden() {}
    const error = await failureOf(executor.submit(hidden))
    assert.equal(error.code, 'PLAIT_TRANSFER')
    assert.match(error.message, /hidden/)
    assert.match(error.message, /export/)
    assert.ok(!(error instanceof InvalidStateError))
  })
}
