import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  checkpoint,
  createTask,
  currentTask,
  type Fiber,
  gather,
  isCancelled,
  run,
  shield,
  sleep,
  TimeoutError,
  taskGroup,
  timeout,
  until,
} from 'plait/asyncio'
import { caught } from './caught.ts'
import { deferred } from './deferred.ts'
import { holds } from './holds.ts'

describe('fibers', { timeout: 30_000 }, () => {
  test('yield* works on every operation and gives its value', () =>
    run(function* () {
      assert.equal(yield* sleep(1, 'sleep'), 'sleep')
      assert.equal(yield* sleep(0, 'turn'), 'turn')
      assert.equal(yield* checkpoint(), undefined)
      assert.equal(yield* until(Promise.resolve('until')), 'until')
      assert.equal(yield* createTask(() => 'task'), 'task')
      assert.deepEqual(yield* gather(() => 1, Promise.resolve('2')), [1, '2'])
      assert.deepEqual(yield* gather([() => 1], { returnExceptions: true }), [1])
      assert.equal(yield* timeout('1h', () => 'timeout'), 'timeout')
      assert.equal(yield* taskGroup(() => 'group'), 'group')
      assert.equal(yield* shield(() => 'shield'), 'shield')
    }))

  test('yield* throws what the operation throws, catchable in the fiber', () =>
    run(function* () {
      const mine = new Error('mine')
      const fail = () => {
        throw mine
      }
      for (const operation of [
        () => until(Promise.reject(mine)),
        () => createTask(fail),
        () => gather(fail),
        () => timeout('1h', fail),
        () => shield(fail),
      ]) {
        let got: unknown
        try {
          yield* operation() as ReturnType<typeof sleep>
        } catch (error) {
          got = error
        }
        assert.equal(got, mine)
      }
    }))

  test('take part in everything that takes a coroutine', () =>
    run(function* () {
      function* child(value: number): Fiber<number> {
        yield* sleep(1)
        return value
      }
      assert.equal(yield* createTask(() => child(1)), 1)
      assert.deepEqual(
        yield* gather(
          () => child(1),
          () => child(2),
        ),
        [1, 2],
      )
      assert.equal(
        yield* taskGroup(function* (tg) {
          const task = tg.createTask(() => child(3))
          return yield* task
        }),
        3,
      )
      assert.equal(yield* timeout('1h', () => child(4)), 4)
      assert.equal(yield* shield(() => child(5)), 5)
      assert.equal(yield* child(6), 6)
      assert.equal(yield* until(run(() => child(7))), 7)
    }))

  test('a plain function that returns a generator object is a fiber too', () =>
    run(async () => {
      const make = (n: number) => () =>
        (function* () {
          yield* sleep(0)
          return n
        })()
      assert.deepEqual(await gather(make(1), make(2)), [1, 2])
    }))

  test('and async tasks wait for each other', () =>
    run(async () => {
      const gate = deferred<string>()
      const fiber = createTask(function* () {
        return `fiber(${yield* until(gate.promise)})`
      })
      const asynchronous = createTask(async () => `async(${await fiber})`)
      const outer = createTask(function* () {
        return `outer(${yield* asynchronous})`
      })
      await sleep(1)
      gate.resolve('value')
      assert.equal(await outer, 'outer(async(fiber(value)))')
    }))

  test('finally blocks run, with waits in a shield', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(function* () {
        try {
          try {
            yield* sleep('1h')
          } finally {
            log.push('inner')
            yield* shield(function* () {
              yield* sleep(2)
              log.push('shielded')
            })
          }
        } finally {
          log.push('outer')
        }
      })
      await sleep(1)
      task.cancel('unwind')
      assert.equal((await caught(() => task)).reason, 'unwind')
      assert.deepEqual(log, ['inner', 'shielded', 'outer'])
    }))

  test('a return in a finally block swallows the cancellation: a result', () =>
    run(async () => {
      function* body(): Fiber<string> {
        let result = 'slept'
        try {
          yield* sleep('1h')
        } catch {
          result = 'from the catch'
        }
        return result
      }
      const task = createTask(body)
      await sleep(1)
      task.cancel()
      assert.equal(await task, 'from the catch')
    }))

  test('timeouts, groups and cancels work the same inside', () =>
    run(function* () {
      let error: unknown
      try {
        yield* timeout(2, function* () {
          yield* sleep('1h')
        })
      } catch (thrown) {
        error = thrown
      }
      holds(error instanceof TimeoutError)
      const log: string[] = []
      yield* taskGroup(function* (tg) {
        for (const name of ['a', 'b']) {
          tg.createTask(function* () {
            try {
              yield* sleep('1h')
            } catch (thrown) {
              log.push(`${name} ${isCancelled(thrown)}`)
              throw thrown
            }
          })
        }
        yield* sleep(1)
        tg.cancel()
        yield* sleep('1h')
      })
      assert.deepEqual(log, ['a true', 'b true'])
    }))

  test('one operation can be awaited by a fiber after it was started, and twice', () =>
    run(function* () {
      const both = gather(
        () => sleep(1, 'a'),
        () => sleep(2, 'b'),
      )
      yield* sleep(5)
      assert.deepEqual(yield* both, ['a', 'b'])
      assert.deepEqual(yield* both, ['a', 'b'])
    }))

  test('a failure of the body itself, before and after a wait, is that of the task', () =>
    run(async () => {
      const mine = new Error('mine')
      for (const after of [false, true]) {
        const task = createTask(function* () {
          if (after) yield* sleep(1)
          throw mine
        })
        assert.equal(await caught(() => task), mine)
      }
    }))

  test('generators deep in each other: a thousand levels of yield*', () =>
    run(async () => {
      function* deep(n: number): Fiber<number> {
        if (n === 0) return yield* sleep(1, 0)
        return (yield* deep(n - 1)) + 1
      }
      assert.equal(await createTask(() => deep(1_000)), 1_000)
      const task = createTask(() => deep(1_000))
      await checkpoint()
      task.cancel()
      holds(isCancelled(await caught(() => task)))
    }))

  test('a hundred thousand turns in a row end', () =>
    run(async () => {
      const count = await createTask(function* () {
        let n = 0
        for (let i = 0; i < 100_000; i++) {
          yield* checkpoint()
          n++
        }
        return n
      })
      assert.equal(count, 100_000)
    }))

  test('ten thousand of them at once, each with its own current task', () =>
    run(async () => {
      const results = await gather(
        Array.from(
          { length: 10_000 },
          (_, i) =>
            function* () {
              const me = currentTask()
              yield* sleep(i % 7)
              assert.equal(currentTask(), me)
              return i
            },
        ),
      )
      assert.equal(results[9_999], 9_999)
    }))

  test('context does not leak: after a fiber step the code around has its own task', () =>
    run(async () => {
      const me = currentTask()
      const log: unknown[] = []
      for (let i = 0; i < 5; i++) {
        createTask(function* () {
          yield* sleep(0)
          yield* sleep(1)
        })
        createTask(
          function* () {
            yield* sleep(0)
          },
          { eager: true },
        )
        log.push(currentTask() === me)
        await Promise.resolve()
        log.push(currentTask() === me)
        await sleep(i)
        log.push(currentTask() === me)
      }
      holds(log.every((same) => same))
    }))

  test('yielding something that is no operation fails the task with an error that says so', () =>
    run(async () => {
      for (const wrong of [5, undefined, 'text', {}]) {
        const task = createTask(function* () {
          yield wrong
          return 'not reached'
        })
        const error = await caught(() => timeout('5s', () => task))
        holds(!(error instanceof TimeoutError), 'it hangs')
        assert.match(error.message, /yield/)
      }
    }))
})
