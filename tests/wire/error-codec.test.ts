import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { isNativeError } from 'node:util/types'
import { deserialize, serialize } from 'node:v8'
import { createContext, runInContext } from 'node:vm'
import fc from 'fast-check'
import * as plait from '../../src/errors.ts'
import { decodeError, encodeError } from '../../src/wire/index.ts'

/** There and back, the way of threads and the way of processes. */
const ROADS = [
  ['structured clone', (error: unknown) => decodeError(structuredClone(encodeError(error)))],
  ["V8's serializer", (error: unknown) => decodeError(deserialize(serialize(encodeError(error))))],
] as const

const thrown = (fn: () => unknown): any => {
  try {
    fn()
  } catch (error) {
    return error
  }
  return assert.fail('nothing was thrown')
}

/** What a program can see of an error, without the prototype. */
function visible(error: any): object {
  const own = Object.fromEntries(Object.entries(error))
  return {
    name: error.name,
    message: error.message,
    code: error.code,
    stack: error.stack,
    cause: error.cause,
    ...own,
  }
}

for (const [road, cross] of ROADS) {
  describe(`errors by ${road}`, () => {
    const native = [
      new Error('plain'),
      new Error(''),
      new TypeError('of type', { cause: new RangeError('of range') }),
      new SyntaxError('of syntax'),
      new ReferenceError('of reference'),
      new EvalError('of eval'),
      new URIError('of URI'),
      Object.assign(new Error('with fields'), {
        code: 'E_FIELDS',
        status: 404,
        when: new Date(0),
        list: [1, { a: 2n }],
      }),
    ]
    for (const error of native) {
      test(`${error.name} '${error.message}' keeps class, message, stack, cause and fields`, () => {
        const copy: any = cross(error)
        assert.notEqual(copy, error)
        assert.equal(Object.getPrototypeOf(copy), Object.getPrototypeOf(error))
        assert.deepEqual(visible(copy), visible(error))
        assert.equal(inspect(copy), inspect(error))
        assert.ok(inspect(copy).startsWith(error.stack!.split('\n')[0]!))
      })
    }

    test('errors of plait keep class, code and details', () => {
      const cases = [
        new plait.CancelledError('enough'),
        new plait.TimeoutError('too late'),
        new plait.InvalidStateError('state'),
        new plait.QueueEmpty('empty'),
        new plait.QueueFull('full'),
        new plait.QueueShutDown('shut'),
        new plait.BrokenBarrierError('barrier'),
        new plait.ClosedError('closed'),
        new plait.BrokenError('broken'),
        new plait.EOFError('eof'),
        new plait.TransferError('transfer', { cause: new DOMException('no', 'DataCloneError') }),
        new plait.WorkerDiedError('died', { exitCode: 3, cause: new Error('why') }),
        new plait.InitializerError('init', { cause: new Error('why') }),
        new plait.NotSupportedError('not here'),
        new plait.DeadlockError('dead'),
        new plait.InternalError('defect'),
        new plait.PlaitError('base'),
        new plait.ExceptionGroup([new TypeError('a'), new plait.TimeoutError('b')], 'both'),
      ]
      const classes = Object.values(plait).filter(
        (value) => (value as { prototype: unknown }).prototype instanceof Error,
      )
      assert.deepEqual(
        new Set([...cases.map((error) => error.constructor), plait.RemoteError]),
        new Set(classes),
      )
      for (const error of cases) {
        const copy: any = cross(error)
        assert.equal(Object.getPrototypeOf(copy), Object.getPrototypeOf(error), error.name)
        assert.deepEqual(visible(copy), visible(error))
        assert.equal(copy.code, error.code)
      }
    })

    test('a group keeps its failures, their order and its own methods', () => {
      const inner = new plait.ExceptionGroup([new RangeError('deep')], 'inner')
      const copy = cross(
        new plait.ExceptionGroup([new TypeError('a'), inner], 'outer'),
      ) as plait.ExceptionGroup
      assert.ok(copy instanceof plait.ExceptionGroup && copy instanceof AggregateError)
      assert.equal(copy.message, 'outer: TypeError: a; ExceptionGroup: inner: RangeError: deep')
      assert.equal(copy.cause, copy.errors[0])
      const found = copy.subgroup((error) => error instanceof RangeError)
      assert.equal(found?.message, 'outer: ExceptionGroup: inner: RangeError: deep')
    })

    test('an AggregateError keeps everything it holds, errors or not', () => {
      const copy = cross(
        new AggregateError([new TypeError('a'), 'text', undefined, () => {}], 'all'),
      ) as AggregateError
      assert.ok(copy instanceof AggregateError)
      assert.equal(copy.errors.length, 4)
      assert.ok(copy.errors[0] instanceof TypeError)
      assert.deepEqual(copy.errors.slice(1, 3), ['text', undefined])
      assert.ok(copy.errors[3] instanceof plait.RemoteError)
      assert.ok(!Object.keys(copy).includes('errors'))
    })

    test('a DOMException stays one, with its name and the code that goes with it', () => {
      const copy = cross(AbortSignal.abort().reason) as any
      assert.ok(copy instanceof DOMException && copy instanceof Error)
      assert.equal(copy.name, 'AbortError')
      assert.equal(copy.code, DOMException.ABORT_ERR)
      assert.match(copy.stack!, /AbortError/)
    })

    test('a cancelled wait keeps its reason and leaves its task behind', () => {
      const copy = cross(new plait.CancelledError({ why: 'user' }, { name: 'load' })) as plait.CancelledError
      assert.ok(plait.isCancelled(copy))
      assert.deepEqual(copy.reason, { why: 'user' })
      assert.equal(copy.message.startsWith('load was cancelled'), true)
      assert.equal(copy.task, undefined)
    })

    test('errors of Node keep code, errno, syscall and path', async () => {
      const error: any = await readFile('/no/such/file').catch((error) => error)
      const copy: any = cross(error)
      assert.equal(Object.getPrototypeOf(copy), Error.prototype)
      assert.deepEqual(visible(copy), visible(error))
      assert.equal(copy.syscall, 'open')
      const wrong = thrown(() => Buffer.alloc('x' as never))
      const typeError: any = cross(wrong)
      assert.equal(Object.getPrototypeOf(typeError), TypeError.prototype)
      assert.equal(typeError.code, 'ERR_INVALID_ARG_TYPE')
      assert.equal(typeError.stack, wrong.stack)
      const assertion: any = cross(thrown(() => assert.equal(1, 2)))
      assert.ok(assertion instanceof assert.AssertionError)
      assert.deepEqual([assertion.actual, assertion.expected], [1, 2])
    })

    test('an error of another realm is the error of this one', () => {
      const copy = cross(runInContext("new TypeError('elsewhere')", createContext()))
      assert.equal(Object.getPrototypeOf(copy), TypeError.prototype)
    })

    test('an unknown class arrives as RemoteError, with the original as data', () => {
      class PaymentError extends Error {
        readonly code = 'E_PAY'
        readonly amount = 5
      }
      const error = new PaymentError('cannot pay', { cause: new TypeError('no money') })
      const copy: any = cross(error)
      assert.equal(copy.constructor, plait.RemoteError)
      assert.equal(copy.code, 'PLAIT_REMOTE')
      assert.equal(copy.message, 'PaymentError: cannot pay')
      assert.deepEqual(
        { ...copy.remote },
        {
          name: 'PaymentError',
          message: 'cannot pay',
          code: 'E_PAY',
          fields: { amount: 5 },
        },
      )
      assert.equal(copy.remote.stack, error.stack)
      assert.ok(copy.remote.cause instanceof TypeError)
      assert.equal(copy.cause, copy.remote.cause)
      assert.ok(copy.stack.startsWith('RemoteError: PaymentError: cannot pay\n    at '))
    })

    test('a subclass of a known class is unknown itself, since its instanceof would not hold', () => {
      class Mine extends plait.TimeoutError {}
      const copy = cross(new Mine('late')) as plait.RemoteError
      assert.ok(copy instanceof plait.RemoteError)
      assert.equal(copy.remote.name, 'TimeoutError')
      assert.equal(copy.remote.code, 'PLAIT_TIMEOUT')
    })

    test('a RemoteError that travels on is not wrapped once more', () => {
      class Once extends Error {
        readonly detail = { deep: [1] }
      }
      const once = cross(new Once('far', { cause: new plait.TimeoutError('late') })) as plait.RemoteError
      const twice = cross(cross(once)) as plait.RemoteError
      assert.deepEqual({ ...twice.remote }, { ...once.remote })
      assert.equal(twice.message, 'Once: far')
      assert.equal(twice.stack, once.stack)
      assert.ok(twice.cause instanceof plait.TimeoutError)
    })

    test('cycles stay cycles', () => {
      const a: any = new Error('a')
      const b: any = new TypeError('b', { cause: a })
      a.cause = b
      a.self = a
      a.all = [b, a]
      const copy: any = cross(a)
      assert.equal(copy.cause.cause, copy)
      assert.equal(copy.self, copy)
      assert.deepEqual(copy.all, [copy.cause, copy])
      const list: any[] = [new Error('in the list')]
      list.push(list)
      assert.ok(cross(new AggregateError(list, 'circular list')) instanceof AggregateError)
    })

    test('a chain without end is cut, and says so', () => {
      let error = new Error('the first')
      for (let i = 0; i < 5_000; i++) error = new Error(`number ${i}`, { cause: error })
      let copy: any = cross(error)
      let length = 1
      for (; copy.cause !== undefined; length++) copy = copy.cause
      assert.ok(length > 30 && length < 100)
      assert.match(copy.message, /left out/)
    })

    test('thirty thousand failures arrive as ten thousand and a note', () => {
      const errors = Array.from({ length: 30_000 }, (_, i) => new Error(`number ${i}`))
      const copy = cross(new AggregateError(errors)) as AggregateError
      assert.equal(copy.errors.length, 30_000)
      assert.match(copy.errors.at(-1).message, /left out/)
    })

    test('fields that cannot be sent are left out one by one, and the stack names them', () => {
      const error = Object.assign(new Error('mixed'), {
        good: 1,
        fn() {},
        symbol: Symbol('s'),
        socket: { handle: () => {} },
        also: 'good',
      })
      Object.defineProperty(error, 'bad', {
        enumerable: true,
        get() {
          throw new Error('do not look')
        },
      })
      const copy: any = cross(error)
      assert.deepEqual(Object.keys(copy), ['good', 'also'])
      assert.ok(copy.stack.endsWith('\n    --- not sent: .fn, .symbol, .socket, .bad ---'))
    })

    test('a cause that is no error crosses if it can', () => {
      assert.deepEqual((cross(new Error('x', { cause: { a: 1 } })) as Error).cause, { a: 1 })
      assert.ok('cause' in (cross(new Error('x', { cause: undefined })) as Error))
      assert.ok((cross(new Error('x', { cause: () => {} })) as Error).cause instanceof plait.RemoteError)
    })

    test('thrown values that are no errors arrive as they are', () => {
      for (const value of [
        undefined,
        null,
        'text',
        0,
        NaN,
        -0,
        5n,
        true,
        { a: [1] },
        new Map([[1, 2]]),
        [1],
      ]) {
        assert.deepEqual(cross(value), value)
      }
    })

    test('thrown values that cannot be sent arrive as RemoteError', () => {
      for (const [value, says] of [
        [function work() {}, /function work/],
        [Symbol('s'), /Symbol\(s\)/],
        [{ fn() {} }, /instance of Object/],
        [new WeakMap(), /instance of WeakMap/],
        [new Proxy(() => {}, {}), /function/],
      ] as const) {
        const copy: any = cross(value)
        assert.ok(copy instanceof plait.RemoteError)
        assert.match(copy.message, says)
      }
    })

    test('errors that fight back are still sent', () => {
      const hostile: any = new Error('polite')
      for (const key of ['stack', 'name', 'message', 'cause', 'code']) {
        Object.defineProperty(hostile, key, {
          get() {
            throw new Error('no')
          },
        })
      }
      assert.ok(cross(hostile) instanceof Error)
      const { proxy, revoke } = Proxy.revocable(new Error('gone'), {})
      revoke()
      assert.ok(cross(proxy) instanceof plait.RemoteError)
      assert.ok(cross(new Proxy(new Error('behind'), {})) instanceof Error)
      assert.ok(cross(Object.create(Error.prototype)) instanceof Error)
      assert.ok(cross(Object.setPrototypeOf(new Error('no prototype'), null)) instanceof plait.RemoteError)
      const odd: any = Object.assign(new Error('odd'), { name: Symbol('name'), constructor: null })
      assert.ok(cross(odd) instanceof Error)
    })

    test('a frozen error crosses like any other', () => {
      const error = Object.freeze(Object.assign(new RangeError('cold'), { at: 0 }))
      assert.deepEqual(visible(cross(error)), visible(error))
    })

    test('a field named __proto__ is a field', () => {
      const error = new Error('x')
      Object.defineProperty(error, '__proto__', { value: { polluted: true }, enumerable: true })
      const copy: any = cross(error)
      assert.equal(copy.polluted, undefined)
      assert.equal(Object.getPrototypeOf(copy), Error.prototype)
      assert.deepEqual(Object.getOwnPropertyDescriptor(copy, '__proto__')?.value, { polluted: true })
    })

    test('any error crosses, and what can be kept is kept', () => {
      fc.assert(
        fc.property(anyError, (error) => {
          const copy: any = cross(error)
          assertSame(copy, error)
        }),
        { numRuns: 300 },
      )
    })
  })
}

const data = fc.oneof(
  fc.jsonValue(),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
  fc.constant(undefined),
  fc.constant(new Map([[1, new Set(['a'])]])),
)
const key = fc
  .oneof(fc.string(), fc.constantFrom('code', 'status', 'errno', '0'))
  .filter((name) => !['stack', 'cause', 'errors', 'message', 'name', '__proto__'].includes(name))
const { anyError } = fc.letrec<{ anyError: Error; anything: unknown }>((tie) => ({
  anything: fc.oneof({ maxDepth: 3, depthSize: 'small' }, data, tie('anyError')),
  anyError: fc
    .record({
      Class: fc.constantFrom(Error, TypeError, RangeError, SyntaxError, AggregateError, plait.TimeoutError),
      message: fc.string(),
      fields: fc.dictionary(key, tie('anything'), { maxKeys: 3 }),
      errors: fc.array(tie('anything'), { maxLength: 3 }),
      cause: fc.option(tie('anything'), { nil: undefined }),
      name: fc.option(fc.string(), { nil: undefined }),
    })
    .map(({ Class, message, fields, errors, cause, name }) => {
      const options = cause === undefined ? undefined : { cause }
      const error =
        Class === AggregateError
          ? new AggregateError(errors, message, options)
          : new (Class as typeof Error)(message, options)
      if (name !== undefined) error.name = name
      return Object.assign(error, fields)
    }),
}))

function isEnumerable(object: object, key: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(object, key)
}

function assertSame(copy: any, original: unknown): void {
  const error = original as any
  if (!isNativeError(original)) return void assert.deepEqual(copy, error)
  assert.equal(Object.getPrototypeOf(copy), Object.getPrototypeOf(error))
  assert.deepEqual(Reflect.ownKeys(copy).sort(), Reflect.ownKeys(error).sort())
  for (const key of Object.getOwnPropertyNames(error)) {
    assert.equal(isEnumerable(copy, key), isEnumerable(error, key), key)
    if (key === 'errors') {
      for (const [i, item] of error.errors.entries()) assertSame(copy.errors[i], item)
    } else assertSame(copy[key], error[key])
  }
}

describe('errors, joined stacks', () => {
  const submittedAt = 'Error: here\n    at submit (pool.ts:1:2)\n    at main (main.ts:3:4)'

  test('the stack goes on with the frames of the caller', () => {
    const error = new Error('there')
    const copy = decodeError(encodeError(error), submittedAt) as Error
    const rest = '\n    --- submitted at ---\n    at submit (pool.ts:1:2)\n    at main (main.ts:3:4)'
    assert.equal(copy.stack, error.stack + rest)
    assert.ok(inspect(copy).startsWith(copy.stack!))
  })

  test('causes keep their own stack alone', () => {
    const copy = decodeError(
      encodeError(new Error('there', { cause: new Error('deep') })),
      submittedAt,
    ) as any
    assert.ok(!copy.cause.stack.includes('submitted at'))
  })

  test('a value that is no error, and a caller without frames, change nothing', () => {
    assert.equal(decodeError(encodeError('text'), submittedAt), 'text')
    const error = new Error('there')
    assert.equal((decodeError(encodeError(error), 'Error: no frames') as Error).stack, error.stack)
  })

  test('an unknown class has both halves too', () => {
    class Mine extends Error {}
    const copy = decodeError(encodeError(new Mine('there')), submittedAt) as Error
    assert.match(
      copy.stack!,
      /^RemoteError: Mine: there\n {4}at .*\n(?:.*\n)* {4}--- submitted at ---\n {4}at submit/,
    )
  })
})
