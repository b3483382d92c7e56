import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Awaitable, createTask, gather, InvalidStateError, run, sleep } from 'plait/asyncio'
import { caught } from './caught.ts'

describe('fibers › an operation happens once', { timeout: 30_000 }, () => {
  test('reached a second time by yield* it gives the same value, and starts nothing again', () =>
    run(function* () {
      let started = 0
      const both = gather(
        () => {
          started += 1
          return 'a'
        },
        () => sleep(1, 'b'),
      )
      assert.deepEqual(yield* both, ['a', 'b'])
      assert.deepEqual(yield* both, ['a', 'b'])
      assert.equal(started, 1)
      const pause = sleep(1, 'slept')
      assert.equal(yield* pause, 'slept')
      assert.equal(yield* pause, 'slept')
    }))

  test('an operation that failed fails again with the same error', () =>
    run(function* () {
      const failing = gather(() => {
        throw new Error('once')
      })
      const errors: unknown[] = []
      for (let i = 0; i < 2; i++) {
        try {
          yield* failing
        } catch (error) {
          errors.push(error)
        }
      }
      assert.equal(errors.length, 2)
      assert.equal(errors[0], errors[1])
    }))

  test('awaited after it was reached by yield* it gives the same value', () =>
    run(async () => {
      let operation: PromiseLike<string> | undefined
      await createTask(function* () {
        const pause = sleep(1, 'slept')
        operation = pause
        return yield* pause
      })
      assert.equal(await operation, 'slept')
    }))

  test('two fibers that wait for the same one at the same time: the second gets InvalidStateError', () =>
    run(async () => {
      const shared: Awaitable<unknown>[] = []
      const first = createTask(function* () {
        const operation = gather(() => sleep(5))
        shared.push(operation)
        yield* operation
        return 'first'
      })
      const second = createTask(function* () {
        yield* shared[0]!
      })
      assert.ok((await caught(() => second)) instanceof InvalidStateError)
      assert.equal(await first, 'first')
    }))
})
