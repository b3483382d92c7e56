import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import * as errors from 'plait/errors'

/** The classes and codes of the contract. */
const CODES = {
  CancelledError: 'PLAIT_CANCELLED',
  TimeoutError: 'PLAIT_TIMEOUT',
  InvalidStateError: 'PLAIT_INVALID_STATE',
  QueueEmpty: 'PLAIT_QUEUE_EMPTY',
  QueueFull: 'PLAIT_QUEUE_FULL',
  QueueShutDown: 'PLAIT_QUEUE_SHUT_DOWN',
  BrokenBarrierError: 'PLAIT_BROKEN_BARRIER',
  ClosedError: 'PLAIT_CLOSED',
  BrokenError: 'PLAIT_BROKEN',
  EOFError: 'PLAIT_EOF',
  TransferError: 'PLAIT_TRANSFER',
  WorkerDiedError: 'PLAIT_WORKER_DIED',
  InitializerError: 'PLAIT_INITIALIZER',
  NotSupportedError: 'PLAIT_NOT_SUPPORTED',
  DeadlockError: 'PLAIT_DEADLOCK',
  InternalError: 'PLAIT_INTERNAL',
} as const

type Plain = new (message: string) => Error & { code: string }
const classes = errors as unknown as Record<string, Plain>

// A second copy of the library, as two versions in one program would be.
const copy = mkdtempSync(join(tmpdir(), 'plait-copy-'))
cpSync('dist', copy, { recursive: true })
writeFileSync(join(copy, 'package.json'), '{ "type": "module" }')
const second = (await import(pathToFileURL(join(copy, 'errors.js')).href)) as unknown as Record<string, Plain>
after(() => rmSync(copy, { recursive: true }))

describe('errors', () => {
  for (const [name, code] of Object.entries(CODES)) {
    test(`${name} carries ${code} and its name, and is an Error of plait`, () => {
      const error = new classes[name]!('why')
      assert.equal(error.code, code)
      assert.equal(error.name, name)
      assert.ok(error instanceof Error)
      assert.ok(error instanceof errors.PlaitError)
      assert.ok(inspect(error).includes(name))
      assert.deepEqual(
        Object.keys(error).includes('code'),
        false,
        'the code is on the class, not in every object',
      )
    })
  }

  test('an error of one class is not an instance of another', () => {
    const error = new errors.TimeoutError('late')
    assert.equal(error instanceof errors.CancelledError, false)
    assert.equal(({} as unknown) instanceof errors.TimeoutError, false)
    assert.equal((null as unknown) instanceof errors.TimeoutError, false)
    assert.equal(new Error('x') instanceof errors.PlaitError, false)
  })

  test('instanceof works for subclasses that users write, and not the other way round', () => {
    class Mine extends errors.TimeoutError {}
    const mine = new Mine('mine')
    assert.ok(mine instanceof Mine)
    assert.ok(mine instanceof errors.TimeoutError)
    assert.equal(mine.code, 'PLAIT_TIMEOUT')
    assert.equal(new errors.TimeoutError('x') instanceof Mine, false)
  })

  test('a cancellation made by hand has a reason and no task, and is recognised', () => {
    const error = new errors.CancelledError('enough')
    assert.equal(error.reason, 'enough')
    assert.equal(error.task, undefined)
    assert.ok(errors.isCancelled(error))
    assert.equal(errors.isCancelled(new Error('cancelled')), false)
    assert.equal(errors.isCancelled(undefined), false)
  })

  test('an ExceptionGroup without errors is refused', () => {
    assert.throws(() => new errors.ExceptionGroup([]), { name: 'RangeError', code: 'PLAIT_INVALID_ARGUMENT' })
  })

  test('instanceof holds across two copies of the library', () => {
    for (const name of [...Object.keys(CODES), 'PlaitError']) {
      assert.notEqual(second[name], classes[name])
      assert.ok(new second[name]!('x') instanceof classes[name]!, name)
    }
  })
})
