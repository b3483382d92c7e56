import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ExceptionGroup } from 'plait/asyncio'
import { holds } from './holds.ts'

const isType = (error: unknown) => error instanceof TypeError

/** A group as nested lists of messages. */
function shape(group: ExceptionGroup | undefined): unknown {
  return group?.errors.map((error) =>
    error instanceof ExceptionGroup ? shape(error) : error instanceof Error ? error.message : error,
  )
}

function sample(): ExceptionGroup {
  return new ExceptionGroup(
    [
      new TypeError('t1'),
      new ExceptionGroup([
        new RangeError('r2'),
        new TypeError('t2'),
        new ExceptionGroup([new RangeError('r3')]),
      ]),
      new RangeError('r1'),
    ],
    'three things',
  )
}

describe('ExceptionGroup', () => {
  test('is an AggregateError with its own name and code', () => {
    const list = [new Error('a'), new Error('b')]
    const group = new ExceptionGroup(list)
    holds(group instanceof ExceptionGroup)
    holds(group instanceof AggregateError)
    holds(group instanceof Error)
    assert.equal(group.name, 'ExceptionGroup')
    assert.equal((group as any).code, 'PLAIT_EXCEPTION_GROUP')
    assert.deepEqual(group.errors, list)
    holds(!(new AggregateError([]) instanceof ExceptionGroup))
  })

  test('its cause is the first failure', () => {
    const first = new Error('first')
    assert.equal(new ExceptionGroup([first, new Error('second')]).cause, first)
  })

  test('its message names each failure in one line', () => {
    const group = new ExceptionGroup([
      new TypeError('wrong type'),
      new RangeError('first line\nsecond line'),
      'just text',
      undefined,
      new ExceptionGroup([new Error('nested one')]),
    ])
    assert.match(group.message, /TypeError.*wrong type/)
    assert.match(group.message, /RangeError.*first line/)
    assert.match(group.message, /just text/)
    assert.match(group.message, /undefined/)
    const lines = group.message.split('\n')
    for (const part of ['wrong type', 'first line', 'just text']) {
      assert.equal(lines.filter((line) => line.includes(part)).length, 1, part)
    }
    holds(!lines.some((line) => line.trim() === 'second line'), 'each failure takes one line')
  })

  test('a message of its own is kept', () => {
    assert.match(new ExceptionGroup([new Error('a')], 'while saving').message, /while saving/)
  })

  test('does not share the list it was given', () => {
    const list = [new Error('a')]
    const group = new ExceptionGroup(list)
    list.push(new Error('b'))
    assert.equal(group.errors.length, 1)
  })

  test('values that are no errors, or cannot be printed, do no harm', () => {
    const hostile = {
      toString() {
        throw new Error('hostile')
      },
    }
    const group = new ExceptionGroup([null, undefined, 0, Symbol('s'), Object.create(null), hostile])
    assert.equal(group.errors.length, 6)
    assert.equal(typeof group.message, 'string')
    assert.equal(group.cause, null)
  })

  test('a hundred thousand failures', () => {
    const group = new ExceptionGroup(Array.from({ length: 100_000 }, (_, i) => new Error(`e${i}`)))
    assert.equal(group.errors.length, 100_000)
    assert.equal(group.subgroup((error) => (error as Error).message === 'e99999')!.errors.length, 1)
  })
})

describe('ExceptionGroup › subgroup', () => {
  test('keeps what matches, with its nesting and order', () => {
    const group = sample()
    const types = group.subgroup(isType)
    holds(types instanceof ExceptionGroup)
    assert.deepEqual(shape(types), ['t1', ['t2']])
    assert.deepEqual(shape(group.subgroup((error) => error instanceof RangeError)), [['r2', ['r3']], 'r1'])
    assert.equal(types.errors[0], group.errors[0], 'the very same errors')
  })

  test('is undefined when nothing matches, and everything when all does', () => {
    assert.equal(
      sample().subgroup(() => false),
      undefined,
    )
    assert.deepEqual(shape(sample().subgroup(() => true)), ['t1', ['r2', 't2', ['r3']], 'r1'])
  })

  test('leaves the group itself as it was', () => {
    const group = sample()
    group.subgroup(isType)
    group.split(isType)
    assert.deepEqual(shape(group), ['t1', ['r2', 't2', ['r3']], 'r1'])
  })
})

describe('ExceptionGroup › split', () => {
  test('gives match and rest, each with its nesting', () => {
    const [match, rest] = sample().split(isType)
    assert.deepEqual(shape(match), ['t1', ['t2']])
    assert.deepEqual(shape(rest), [['r2', ['r3']], 'r1'])
    assert.match(match!.message, /three things/)
    assert.match(rest!.message, /three things/)
  })

  test('one side may be undefined', () => {
    const [none, all] = sample().split(() => false)
    assert.equal(none, undefined)
    assert.deepEqual(shape(all), ['t1', ['r2', 't2', ['r3']], 'r1'])
    const [everything, nothing] = sample().split(() => true)
    assert.deepEqual(shape(everything), ['t1', ['r2', 't2', ['r3']], 'r1'])
    assert.equal(nothing, undefined)
  })
})
