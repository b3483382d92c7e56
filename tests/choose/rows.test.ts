import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { choose } from 'plait/choose'
import { checkShape, row, rows } from './check-result.ts'
import { failOnOdd, increment, nap, openServer, talk } from './functions.ts'

const LONG = { timeout: 150_000 }
const SHORT = { budget: '200ms' } as const

describe('choose › rows', () => {
  test('workers, bytes, start-up and memory are told of the pools', LONG, async () => {
    const result = await choose(talk, [['x'.repeat(10_000)]], { count: 4, workers: [1, 2], ...SHORT })
    for (const model of ['threads', 'processes'] as const) {
      assert.deepEqual(
        rows(result, model).map(({ workers }) => workers),
        [1, 2],
      )
      for (const one of rows(result, model)) {
        assert.ok(one.startupMs > 0 && one.memoryBytes > 0)
        assert.ok(one.bytesIn >= one.calls * 10_000 && one.bytesOut >= one.calls * 10_000)
      }
    }
    assert.equal(row(result, 'sync').bytesIn, 0)
    assert.match((result.notes ?? []).join('\n'), /printed .* lines/)
  })

  test('calls that fail now and then are counted, with the first message', LONG, async () => {
    const result = await choose(failOnOdd, [0, 1, 2, 3], SHORT)
    checkShape(result)
    for (const one of result.measured) {
      assert.equal(one.failed, one.calls / 2)
      assert.equal(one.problem?.name, 'RangeError')
      assert.match(one.problem.message, /^2 of 4 calls failed: [13] is odd$/)
    }
    const errors = row(result, 'sync').lanes[0]!.spans.filter((span) => span.error !== undefined)
    assert.equal(errors.length, 2)
  })

  test('a result that cannot cross leaves the models that need no crossing', LONG, async () => {
    const result = await choose(openServer, [], { count: 3, ...SHORT })
    checkShape(result)
    for (const model of ['sync', 'event-loop'] as const) assert.equal(row(result, model).ok, true)
    for (const model of ['threads', 'processes'] as const) {
      assert.equal(row(result, model).ok, false)
      assert.equal(row(result, model).problem?.code, 'PLAIT_TRANSFER')
      assert.match(row(result, model).problem!.message, /^the result: a Server cannot be sent/)
      assert.ok(row(result, model).problem!.hint)
    }
  })

  test('a closure is measured here, and the pools say why they cannot have it', LONG, async () => {
    const add = 5
    let called = 0
    const result = await choose(
      async (n: number) => {
        called++
        await nap(n + add)
      },
      [[15]],
      { count: 50, ...SHORT },
    )
    checkShape(result)
    assert.ok(called > 0, 'it ran in this process')
    assert.equal(result.recommendation.model, 'event-loop')
    for (const model of ['threads', 'processes'] as const) {
      assert.equal(row(result, model).problem?.code, 'PLAIT_TRANSFER')
      assert.match(row(result, model).problem!.message, /does not export it/)
    }
  })

  test('arguments that are live objects keep an exported function here', LONG, async () => {
    class Live {
      valueOf() {
        return 4
      }
    }
    const result = await choose(increment, [[new Live() as unknown as number]], { count: 10, ...SHORT })
    checkShape(result)
    assert.equal(row(result, 'sync').failed, 0)
  })
})
