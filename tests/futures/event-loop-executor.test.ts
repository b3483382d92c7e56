import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { sleep } from 'plait/asyncio'
import { EventLoopExecutor } from 'plait/futures'
import { test } from './helpers.ts'

describe('event loop executor', () => {
  test('runs closures, and passes values as they are', async () => {
    await using executor = new EventLoopExecutor()
    const shared = { count: 0, fn: () => 1 }
    const countUp = (value: typeof shared) => {
      value.count += 1
      return value
    }
    assert.equal(await executor.submit(countUp, shared), shared)
    assert.equal(shared.count, 1)
  })

  test('runs no more at a time than it may', async () => {
    await using executor = new EventLoopExecutor({ maxConcurrency: 3 })
    let [running, most] = [0, 0]
    const work = async (n: number) => {
      running += 1
      most = Math.max(most, running)
      await sleep(1)
      running -= 1
      return n
    }
    let count = 0
    for await (const _ of executor.map(
      work,
      Array.from({ length: 30 }, (_, i) => i),
    ))
      count += 1
    assert.deepEqual([count, most], [30, 3])
  })

  test('without a limit runs everything at once', async () => {
    await using executor = new EventLoopExecutor()
    let running = 0
    const all = Array.from({ length: 100 }, () =>
      executor.submit(async () => {
        running += 1
        await sleep(5)
        return running
      }),
    )
    assert.deepEqual(new Set(await Promise.all(all)), new Set([100]))
  })

  test('says what it promises', () => {
    assert.deepEqual(new EventLoopExecutor().capabilities, {
      model: 'event-loop',
      parallel: false,
      delivery: 'at-most-once',
      cancel: 'cooperative',
      functions: 'any',
      values: 'reference',
    })
    for (const maxConcurrency of [0, -1, 1.5, '3', Number.NaN])
      assert.throws(() => new EventLoopExecutor({ maxConcurrency } as never), {
        code: 'PLAIT_INVALID_ARGUMENT',
      })
  })
})
