import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ChooseResult, choose, type Row } from 'plait/choose'
import { compute, failOnOdd, hold, increment, nap, openServer, talk } from './functions.ts'

const LONG = { timeout: 150_000 }
const SHORT = { budget: '200ms' } as const

function rows(result: ChooseResult, model: Row['model']): readonly Row[] {
  return result.measured.filter((row) => row.model === model)
}

function row(result: ChooseResult, model: Row['model']): Row {
  return rows(result, model)[0]!
}

/** What holds of every answer, whatever the machine does meanwhile. */
function checkShape(result: ChooseResult): void {
  const { measured, model, recommendation } = result
  assert.deepEqual(
    [...new Set(measured.map((one) => one.model))],
    ['sync', 'event-loop', 'threads', 'processes'],
  )
  const chosen = measured.find(
    (one) => one.model === recommendation.model && one.workers === recommendation.workers,
  )
  assert.equal(chosen?.ok, true, 'what is recommended has been measured')
  for (const one of measured) {
    if (!one.ok) {
      assert.ok(one.problem !== undefined && one.problem.message !== '')
      continue
    }
    assert.ok(one.wallMs > 0 && one.predictedMs > 0 && one.predictedSampleMs > 0)
    assert.ok(one.loopBlockedMs <= one.wallMs + 1)
    for (const { spans } of one.lanes) {
      for (const { start, end, segments } of spans) {
        assert.ok(start <= end && end <= one.wallMs + 1, `${one.label}: ${start}-${end} of ${one.wallMs}`)
        const filled = segments.reduce((sum, segment) => sum + segment.end - segment.start, 0)
        assert.ok(Math.abs(filled - (end - start)) < 0.01)
      }
      for (const [index, span] of spans.entries())
        if (index > 0) assert.ok(span.start >= spans[index - 1]!.end - 0.001, 'one call at a time in a lane')
    }
  }
  assert.ok(model.predictions.length > 0)
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result, 'plain data')
}

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
    assert.match(result.notes?.[0] ?? '', /printed .* lines/)
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
