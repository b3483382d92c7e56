import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { argumentLists, mixed } from '../../src/choose/argument-lists.ts'
import { closest } from '../../src/choose/closest.ts'
import { crossesUnchanged } from '../../src/choose/crosses-unchanged.ts'
import { configurationsFor, planProbes, planRow, planRows } from '../../src/choose/plan.ts'
import { problemOf } from '../../src/choose/problem.ts'
import { eligible, inOrder, type MeasuredPlan, sampleOf, stolenShare } from '../../src/choose/rows.ts'
import { Spans, segmentsOf } from '../../src/choose/spans.ts'
import { joinNarrow } from '../../src/choose/trace.ts'
import { sayBytes, sayCount, sayTime } from '../../src/choose/wording.ts'

describe('argument lists', () => {
  test('a list of lists stays as it is', () => {
    assert.deepEqual(argumentLists([[1], [2, 3]], 'args'), [[1], [2, 3]])
  })
  test('items that are no lists are one argument each', () => {
    assert.deepEqual(argumentLists([1, { a: 1 }], 'args'), [[1], [{ a: 1 }]])
  })
  test('none, or an empty list, is a call without arguments', () => {
    assert.deepEqual(argumentLists(undefined, 'args'), [[]])
    assert.deepEqual(argumentLists([], 'args'), [[]])
  })
  test('some lists and some not are refused, and the odd one is named', () => {
    assert.throws(() => argumentLists([[1], 2], 'args'), {
      code: 'PLAIT_INVALID_ARGUMENT',
      message: /^args\[1\]/,
    })
  })
  test('mixing keeps every list and always gives the same order', () => {
    const lists = Array.from({ length: 500 }, (_, i) => [i])
    assert.deepEqual(mixed(lists), mixed(lists))
    assert.notDeepEqual(mixed(lists), lists)
    assert.deepEqual(new Set(mixed(lists)), new Set(lists))
  })
  test('of a million lists an even choice is taken', () => {
    const numbers = mixed(Array.from({ length: 1_000_000 }, (_, i) => i))
    assert.equal(numbers.length, 20_000)
    const late = numbers.filter((number) => number >= 500_000).length
    assert.equal(late, 10_000)
  })
})

describe('plan', () => {
  const job = { count: 1_000, cores: 4, workers: [], budgetMs: 1_000 }
  const cost = (wallMs: number, held = 1, computing = held) => ({
    wallMs,
    blockMs: wallMs * held,
    computeMs: wallMs * computing,
    longestMs: wallMs,
  })
  const labels = (plans: readonly { label: string }[]) => plans.map(({ label }) => label)

  test('measures every model, the event loop with and without a limit', () => {
    assert.deepEqual(labels(planRows(job, cost(1))), [
      'in sequence',
      'event loop, 8 at a time',
      'event loop, no limit',
      '4 threads',
      '4 processes',
    ])
  })
  test('measures the worker counts asked for', () => {
    assert.deepEqual(labels(planRows({ ...job, workers: [2, 8] }, cost(1))).slice(3), [
      '2 threads',
      '8 threads',
      '2 processes',
      '8 processes',
    ])
  })
  test('starts no more workers than there are calls', () => {
    assert.deepEqual(labels(planRows({ ...job, count: 1 }, cost(1))), [
      'in sequence',
      'event loop, no limit',
      '1 thread',
      '1 process',
    ])
  })
  test('gives every lane a call, whatever it costs, where lanes can help', () => {
    for (const plan of planRows(job, cost(3_000))) {
      if (plan.model === 'threads' || plan.model === 'processes') assert.equal(plan.calls, 4)
    }
    const waiting = planRow({ model: 'event-loop', workers: 8 }, job, cost(3_000, 0.001))
    assert.ok(waiting.calls >= 8)
  })
  test('a call of three seconds is made as rarely as can be', () => {
    const plans = planRows(job, cost(3_000))
    const seconds = plans.reduce((sum, plan) => {
      const atATime = plan.model === 'threads' || plan.model === 'processes' ? 4 : 1
      return sum + (plan.rounds * (plan.calls + plan.warmup) * 3) / atATime
    }, 0)
    assert.ok(seconds <= 15, `${seconds} s`)
  })
  test('never samples more calls than the job has', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 1e-4, max: 5_000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 64 }),
        (count, wallMs, held, cores) => {
          for (const plan of planRows({ count, cores, workers: [], budgetMs: 1_000 }, cost(wallMs, held))) {
            assert.ok(plan.calls >= 1 && plan.calls <= count, `${plan.label}: ${plan.calls} of ${count}`)
          }
        },
      ),
    )
  })
  test('takes as many rounds as the budget holds', () => {
    const rounds = [0.0001, 1, 100, 300, 900, 5_000].map(
      (wallMs) => planRow({ model: 'sync', workers: null }, job, cost(wallMs)).rounds,
    )
    assert.deepEqual(rounds, [15, 7, 7, 3, 1, 1])
  })
  test('probes every model once when nothing came back in sequence', () => {
    assert.deepEqual(labels(planProbes(job)), ['event loop, no limit', '4 threads', '4 processes'])
  })
  test('looks beyond the cores only for calls that wait', () => {
    const measured = [{ model: 'threads', workers: 4 }] as const
    const most = (one: ReturnType<typeof cost>) =>
      Math.max(...configurationsFor(job, one, measured).map(({ workers }) => workers ?? 0))
    assert.equal(most(cost(10)), 4)
    assert.equal(most(cost(10, 1, 0.01)), 32)
  })
})

describe('rows', () => {
  const measured = (
    model: MeasuredPlan['plan']['model'],
    workers: number | null,
    failed: number,
  ): MeasuredPlan => {
    const slice = { calls: 100, failed } as MeasuredPlan['slices'][number]['slice']
    const plan = {
      ...planRow(
        { model, workers },
        { count: 100, cores: 2, workers: [], budgetMs: 1_000 },
        { wallMs: 1, blockMs: 1, computeMs: 1, longestMs: 1 },
      ),
    }
    return {
      plan,
      startupMs: 0,
      stolenMs: 0,
      handoverMs: 0,
      bytesIn: 0,
      bytesOut: 0,
      slices: [{ round: 0, slice }],
    }
  }
  const labels = (rows: readonly MeasuredPlan[]) => rows.map(({ plan }) => plan.label)

  test('a configuration in which more calls fail than elsewhere is out of the question', () => {
    const rows = [measured('sync', null, 10), measured('event-loop', null, 40), measured('threads', 2, 12)]
    assert.deepEqual(labels(eligible(rows)), ['in sequence', '2 threads'])
  })
  test('so is one in which all calls fail, or that did not come to its end', () => {
    const broken = { ...measured('threads', 2, 0), problem: { name: 'TransferError', message: 'no' } }
    assert.deepEqual(labels(eligible([measured('sync', null, 100), broken, measured('processes', 2, 99)])), [
      '2 processes',
    ])
  })
  test('what other programs took is left out of a sample', () => {
    const slice = {
      calls: 10,
      wallMs: 100,
      stolenMs: 60,
      blockedMs: 90,
      heldMs: 35,
      cpuMs: 36,
      longestMs: 20,
    }
    const row = measured('sync', null, 0)
    row.slices[0] = { round: 3, slice: { ...row.slices[0]!.slice, ...slice } }
    const { round, wallMs, blockedMs, computeMs, longestMs } = sampleOf(3, row.slices[0].slice)
    assert.deepEqual(
      { round, wallMs, blockedMs, computeMs, longestMs },
      { round: 3, wallMs: 40, blockedMs: 35, computeMs: 36, longestMs: 8 },
    )
    assert.equal(stolenShare([row]), 0.6)
  })
  test('stand from the simplest to the heaviest, no limit last', () => {
    const rows = [
      measured('processes', 2, 0),
      measured('event-loop', null, 0),
      measured('event-loop', 8, 0),
      measured('sync', null, 0),
    ]
    assert.deepEqual(labels(inOrder(rows)), [
      'in sequence',
      'event loop, 8 at a time',
      'event loop, no limit',
      '2 processes',
    ])
  })
})

describe('spans', () => {
  test('segments fill a call from end to end', () => {
    const segments = segmentsOf(
      [
        [2, 3],
        [5, 9],
      ],
      0,
      10,
      0,
      1,
    )
    assert.deepEqual(
      segments.map(({ kind, start, end }) => `${kind} ${start}-${end}`),
      ['waiting 0-2', 'computing 2-3', 'waiting 3-5', 'computing 5-9', 'waiting 9-10'],
    )
  })
  test('a thread that is held without computing counts as waiting', () => {
    const segments = segmentsOf([[0, 10]], 0, 10, 0, 0.2)
    assert.deepEqual(
      segments.map(({ kind, start, end }) => `${kind} ${start}-${end}`),
      ['computing 0-2', 'waiting 2-10'],
    )
  })
  test('calls that were not traced share the busy time evenly', () => {
    const spans = new Spans()
    for (const call of [0, 1])
      spans.add({ lane: 'slot 1', call, start: call * 10, end: call * 10 + 10, computing: undefined })
    const [lane] = spans.lanes(0, 5, 1)
    assert.deepEqual(
      lane!.spans.map(({ segments }) => segments.map(({ kind, start, end }) => `${kind} ${start}-${end}`)),
      [
        ['computing 0-2.5', 'waiting 2.5-10'],
        ['computing 10-12.5', 'waiting 12.5-20'],
      ],
    )
  })
  test('lanes stand in the order of their numbers', () => {
    const spans = new Spans()
    for (const slot of [10, 2, 1])
      spans.add({ lane: `slot ${slot}`, call: slot, start: 0, end: 1, computing: 'all' })
    assert.deepEqual(
      spans.lanes(0, 1, 1).map(({ name }) => name),
      ['slot 1', 'slot 2', 'slot 10'],
    )
  })
  test('every call is counted, the first are kept', () => {
    const spans = new Spans()
    for (let call = 0; call < 5_000; call++)
      spans.add({
        lane: 'main thread',
        call,
        start: call,
        end: call + 1,
        computing: 'all',
        problem: call % 2 === 0 ? problemOf(new RangeError('even')) : undefined,
      })
    assert.equal(spans.failed, 2_500)
    assert.equal(spans.lanes(0, 1, 1)[0]!.spans.length, 2_000)
    assert.equal(spans.lanes(0, 1, 1)[0]!.spans[0]!.error, 'RangeError: even')
  })
})

describe('trace', () => {
  test('the narrowest gaps are closed first', () => {
    assert.deepEqual(
      joinNarrow(
        [
          [0, 1],
          [1.1, 2],
          [5, 6],
          [6.5, 7],
        ],
        2,
      ),
      [
        [0, 2],
        [5, 7],
      ],
    )
  })
  test('joining keeps begin, end, order and number', () => {
    const stretches = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 50 })), {
        minLength: 1,
        maxLength: 100,
      })
      .map((steps) => {
        let at = 0
        return steps.map(([gap, length]): [number, number] => {
          const start = at + gap
          at = start + length
          return [start, at]
        })
      })
    fc.assert(
      fc.property(stretches, fc.integer({ min: 1, max: 20 }), (list, most) => {
        const joined = joinNarrow(list, most)
        assert.equal(joined.length, Math.min(list.length, most))
        assert.equal(joined[0]![0], list[0]![0])
        assert.equal(joined.at(-1)![1], list.at(-1)![1])
        for (const [i, [start, end]] of joined.entries())
          assert.ok(start <= end && (i === 0 || joined[i - 1]![1] <= start))
      }),
    )
  })
})

describe('values', () => {
  class Point {}
  test('plain data crosses unchanged', () => {
    const loop: Record<string, unknown> = {
      a: [1, 'x', null, undefined, 1n],
      d: new Date(0),
      b: new Uint8Array(2),
    }
    loop.self = loop
    assert.equal(crossesUnchanged([loop, new Map([[1, new Set([2])]])]), true)
  })
  test('instances, functions and symbols do not', () => {
    for (const value of [
      new Point(),
      () => 1,
      Symbol('s'),
      [{ deep: new Point() }],
      new Map([[1, new Point()]]),
    ])
      assert.equal(crossesUnchanged(value), false)
  })
})

describe('words', () => {
  test('times have two digits that count', () => {
    const said = [0, 0.0004, 0.0423, 0.4, 43.2, 999, 1_234, 59_900, 100_000, 125_000, 7_300_000]
    assert.deepEqual(said.map(sayTime), [
      '0 ms',
      'under 0.001 ms',
      '0.042 ms',
      '0.4 ms',
      '43 ms',
      '999 ms',
      '1.2 s',
      '60 s',
      '100 s',
      '2 min 5 s',
      '2 h',
    ])
  })
  test('sizes and counts read as they are said', () => {
    assert.deepEqual([0, 999, 12_345, 3_400_000, 2e9].map(sayBytes), [
      '0 B',
      '999 B',
      '12 kB',
      '3.4 MB',
      '2 GB',
    ])
    assert.deepEqual(
      [sayCount(1, 'call'), sayCount(1_000_000, 'call'), sayCount(2, 'process')],
      ['1 call', '1 000 000 calls', '2 processes'],
    )
  })
  test('the name that was meant is found, and nothing far-fetched', () => {
    const names = ['resize', 'compress', 'hash']
    assert.equal(closest('reszie', names), 'resize')
    assert.equal(closest('Hash', names), 'hash')
    assert.equal(closest('download', names), undefined)
    assert.equal(closest('x', []), undefined)
  })
  test('whatever is thrown becomes a problem', () => {
    assert.deepEqual(problemOf(Object.assign(new TypeError('bad\nsecond line'), { code: 'E' })), {
      name: 'TypeError',
      code: 'E',
      message: 'bad',
    })
    assert.equal(problemOf('text').message, 'text was thrown, which is no Error')
    assert.equal(problemOf(null).message, 'null was thrown, which is no Error')
    assert.equal(problemOf(Object.create(null)).name, 'Error')
  })
})
