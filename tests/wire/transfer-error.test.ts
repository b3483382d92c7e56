import assert from 'node:assert/strict'
import * as net from 'node:net'
import { describe, test } from 'node:test'
import { serialize } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { TransferError } from '../../src/core/index.ts'
import { transferError } from '../../src/wire/index.ts'

const ROADS = [
  ['structured clone', (value: unknown) => structuredClone(value)],
  ["V8's serializer", (value: unknown) => serialize(value)],
] as const

class Database {
  name = 'db'
  socket = new net.Socket()
}
class Handler {
  handle = () => {}
}
class Empty {}
const circular: Record<string, unknown> = { a: [] }
circular.a = [circular, { back: circular, fn: () => {} }]

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
let long: object = { end: () => {} }
for (let i = 0; i < 100; i++) long = { next: long }

const cases: [what: string, value: unknown, message: string][] = [
  ['a function', function work() {}, 'argument 0: function work cannot be sent'],
  ['a nameless function', (() => () => {})(), 'argument 0: a function cannot be sent'],
  ['a symbol', [1, Symbol('s')], 'argument 0 → [1]: a symbol cannot be sent'],
  ['a function in an instance', new Handler(), 'argument 0 → .handle: function handle cannot be sent'],
  ['a socket deep inside', { db: new Database() }, 'argument 0 → .db.socket: a Socket cannot be sent'],
  [
    'a value of a map',
    new Map([['k', [{ f() {} }]]]),
    'argument 0 → .get("k")[0].f: function f cannot be sent',
  ],
  ['a key of a map', new Map([[{ f() {} }, 1]]), 'argument 0 → key 0.f: function f cannot be sent'],
  [
    'a map with keys that have no text',
    new Map([[{}, () => {}]]),
    'argument 0 → .get(key 0): a function cannot be sent',
  ],
  ['an item of a set', new Set([1, () => {}]), 'argument 0 → item 1: a function cannot be sent'],
  ['a promise', { p: Promise.resolve() }, 'argument 0 → .p: a Promise cannot be sent; await it first'],
  ['a weak map', [new WeakMap()], 'argument 0 → [0]: a WeakMap cannot be sent'],
  [
    'a proxy',
    { p: new Proxy({}, {}) },
    'argument 0 → .p: a Proxy cannot be sent; send a plain copy of what is behind it',
  ],
  [
    'a revoked proxy',
    { p: revoked() },
    'argument 0 → .p: a Proxy cannot be sent; send a plain copy of what is behind it',
  ],
  [
    'a getter that throws',
    {
      get x() {
        throw new Error('no')
      },
    },
    'argument 0 → .x: reading it throws (no)',
  ],
  [
    'a generator',
    [(function* () {})()],
    'argument 0 → [0]: an iterator cannot be sent; send an array of what it gives',
  ],
  ['a cycle', circular, 'argument 0 → .a[1].fn: function fn cannot be sent'],
  [
    'the cause of an error',
    new Error('x', { cause: () => {} }),
    'argument 0 → .cause: function cause cannot be sent',
  ],
  ['a key that is no name', { 'a b': () => {} }, 'argument 0 → ["a b"]: function a b cannot be sent'],
  ['a formatter', { n: new Intl.NumberFormat() }, 'argument 0 → .n: a NumberFormat cannot be sent'],
  [
    'the arguments of a call',
    [runInThisContext('(function () { return arguments })')(1)],
    'argument 0 → [0]: the arguments of a call cannot be sent; send an array of them',
  ],
  ['a module', { net }, 'argument 0 → .net: a module cannot be sent; import it over there'],
  [
    'a message port',
    { port: new MessageChannel().port1 },
    'argument 0 → .port: a MessagePort cannot be copied, only moved: name it in `transfer`',
  ],
]

for (const [road, send] of ROADS) {
  describe(`transfer error, of ${road}`, () => {
    for (const [what, value, message] of cases) {
      test(`names the path of ${what}`, () => {
        const error = refused(send, value)
        assert.equal(error.message, message)
        assert.ok(error.cause instanceof Error)
      })
    }

    test('a long path is shortened in the middle', () => {
      const { message } = refused(send, long)
      assert.match(message, /^argument 0 → \.next\.next\.next\.next … \.next.*\.end: /)
      assert.ok(message.length < 200)
    })

    test('a value with millions of parts is searched for a while, then gets the words of the platform', () => {
      const wide = { items: Array.from({ length: 1_000_000 }, () => 0), fn: () => {} }
      assert.match(refused(send, wide).message, /^argument 0 cannot be sent: .*could not be cloned/)
      const early = { fn: () => {}, items: wide.items }
      assert.equal(refused(send, early).message, 'argument 0 → .fn: function fn cannot be sent')
    })

    test('a value deeper than any stack still gets an answer', () => {
      let deep: object = { fn: () => {} }
      for (let i = 0; i < 100_000; i++) deep = { deep }
      const error = transferError('the result', deep, new RangeError('Maximum call stack size exceeded'))
      assert.match(error.message, /^the result cannot be sent: Maximum call stack/)
    })
  })
}

function refused(send: (value: unknown) => unknown, value: unknown): TransferError {
  let cause: unknown
  assert.throws(
    () => send(value),
    (error) => {
      cause = error
      return true
    },
  )
  const error = transferError('argument 0', value, cause)
  assert.ok(error instanceof TransferError)
  assert.equal(error.code, 'PLAIT_TRANSFER')
  assert.equal(error.cause, cause)
  return error
}

describe('transfer error', () => {
  test('shared memory, which only threads can share, is named for processes', () => {
    const value = { a: new Empty(), memory: new SharedArrayBuffer(8) }
    assert.match(
      refused(serialize, value).message,
      /^argument 0 → \.memory: a SharedArrayBuffer cannot be sent$/,
    )
  })

  test('a cause that is no error is no reason to fail', () => {
    assert.equal(transferError('the result', 1, 'odd').message, 'the result cannot be sent: odd')
    assert.ok(transferError('the result', 1, revoked()) instanceof TransferError)
  })
})
