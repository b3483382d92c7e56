import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { COLUMNS, chooseLanes, condense } from '../../../src/choose/report/condense.ts'
import type { Lane, Span } from '../../../src/choose/result.ts'

/** Length of ink in a path of `M… …H…` strokes, in columns. */
function inkOf(path: string): number {
  return [...path.matchAll(/M([\d.]+) [\d.]+H([\d.]+)/g)].reduce(
    (sum, [, from, to]) => sum + Number(to) - Number(from),
    0,
  )
}

/** A lane of calls of 1 ms, each of which computes for `part` of it and then waits. */
function laneOf(calls: number, part: number): Lane {
  const spans = Array.from(
    { length: calls },
    (_, call): Span => ({
      call,
      start: call,
      end: call + 1,
      segments: [
        { kind: 'computing', start: call, end: call + part },
        { kind: 'waiting', start: call + part, end: call + 1 },
      ],
    }),
  )
  return { name: 'slot 1', spans }
}

const BUDGET = { lanes: 32, segments: 2_000, marks: 500 }

describe('condense', () => {
  for (const part of [0.05, 0.1, 0.5, 0.93]) {
    test(`condense › a hundred thousand calls keep the true share of computing, ${part * 100} %`, () => {
      const calls = 100_000
      const [lane] = condense([laneOf(calls, part)], calls, () => 5, BUDGET)
      assert.ok(Math.abs(inkOf(lane!.computing) / COLUMNS - part) < 0.01, `${inkOf(lane!.computing)} columns`)
      assert.ok(Math.abs(inkOf(lane!.waiting) / COLUMNS - (1 - part)) < 0.01)
    })
  }

  test('condense › the drawing does not grow with the number of calls', () => {
    const size = (calls: number): number => {
      const [lane] = condense([laneOf(calls, 0.5)], calls, () => 5, BUDGET)
      return lane!.computing.length + lane!.waiting.length
    }
    assert.ok(size(200_000) <= size(20_000) * 1.1)
    assert.ok(size(200_000) < 40_000)
  })

  test('condense › few segments are drawn where they were', () => {
    const lane: Lane = {
      name: 'thread 1',
      spans: [
        { call: 0, start: 0, end: 50, segments: [{ kind: 'computing', start: 0, end: 50 }] },
        { call: 1, start: 60, end: 100, segments: [{ kind: 'waiting', start: 60, end: 100 }] },
      ],
    }
    const [drawn] = condense([lane], 100, () => 5, BUDGET)
    assert.equal(drawn!.computing, 'M0 5H500')
    assert.equal(drawn!.waiting, 'M600 5H1000')
  })

  test('condense › calls are merged into marks only where there are too many, and none is lost', () => {
    const few = condense([laneOf(100, 0.5)], 100, () => 5, BUDGET)[0]!.marks
    assert.equal(few.length, 100)
    const many = condense([laneOf(1_234, 0.5)], 1_234, () => 5, BUDGET)[0]!.marks
    assert.ok(many.length <= BUDGET.marks)
    assert.equal(
      many.reduce((sum, mark) => sum + mark.calls, 0),
      1_234,
    )
    assert.ok(Math.abs(many.reduce((sum, mark) => sum + mark.computing, 0) - 617) < 1e-6)
  })

  test('condense › a merged mark carries the number of its failures and the first error', () => {
    const lane = laneOf(2_000, 0.5)
    const spans = lane.spans.map((span) => (span.call % 4 === 1 ? { ...span, error: `E${span.call}` } : span))
    const [mark] = condense([{ ...lane, spans }], 2_000, () => 5, BUDGET)[0]!.marks
    assert.deepEqual([mark!.calls, mark!.failed, mark!.error], [4, 1, 'E1'])
  })

  test('condense › a lane without calls is drawn empty', () => {
    assert.deepEqual(
      condense([{ name: 'thread 2', spans: [] }], 10, () => 5, BUDGET),
      [{ name: 'thread 2', computing: '', waiting: '', marks: [] }],
    )
  })

  test('condense › an even choice of lanes has the first and the last in it', () => {
    const lanes = Array.from({ length: 160 }, (_, at): Lane => ({ name: `slot ${at + 1}`, spans: [] }))
    const chosen = chooseLanes(lanes, 32)
    assert.equal(chosen.length, 32)
    assert.equal(new Set(chosen).size, 32)
    assert.equal(chosen[0], lanes[0])
    assert.equal(chosen[31], lanes[159])
    assert.equal(chooseLanes(lanes.slice(0, 32), 32).length, 32)
  })
})
