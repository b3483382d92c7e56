import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Duration, toMilliseconds } from '../../src/core/duration.ts'

describe('duration', () => {
  test('a bare number is milliseconds, a string carries its unit', () => {
    assert.equal(toMilliseconds(250, 'delay'), 250)
    assert.equal(toMilliseconds('50ms', 'delay'), 50)
    assert.equal(toMilliseconds('1.5s', 'delay'), 1500)
    assert.equal(toMilliseconds('.5s', 'delay'), 500)
    assert.equal(toMilliseconds('2m', 'delay'), 120_000)
    assert.equal(toMilliseconds('1h', 'delay'), 3_600_000)
    assert.equal(toMilliseconds('1e3ms', 'delay'), 1000)
  })

  test('negative counts as 0, infinite stays infinite', () => {
    assert.equal(toMilliseconds(-1, 'delay'), 0)
    assert.equal(toMilliseconds('-3s', 'delay'), 0)
    assert.equal(toMilliseconds(Number.POSITIVE_INFINITY, 'delay'), Number.POSITIVE_INFINITY)
  })

  test('NaN is a RangeError that names the argument', () => {
    assert.throws(() => toMilliseconds(Number.NaN, 'delay'), {
      name: 'RangeError',
      code: 'PLAIT_INVALID_ARGUMENT',
      message: /^delay: .*NaN/,
    })
  })

  test('anything else is a TypeError that shows the value and what was expected', () => {
    for (const wrong of [
      '',
      's',
      '5',
      '5 s',
      '5d',
      '1s2',
      'NaNs',
      null,
      undefined,
      {},
      [],
      true,
      5n,
      Symbol('s'),
    ]) {
      assert.throws(() => toMilliseconds(wrong as Duration, 'grace'), {
        name: 'TypeError',
        code: 'PLAIT_INVALID_ARGUMENT',
        message: /^grace: expected milliseconds/,
      })
    }
  })

  test('whatever number JavaScript can print can be given with a unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (n) => {
        assert.equal(toMilliseconds(`${n}ms`, 'delay'), n)
      }),
    )
  })
})
