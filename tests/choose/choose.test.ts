// slow: every choice is measured for real, seconds long
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { choose } from 'plait/choose'
import { checkShape, row, rows } from './check-result.ts'
import { compute, hold, increment, nap } from './functions.ts'

const LONG = { timeout: 150_000 }
const SHORT = { budget: '200ms' } as const

describe('choose', () => {
  test('waiting work is waited for at the same time', LONG, async () => {
    const result = await choose(nap, [[30]], { count: 100, ...SHORT })
    checkShape(result)
    assert.equal(result.recommendation.model, 'event-loop')
    assert.equal(result.model.kind, 'I/O-bound')
    assert.ok(result.model.waitMs > result.model.computeMs)
    assert.match(result.reason, /^Use the event loop.* waits .*100 calls/)
    const unlimited = rows(result, 'event-loop').find((one) => one.workers === null)!
    assert.equal(unlimited.lanes.length, unlimited.calls)
  })

  test('tiny calls stay in sequence', LONG, async () => {
    const result = await choose(increment, [1, 2, 3], { count: 100_000, ...SHORT })
    checkShape(result)
    assert.equal(result.recommendation.model, 'sync')
    assert.match(result.reason, /^Stay in sequence/)
    assert.match(result.model.breakEven, /stay in sequence/)
  })

  test('computing work is seen to compute, and one call of it has nothing to share out', LONG, async () => {
    const result = await choose(compute, [[40]], { workers: 2, ...SHORT })
    checkShape(result)
    assert.equal(result.model.kind, 'CPU-bound')
    assert.equal(result.model.count, 1)
    assert.equal(result.recommendation.model, 'sync')
    const [span] = row(result, 'sync').lanes[0]!.spans
    assert.deepEqual(
      span!.segments.map(({ kind }) => kind),
      ['computing'],
    )
  })

  test(
    'a call that sleeps on its thread counts as waiting, and threads help where the loop cannot',
    LONG,
    async () => {
      const result = await choose(hold, [[40]], { count: 400, workers: 4, ...SHORT })
      checkShape(result)
      assert.equal(result.model.kind, 'I/O-bound')
      assert.ok(['threads', 'processes'].includes(result.recommendation.model), result.reason)
      assert.match(result.reason, /holding its thread while it waits/)
    },
  )
})
