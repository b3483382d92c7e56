import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe } from 'node:test'
import { run, sleep, timeout } from 'plait/asyncio'
import { CancelledError, InvalidStateError, TimeoutError } from 'plait/futures'
import { all, failureOf, newFile, until } from '../futures/helpers.ts'
import * as work from './fixtures/work.mjs'
import { executors, pools, test } from './subjects.ts'

/** An input that says what was taken from it. */
class Source {
  taken = 0
  closed = 0
  readonly #length: number
  readonly #failsAt: number
  constructor(length = Number.POSITIVE_INFINITY, failsAt = Number.NaN) {
    this.#length = length
    this.#failsAt = failsAt
  }
  next(): IteratorResult<number> {
    if (this.taken === this.#failsAt) throw new SyntaxError(`input broke at ${this.taken}`)
    if (this.taken >= this.#length) return { done: true, value: undefined }
    return { done: false, value: this.taken++ }
  }
  return(): IteratorResult<number> {
    this.closed += 1
    return { done: true, value: undefined }
  }
  [Symbol.iterator](): this {
    return this
  }
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

for (const { name, make, lend } of executors) {
  describe(`${name}, map`, () => {
    test('takes no more ahead than its window, whatever the chunks', async () => {
      const executor = lend(2)
      for (const chunksize of [1, 7, 1000, 'auto'] as const)
        for (const buffersize of [1, 3, 20]) {
          const source = new Source()
          const results = executor.map(work.echo, source, { chunksize, buffersize })
          for (let given = 0; given < 60; given++) {
            assert.ok(source.taken <= given + buffersize, `${source.taken} taken, ${given} given`)
            assert.deepEqual(await results.next(), { done: false, value: given })
          }
          await results.return!()
          assert.equal(source.closed, 1)
          assert.ok(source.taken <= 60 + buffersize)
        }
    })

    test('has a small window of its own, so that an endless input costs nothing', async () => {
      const executor = lend(2)
      const source = new Source()
      const results = executor.map(work.echo, source, { chunksize: 7 })
      await new Promise((resolve) => setImmediate(resolve))
      const most = executor.capabilities.values === 'reference' ? 4 * 2 : 4 * 2 * 7
      assert.ok(source.taken <= most, `${source.taken}`)
      let count = 0
      for await (const n of results) {
        assert.equal(n, count)
        if (++count === 500) break
      }
      assert.ok(source.taken <= 500 + most)
      assert.equal(source.closed, 1)
    })

    test('gives every result once, in order or not, for every chunk', async () => {
      const executor = lend(2)
      for (const ordered of [true, false])
        for (const chunksize of [1, 7, 1000, 'auto'] as const) {
          const seen = (await all(executor.map(work.double, upTo(150), { ordered, chunksize }))) as number[]
          if (!ordered) seen.sort((a, b) => a - b)
          assert.deepEqual(
            seen,
            upTo(150).map((n) => 2 * n),
          )
        }
    })

    test('takes anything that can be iterated', async () => {
      const executor = lend(2)
      async function* later() {
        for (const n of [1, 2]) {
          await new Promise((resolve) => setImmediate(resolve))
          yield n
        }
      }
      const inputs: [input: any, expected: unknown[]][] = [
        ['aä🙂', ['a', 'ä', '🙂']],
        [new Set([1, 2]), [1, 2]],
        [new Map([['k', 1]]), [['k', 1]]],
        [new Uint8Array([7, 8]), [7, 8]],
        [later(), [1, 2]],
        [Readable.from(['x']), ['x']],
        [{ [Symbol.iterator]: () => ({ next: () => ({ done: true }) }) }, []],
        [new Array(2), [undefined, undefined]],
      ]
      for (const [input, expected] of inputs)
        assert.deepEqual(await all(executor.map(work.echo, input)), expected)
    })

    test('refuses what cannot be iterated and wrong options, by name', async () => {
      const executor = lend(1)
      const refused = (call: () => unknown, kind: string, words: RegExp) =>
        assert.throws(call, (error: any) => {
          assert.deepEqual([error.name, error.code], [kind, 'PLAIT_INVALID_ARGUMENT'], words.source)
          assert.match(error.message, words)
          return true
        })
      for (const input of [undefined, null, 5, {}, () => 1, { next() {} }])
        refused(() => executor.map(work.echo, input as never), 'TypeError', /items.*iterable/)
      const wrong: [options: unknown, kind: string, words: RegExp][] = [
        [null, 'TypeError', /options/],
        [5, 'TypeError', /options/],
        [{ chunksize: 0 }, 'RangeError', /chunksize/],
        [{ chunksize: -1 }, 'RangeError', /chunksize/],
        [{ chunksize: 2.5 }, 'RangeError', /chunksize/],
        [{ chunksize: Number.NaN }, 'RangeError', /chunksize/],
        [{ chunksize: '7' }, 'TypeError', /chunksize/],
        [{ buffersize: 0 }, 'RangeError', /buffersize/],
        [{ buffersize: '9' }, 'TypeError', /buffersize/],
        [{ ordered: 1 }, 'TypeError', /ordered/],
        [{ timeout: Number.NaN }, 'RangeError', /timeout/],
        [{ timeout: '5' }, 'TypeError', /timeout/],
      ]
      for (const [options, kind, words] of wrong) {
        const source = new Source()
        refused(() => executor.map(work.echo, source, options as never), kind, words)
        assert.equal(source.taken, 0)
      }
    })

    test('goes on after items that fail, each at its place', async () => {
      const executor = lend(2)
      for (const chunksize of [1, 7, 'auto'] as const) {
        const seen = await all(executor.map(work.failOdd, upTo(40), { chunksize }))
        for (const [n, item] of seen.entries()) {
          if (n % 2 === 0) assert.equal(item, n)
          else assert.equal((item as Error).message, `odd: ${n}`)
        }
        assert.equal(seen.length, 40)
        const mixed = await all(executor.map(work.failOdd, upTo(40), { chunksize, ordered: false }))
        assert.equal(mixed.filter((item) => item instanceof RangeError).length, 20)
        assert.equal(new Set(mixed.map((item) => (item as Error).message ?? item)).size, 40)
      }
    })

    test('an item that fails leaves `for await`, and the executor ends all the same', async () => {
      const executor = make(2)
      const source = new Source()
      const seen: number[] = []
      const error = await failureOf(
        (async () => {
          for await (const n of executor.map(work.failOdd, source, { buffersize: 8 })) seen.push(n)
        })(),
      )
      assert.equal(error.message, 'odd: 1')
      assert.deepEqual(seen, [0])
      await executor.shutdown()
      assert.ok(source.taken <= 10)
    })

    test('an input that fails gives what came before, then its error, then the end', async () => {
      const executor = lend(2)
      for (const ordered of [true, false])
        for (const chunksize of [1, 7, 'auto'] as const) {
          const source = new Source(99, 10)
          const seen = await all(executor.map(work.echo, source, { chunksize, ordered }))
          const error = seen.find((item) => item instanceof SyntaxError)
          assert.ok(error !== undefined)
          const values = seen.filter((item) => item !== error) as number[]
          assert.deepEqual(ordered ? values : values.sort((a, b) => a - b), upTo(10))
          if (ordered) assert.equal(seen[10], error)
          assert.equal(source.closed, 0) // it closed itself
        }
    })

    test('an asynchronous input that fails, also with nothing at all', async () => {
      const executor = lend(2)
      async function* input(n: number) {
        for (let i = 0; i < n; i++) yield i
        throw undefined
      }
      assert.deepEqual(await all(executor.map(work.echo, input(3), { chunksize: 2 })), [0, 1, 2, undefined])
      assert.deepEqual(await all(executor.map(work.echo, input(0))), [undefined])
    })

    test('does not wait for an input that never gives anything, once it is left', async () => {
      const executor = lend(1)
      let closed = 0
      const input = {
        n: 0,
        next() {
          return this.n++ === 0
            ? Promise.resolve({ done: false as const, value: 1 })
            : new Promise<IteratorResult<number>>(() => {})
        },
        async return() {
          closed += 1
          return { done: true as const, value: undefined }
        },
        [Symbol.asyncIterator]() {
          return this
        },
      }
      for await (const n of executor.map(work.echo, input, { chunksize: 7 })) {
        assert.equal(n, 1)
        break
      }
      assert.equal(closed, 1)
    })

    test('closes its input once, however it is left', async () => {
      const executor = lend(1)
      const ways: ((results: AsyncIterableIterator<unknown>) => Promise<unknown>)[] = [
        async (results) => {
          for await (const _ of results) break
        },
        async (results) => {
          await failureOf(
            (async () => {
              for await (const _ of results) throw new RangeError('in the body')
            })(),
          )
        },
        async (results) => {
          await results.return!('value').then((end) => assert.deepEqual(end, { done: true, value: 'value' }))
        },
        async (results) => {
          assert.equal((await failureOf(results.throw!(new RangeError('thrown')))).message, 'thrown')
        },
        async (results) => {
          await Promise.all([results.return!(), results.return!(), results.next()])
        },
      ]
      for (const way of ways) {
        const source = new Source()
        const results = executor.map(work.echo, source, { buffersize: 3 })
        await way(results)
        assert.equal(source.closed, 1)
        assert.deepEqual(await results.next(), { done: true, value: undefined })
        await results.return!()
        assert.equal(source.closed, 1)
      }
      const whole = new Source(3)
      await all(executor.map(work.echo, whole))
      assert.equal(whole.closed, 0)
    })

    test('an input whose clean-up fails says so to whoever leaves, and to nobody else', async () => {
      const executor = lend(1)
      const rejections: unknown[] = []
      const note = (error: unknown) => rejections.push(error)
      process.on('unhandledRejection', note)
      for (const how of ['throws', 'rejects']) {
        const source = new Source()
        source.return = () => {
          if (how === 'throws') throw new RangeError('clean-up')
          return Promise.reject(new RangeError('clean-up')) as never
        }
        const gate = newFile()
        const results = executor.map(work.holdItem, holding(source, gate))
        await results.next()
        const leaving = failureOf(results.return!()) // while the work has not ended
        work.mark(gate, 'go')
        assert.equal((await leaving).message, 'clean-up')
      }
      await new Promise((resolve) => setImmediate(resolve))
      process.removeListener('unhandledRejection', note)
      assert.deepEqual(rejections, [])
    })

    test('leaving it cancels what runs and what waits, and nobody else', async () => {
      await using executor = make(1)
      const [gate, file] = [newFile(), newFile()]
      const other = executor.submit(work.echo, 'other')
      const results = executor.map(
        work.holdItem,
        upTo(20).map((n) => [n === 0 ? '' : gate, n, file] as [string, number, string]),
        { chunksize: 5, buffersize: 20 },
      )
      assert.equal((await results.next()).value, 0)
      const reading = results.next()
      await until(() => executor.stats().running === 1)
      await results.return!()
      assert.deepEqual(await reading, { done: true, value: undefined })
      assert.equal(await other, 'other')
      const { queued, running, cancelled, completed } = executor.stats()
      assert.deepEqual([queued, running], [0, 0])
      assert.equal(cancelled + completed, 21)
      assert.equal(await executor.submit(work.add, 1, 1), 2)
    })

    test('reads at once get what is theirs, in order, and the end', async () => {
      const executor = lend(2)
      const results = executor.map(work.failOdd, upTo(4), { chunksize: 1, buffersize: 1 })
      const reads = await Promise.allSettled(upTo(7).map(() => results.next()))
      assert.deepEqual(
        reads.map((read) => (read.status === 'fulfilled' ? (read.value.done ?? read.value) : 'failed')),
        [false, 'failed', false, 'failed', true, true, true],
      )
    })

    test('called in a cancelled scope takes nothing and says so', async () => {
      await using executor = make(1)
      const source = new Source()
      await run(async () => {
        await failureOf(
          timeout(0, async () => {
            try {
              await sleep('1h')
            } finally {
              const results = executor.map(work.echo, source)
              assert.ok((await failureOf(results.next())) instanceof CancelledError)
            }
          }),
        )
      })
      assert.equal(source.taken, 0)
      const { completed, cancelled, queued, running } = executor.stats()
      assert.deepEqual([completed, cancelled, queued, running], [0, 0, 0, 0])
    })

    test('under a signal that was aborted before takes nothing and gives its reason', async () => {
      await using executor = make(1)
      const source = new Source()
      const results = executor.with({ signal: AbortSignal.abort('early') }).map(work.echo, source)
      const error = await failureOf(results.next())
      assert.ok(error instanceof CancelledError)
      assert.equal(error.reason, 'early')
      assert.equal((await results.next()).done, true)
      assert.equal(source.taken, 0)
      assert.equal(executor.stats().completed, 0)
    })

    test('ends with the scope around it, in the middle, and closes its input', async () => {
      await using executor = make(1)
      const source = new Source()
      const gate = newFile()
      const controller = new AbortController()
      const main = failureOf(
        run(
          async () => {
            for await (const n of executor.map(work.holdItem, holding(source, gate))) assert.equal(n, 0)
          },
          { signal: controller.signal },
        ),
      )
      await until(() => executor.stats().completed === 1 && executor.stats().running === 1)
      controller.abort('stop')
      const error = await main
      assert.ok(error instanceof CancelledError)
      await until(() => source.closed === 1)
      assert.equal(await executor.submit(work.add, 1, 1), 2)
    })

    test('a timeout of the whole is an error at the end, the input is closed and the work cancelled', async () => {
      await using executor = make(1)
      const source = new Source()
      const results = executor.map(work.holdItem, holding(source, newFile()), {
        timeout: '400ms',
        chunksize: 1,
      })
      const seen = await all(results)
      const error = seen.at(-1)
      assert.ok(error instanceof TimeoutError)
      assert.ok(seen.length <= 2)
      assert.equal(source.closed, 1)
      assert.equal(await executor.submit(work.add, 1, 1), 2)
      const zero = await all(executor.map(work.waitForEver, [newFile()], { timeout: 0 }))
      assert.ok(zero[0] instanceof TimeoutError)
      assert.deepEqual(await all(executor.map(work.echo, [1], { timeout: '9999h' })), [1])
    })

    test('goes on with what was submitted after shutdown, and then says what happened', async () => {
      const executor = make(1)
      const source = new Source()
      const results = executor.map(work.echo, source, { buffersize: 5, chunksize: 1 })
      assert.equal((await results.next()).value, 0)
      await executor.shutdown()
      const seen = await all(results)
      const error = seen.pop()
      assert.ok(error instanceof InvalidStateError, String(error))
      assert.deepEqual(
        seen,
        upTo(seen.length).map((n) => n + 1),
      )
      assert.equal(source.closed, 1)
    })

    test('shutdown({ cancelFutures }) ends what has not started of it', async () => {
      const executor = make(1)
      const gate = newFile()
      const items = upTo(6).map((n) => [n === 0 ? '' : gate, n] as any)
      const results = executor.map(work.holdItem, items, { chunksize: 1, buffersize: 6 })
      assert.equal((await results.next()).value, 0)
      await until(() => executor.stats().running === 1)
      await executor.shutdown({ cancelFutures: true, wait: false })
      work.mark(gate, 'go')
      const seen = await all(results)
      assert.deepEqual(seen[0], 1)
      assert.deepEqual(
        seen.slice(1).map((item) => item instanceof CancelledError),
        Array(4).fill(true),
      )
      await executor.shutdown()
    })

    test('retries single items', async () => {
      const executor = lend(2)
      const files = upTo(5).map(() => newFile())
      const twice = executor.with({ retries: 1 })
      const fn =
        executor.capabilities.functions === 'any' ? (f: string) => work.failTimes(f, 1) : work.failOnce
      assert.deepEqual(await all(twice.map(fn, files, { chunksize: 5 })), [2, 2, 2, 2, 2])
    })

    test('works again and again, and many at a time', async () => {
      const executor = lend(2)
      const maps = upTo(20).map((n) => all(executor.map(work.double, upTo(n), { buffersize: 3 })))
      for (const [n, seen] of (await Promise.all(maps)).entries())
        assert.deepEqual(
          seen,
          upTo(n).map((i) => 2 * i),
        )
    })
  })
}

/** The first item at once, every other one when the gate is open. */
function holding(source: Source, gate: string): Iterable<any> {
  return {
    [Symbol.iterator]: () => ({
      next() {
        const { value } = source.next()
        return { done: false, value: [value === 0 ? '' : gate, value] }
      },
      return: () => source.return() as never,
    }),
  }
}

for (const { name, make } of pools) {
  describe(`${name}, map`, () => {
    test('results that were delivered before a death in their chunk are kept', async () => {
      await using pool = make(1)
      for (const chunksize of [1, 10] as const) {
        const items = [0, 1, 'bad', 3, null, 5, 6, null, 8, 9]
        const seen = await all(pool.map(work.exitOnNull, items, { chunksize, buffersize: 10 }))
        assert.deepEqual(
          seen.map((item) => (item as Error)?.name ?? item),
          [0, 1, 'TypeError', 3, 'WorkerDiedError', 5, 6, 'WorkerDiedError', 8, 9],
        )
      }
      const { completed, failed, cancelled, died } = pool.stats()
      assert.deepEqual([completed, failed, cancelled, died], [14, 6, 0, 4])
    })
  })
}
