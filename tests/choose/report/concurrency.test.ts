import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { concurrencyOf } from '../../../src/choose/report/concurrency.ts'
import type { Lane, Segment } from '../../../src/choose/result.ts'

/** Lanes of one call each, given as computing (`c`) and waiting (`w`) stretches of 1 ms. */
function lanesOf(...patterns: string[]): Lane[] {
  return patterns.map((pattern, call) => ({
    name: `slot ${call + 1}`,
    spans: [
      {
        call,
        start: 0,
        end: pattern.length,
        segments: [...pattern].map(
          (letter, at): Segment => ({
            kind: letter === 'c' ? 'computing' : 'waiting',
            start: at,
            end: at + 1,
          }),
        ),
      },
    ],
  }))
}

describe('concurrency', () => {
  test('concurrency › calls that take turns at computing are concurrent, not parallel', () => {
    const { inProgress, computing } = concurrencyOf(lanesOf('cwwc', 'wcww', 'wwcw'), 4, 4)
    assert.deepEqual({ inProgress, computing }, { inProgress: 3, computing: 1 })
  })

  test('concurrency › lanes that compute at the same time are parallel', () => {
    const { computing, profile } = concurrencyOf(lanesOf('ccc', 'cwc'), 3, 3)
    assert.equal(computing, 2)
    assert.deepEqual(profile, [2, 1, 2])
  })

  test('concurrency › the profile is the mean in each part of the time', () => {
    assert.deepEqual(concurrencyOf(lanesOf('cwww'), 4, 2).profile, [0.5, 0])
  })

  test('concurrency › an overlap as short as an error of measuring does not count as parallel', () => {
    const call = (start: number, end: number): Lane => ({
      name: 'slot',
      spans: [{ call: 0, start, end, segments: [{ kind: 'computing', start, end }] }],
    })
    assert.equal(concurrencyOf([call(0, 500.2), call(500, 1_000)], 1_000, 10).computing, 1)
    assert.equal(concurrencyOf([call(0, 550), call(500, 1_000)], 1_000, 10).computing, 2)
  })

  test('concurrency › one thread never computes two things at once, whatever calls it is put down to', () => {
    const { computing, profile, inProgress } = concurrencyOf(lanesOf('ccc', 'cwc'), 3, 3, 1)
    assert.deepEqual({ computing, profile, inProgress }, { computing: 1, profile: [1, 1, 1], inProgress: 2 })
  })

  test('concurrency › no lanes, empty lanes and calls without length are no trouble', () => {
    assert.deepEqual(concurrencyOf([], 1, 2), { inProgress: 0, computing: 0, profile: [0, 0] })
    const empty: Lane = { name: 'slot', spans: [{ call: 0, start: 1, end: 1, segments: [] }] }
    assert.equal(concurrencyOf([empty], 1, 2).inProgress, 1)
  })
})
