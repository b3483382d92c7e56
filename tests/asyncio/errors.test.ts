import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as asyncio from 'plait/asyncio'
import * as errors from 'plait/errors'

test('plait/asyncio exports the very classes that it throws, those of plait/errors', () => {
  assert.equal(asyncio.CancelledError, errors.CancelledError)
  assert.equal(asyncio.TimeoutError, errors.TimeoutError)
  assert.equal(asyncio.InvalidStateError, errors.InvalidStateError)
  assert.equal(asyncio.ExceptionGroup, errors.ExceptionGroup)
})
