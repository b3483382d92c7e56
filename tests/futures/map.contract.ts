// What `map` promises on every executor.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { CancelledError, run, sleep, TimeoutError, timeout } from 'plait/asyncio'
import type { Executor } from 'plait/futures'
import * as fn from './functions.js'
import { all, failureOf, linesOf, newFile, test, until } from './helpers.ts'

function* numbers(to = Number.POSITIVE_INFINITY, onEnd: () => void = () => {}): Generator<number> {
  try {
    for (let i = 0; i < to; i++) yield i
  } finally {
    onEnd()
  }
}

export function mapContract(make: (lanes: number) => Executor): void {
  describe('map', () => {
    test('gives results in the order of the input, whatever the chunks', async () => {
      await using executor = make(2)
      const expected = [...numbers(50)]
      for (const options of [
        {},
        { chunksize: 1 },
        { chunksize: 7 },
        { chunksize: 99 },
        { buffersize: 1 },
        { buffersize: 3, chunksize: 5 },
      ])
        assert.deepEqual(
          await all(executor.map(fn.identity, numbers(50), options)),
          expected,
          JSON.stringify(options),
        )
    })

    test('gives results as they come if asked to', async () => {
      await using executor = make(2)
      const gate = newFile()
      const items = [[gate, 0], ...[...numbers(5)].map((n) => ['', n + 1])] as [string, number][]
      const many = executor.map(fn.waitForOne, items, { ordered: false, chunksize: 1 })
      const first: unknown[] = []
      for (let i = 0; i < 5; i++) first.push((await many.next()).value)
      assert.deepEqual(first.sort(), [1, 2, 3, 4, 5])
      fn.append(gate, 'go')
      assert.deepEqual(await all(many), [0])
    })

    test('of nothing is nothing', async () => {
      await using executor = make(2)
      assert.deepEqual(await all(executor.map(fn.identity, [])), [])
      assert.deepEqual(await all(executor.map(fn.identity, numbers(0), { ordered: false })), [])
    })

    test('takes no more than buffersize ahead of what was read', async () => {
      await using executor = make(2)
      let taken = 0
      const input = numbers()
      const counting = {
        next: () => {
          taken += 1
          return input.next()
        },
        [Symbol.iterator]: () => counting,
        return: () => input.return(undefined),
      }
      const results = executor.map(fn.identity, counting, { buffersize: 4, chunksize: 1 })
      assert.equal(taken, 4)
      for (let i = 0; i < 10; i++) {
        assert.equal((await results.next()).value, i)
        assert.ok(taken <= i + 5, `${taken} taken after ${i + 1} were read`)
      }
      await results.return!()
    })

    test('an item that fails throws at its place, and the next goes on', async () => {
      await using executor = make(2)
      for (const chunksize of [1, 4, 'auto'] as const) {
        const seen = await all(executor.map(fn.evenOnly, numbers(7), { chunksize }))
        assert.deepEqual(
          seen.map((item) => (item instanceof RangeError ? item.message : item)),
          [0, 'odd: 1', 2, 'odd: 3', 4, 'odd: 5', 6],
        )
      }
    })

    test('an input that fails throws after the results of what came before', async () => {
      await using executor = make(2)
      function* failing() {
        yield 1
        yield 2
        throw new RangeError('no more input')
      }
      const seen = await all(executor.map(fn.identity, failing()))
      assert.deepEqual(
        seen.map((item) => (item instanceof Error ? item.message : item)),
        [1, 2, 'no more input'],
      )
    })

    test('takes an asynchronous input, and does not wait for more of it than it needs', async () => {
      await using executor = make(2)
      const gate = newFile()
      async function* slowly() {
        yield 1
        yield 2
        await fn.waitFor(gate, 0)
        yield 3
      }
      const results = executor.map(fn.identity, slowly(), { chunksize: 10 })
      assert.equal((await results.next()).value, 1)
      assert.equal((await results.next()).value, 2)
      fn.append(gate, 'go')
      assert.deepEqual(await all(results), [3])
    })

    test('serves concurrent reads in their order', async () => {
      await using executor = make(2)
      const results = executor.map(fn.identity, numbers(5))
      const reads = await Promise.all([...numbers(7)].map(() => results.next()))
      assert.deepEqual(
        reads.map((read) => (read.done ? 'done' : read.value)),
        [0, 1, 2, 3, 4, 'done', 'done'],
      )
    })

    test('leaving the loop cancels what was submitted and closes the input', async () => {
      await using executor = make(2)
      const file = newFile()
      let closed = false
      const items = (function* () {
        try {
          yield ''
          for (;;) yield file
        } finally {
          closed = true
        }
      })()
      for await (const value of executor.map(fn.forEverIfFile, items, { chunksize: 1, buffersize: 6 })) {
        assert.equal(value, 'quick')
        await until(() => linesOf(file).length === 2)
        break
      }
      assert.ok(closed)
      assert.deepEqual(linesOf(file).sort(), ['cleaned up', 'cleaned up', 'started', 'started'])
      const { queued, running } = executor.stats()
      assert.deepEqual({ queued, running }, { queued: 0, running: 0 })
    })

    test('leaving the loop in the middle of a chunk ends the chunk', async () => {
      await using executor = make(1)
      const [gate, file] = [newFile(), newFile()]
      const results = executor.map(
        fn.waitAndAppend,
        [...numbers(40)].map((n) => `${gate} ${file} ${n}`),
        { chunksize: 20, buffersize: 40 },
      )
      await until(() => executor.stats().running === 1)
      await results.return!()
      fn.append(gate, 'go')
      assert.equal(await executor.submit(fn.add, 1, 1), 2)
      assert.deepEqual(linesOf(file), [])
      assert.equal(executor.stats().cancelled, 40)
      assert.deepEqual(await results.next(), { done: true, value: undefined })
    })

    test('a timeout is of the whole map; what is ready is given out first', async () => {
      await using executor = make(1)
      const gate = newFile()
      await executor.submit(fn.add, 1, 1) // the start of a worker may take longer than the limit
      const results = executor.map(
        fn.waitForOne,
        [
          ['', 1],
          [gate, 2],
          ['', 3],
        ] as [string, number][],
        { timeout: '1s', chunksize: 1 },
      )
      assert.equal((await results.next()).value, 1)
      assert.ok((await failureOf(results.next())) instanceof TimeoutError)
      assert.equal((await results.next()).done, true)
    })

    test('the timeout of an item is not the timeout of the map', async () => {
      await using executor = make(1)
      const gate = newFile()
      const limited = executor.with({ timeout: '30ms' })
      const seen = await all(
        limited.map(fn.waitForOne, [
          ['', 1],
          [gate, 2],
          ['', 3],
        ] as [string, number][]),
      )
      assert.deepEqual([seen[0], seen[2]], [1, 3])
      assert.ok(seen[1] instanceof TimeoutError)
    })

    test('a signal ends it with its reason', async () => {
      await using executor = make(1)
      const controller = new AbortController()
      const results = executor
        .with({ signal: controller.signal })
        .map(fn.waitForOne, [[newFile(), 1]] as [string, number][])
      const next = failureOf(results.next())
      controller.abort('enough')
      const error = await next
      assert.ok(error instanceof CancelledError)
      assert.equal(error.reason, 'enough')
      assert.equal((await results.next()).done, true)
    })

    test('is cancelled with the scope it was called in', async () => {
      await using executor = make(1)
      let closed = false
      await run(async () => {
        const error = await failureOf(
          timeout('100ms', async () => {
            const gate = newFile()
            const items = (function* () {
              try {
                for (;;) yield [gate, 0] as [string, number]
              } finally {
                closed = true
              }
            })()
            const results = executor.map(fn.waitForOne, items)
            assert.ok((await failureOf(results.next())) instanceof CancelledError)
            assert.ok((await failureOf(results.next())) instanceof CancelledError)
            await sleep(0)
          }),
        )
        assert.ok(error instanceof TimeoutError)
      })
      assert.ok(closed)
      await executor.shutdown()
    })

    test('a read that is cut takes nothing', async () => {
      await using executor = make(1)
      const gate = newFile()
      const results = executor.map(fn.waitForOne, [
        [gate, 1],
        ['', 2],
      ] as [string, number][])
      const error = await failureOf(run(() => timeout('10ms', async () => void (await results.next()))))
      assert.ok(error instanceof TimeoutError)
      fn.append(gate, 'go')
      assert.deepEqual(await all(results), [1, 2])
    })

    test('wrong arguments are refused at once', () => {
      const executor = make(1)
      const code = 'PLAIT_INVALID_ARGUMENT'
      assert.throws(() => executor.map(fn.identity, 5 as never), { code })
      for (const options of [
        { chunksize: 0 },
        { chunksize: 1.5 },
        { chunksize: 'all' },
        { buffersize: 0 },
        { buffersize: -1 },
        { ordered: 'yes' },
        { timeout: 'soon' },
      ])
        assert.throws(
          () => executor.map(fn.identity, [1], options as never),
          { code },
          JSON.stringify(options),
        )
    })

    test('many items go through a small window', async () => {
      await using executor = make(2)
      let [sum, count] = [0, 0]
      for await (const n of executor.map(fn.identity, numbers(20_000))) {
        assert.equal(n, count)
        count += 1
        sum += n
      }
      assert.deepEqual([count, sum], [20_000, 199_990_000])
    })
  })
}
