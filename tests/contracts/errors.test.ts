// Errors across the border, by way of the executors: what the codec does to each is in tests/wire.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { ExceptionGroup } from 'plait/asyncio'
import {
  ProcessPoolExecutor,
  RemoteError,
  ThreadPoolExecutor,
  TimeoutError,
  TransferError,
} from 'plait/futures'
import { all, failureOf } from '../futures/helpers.ts'
import * as work from './fixtures/work.mjs'
import { executors, pools, test } from './subjects.ts'

type Check = (error: any) => void

const isA =
  (Class: abstract new (...args: any) => unknown, message?: string): Check =>
  (error) => {
    assert.ok(error instanceof Class, String(error))
    if (message !== undefined) assert.equal((error as { message?: unknown }).message, message)
  }

/** What each throw is on this side, whichever way it came. */
const EXPECTED: Record<string, Check> = {
  type: (error) => {
    isA(TypeError, 'wrong')(error)
    assert.deepEqual([error.code, error.n], ['E_X', 1])
    isA(RangeError, 'why')(error.cause)
  },
  range: isA(RangeError, 'far'),
  syntax: isA(SyntaxError),
  reference: isA(ReferenceError, 'who'),
  uri: isA(URIError, 'where'),
  eval: isA(EvalError, 'evil'),
  aggregate: (error) => {
    isA(AggregateError, 'many')(error)
    assert.equal(error.errors.length, 3)
    isA(TypeError, 'one')(error.errors[0])
    assert.equal(error.errors[1], 'two')
    isA(RangeError, 'three')(error.errors[2])
  },
  dom: (error) => {
    isA(DOMException, 'gone')(error)
    assert.equal(error.name, 'AbortError')
  },
  system: (error) => {
    isA(Error)(error)
    assert.deepEqual([error.code, error.syscall, error.path], ['ENOENT', 'open', '/there/is/no/such/file'])
  },
  plait: (error) => {
    isA(TimeoutError, 'too late')(error)
    assert.equal(error.code, 'PLAIT_TIMEOUT')
  },
  registered: (error) => {
    isA(work.Registered, 'mine')(error)
    assert.deepEqual(
      [error.name, error.code, error.level, error.shout()],
      ['Registered', 'E_REGISTERED', 7, 'MINE'],
    )
  },
  undefined: (error) => assert.equal(error, undefined),
  null: (error) => assert.equal(error, null),
  zero: (error) => assert.equal(error, 0),
  empty: (error) => assert.equal(error, ''),
  text: (error) => assert.equal(error, 'just text'),
  object: (error) => assert.deepEqual(error, { a: [1, { b: 2 }] }),
  frozen: (error) => {
    isA(TypeError, 'cold')(error)
    assert.equal(error.code, 'E_COLD')
  },
  cyclic: (error) => {
    isA(TypeError, 'round')(error)
    assert.equal(error.self, error)
    isA(TypeError, 'round')(error.cause.error)
  },
  huge: (error) => assert.equal(error.message.length, 2_000_000),
}

/** What these are has no one answer; that they arrive as an error does. */
const HOSTILE = [
  'symbol',
  'function',
  'getter',
  'stackGetter',
  'proxy',
  'hostile',
  'bare',
  'numberMessage',
  'uncloneable',
]

for (const { name, lend } of executors) {
  describe(`${name}, errors`, () => {
    for (const [kind, check] of Object.entries(EXPECTED)) {
      test(`thrown or rejected, arrive as what they are: ${kind}`, async () => {
        const executor = lend(1)
        check(await failureOf(executor.submit(work.throwThe, kind)))
        check(await failureOf(executor.submit(work.throwThe, kind, 'reject')))
      })
    }

    test('that fight back fail their own future only, in a map as well', async () => {
      const executor = lend(1)
      for (const kind of HOSTILE) {
        const future = executor.submit(work.throwThe, kind)
        await future.then(
          () => assert.fail(`${kind} did not fail`),
          () => {},
        )
        assert.equal(future.state, 'failed', kind)
      }
      const seen = await all(executor.map(work.throwThe, HOSTILE, { chunksize: 4 }))
      assert.equal(seen.length, HOSTILE.length)
      assert.equal(await executor.submit(work.add, 1, 1), 2)
    })

    test('say where they were thrown', async () => {
      const executor = lend(1)
      const error = await failureOf(executor.submit(work.throwThe, 'registered'))
      assert.match(error.stack, /^Registered: mine\n/)
      assert.match(error.stack, /work\.mjs:\d+:\d+/)
    })
  })
}

for (const { name, lend, make } of pools) {
  describe(`${name}, errors`, () => {
    test('of an unknown class arrive as RemoteError with everything that is known of them', async () => {
      const executor = lend(1)
      const error = await failureOf(executor.submit(work.throwThe, 'unregistered'))
      assert.ok(error instanceof RemoteError)
      assert.equal(error.code, 'PLAIT_REMOTE')
      const { remote } = error
      assert.deepEqual([remote.name, remote.message, remote.code], ['Unregistered', 'strange', 'E_UNKNOWN'])
      assert.deepEqual(remote.fields.detail, { deep: [1, 2] })
      assert.match(remote.stack!, /work\.mjs/)
      assert.ok(remote.cause instanceof work.Registered)
      assert.ok(error.cause instanceof work.Registered)
    })

    test('have the stack of both sides, in a map as well', async () => {
      const executor = lend(1)
      async function callerOfSubmit() {
        await executor.submit(work.throwThe, 'type')
      }
      async function callerOfMap() {
        for await (const _ of executor.map(work.throwThe, ['type']));
      }
      for (const [caller, word] of [
        [callerOfSubmit, /callerOfSubmit/],
        [callerOfMap, /callerOfMap/],
      ] as const) {
        const { stack } = await failureOf(caller())
        const [there, here, ...rest] = stack.split('--- submitted at ---')
        assert.match(there, /^TypeError: wrong\n[\s\S]*work\.mjs/)
        assert.match(here, word)
        assert.deepEqual(rest, [])
        assert.doesNotMatch(here, /src\/futures|dist\/futures/)
      }
    })

    test('what cannot be sent is named with its path, as an argument and as a result', async () => {
      await using executor = make(1)
      class Box {
        content = Symbol('s')
      }
      const shared = new SharedArrayBuffer(8)
      const isProcess = executor.capabilities.model === 'processes'
      const args: [args: unknown[], words: RegExp][] = [
        [[() => 1], /argument 0: a function/],
        [[1, 'x', { a: [0, 1, { b() {} }] }], /argument 2 → \.a\[2\]\.b: function b/],
        [[new Map([['k', [Symbol('s')]]])], /argument 0 → \.get\("k"\)\[0\]: a symbol/],
        [[1, new Box()], /argument 1 → \.content: a symbol/],
        [[{ socket: process.stdout }], /argument 0 → \.socket: a \w+ cannot be sent/],
        [[Promise.resolve()], /argument 0: a Promise.*await/],
        [[1, new WeakMap()], /argument 1: a WeakMap/],
        [[new Proxy({}, {})], /argument 0: a Proxy/],
        [[(function* () {})()], /argument 0: an iterator/],
      ]
      if (isProcess) args.push([[1, { shared }], /argument 1 → \.shared: .*SharedArrayBuffer/])
      else assert.equal(((await executor.submit(work.echo, shared)) as SharedArrayBuffer).byteLength, 8)
      for (const [values, words] of args) {
        const future = executor.submit(work.echo, ...values)
        const error = await failureOf(future)
        assert.ok(error instanceof TransferError, String(error))
        assert.equal(error.code, 'PLAIT_TRANSFER')
        assert.match(error.message, words)
        assert.ok(error.cause !== undefined, words.source)
      }
      const results: [kind: string, words: RegExp][] = [
        ['function', /result → \.list\[1\]\.f: function f/],
        ['symbol', /result: a symbol/],
        ['promiseInside', /result → \.later: a Promise/],
        ['stream', /result → \.out: a \w+ cannot be sent/],
        ['getter', /result → \.trap: reading it throws \(sprung\)/],
        ['weak', /result → \.get\("k"\): a WeakMap/],
        ['proxy', /result → \[0\]: a Proxy/],
      ]
      for (const [kind, words] of results) {
        const error = await failureOf(executor.submit(work.returnThe, kind))
        assert.ok(error instanceof TransferError, String(error))
        assert.match(error.message, words)
      }
      // Nothing is tried again that would be refused again.
      const patient = executor.with({ retries: 3 })
      await failureOf(patient.submit(work.echo, () => 1))
      await failureOf(patient.submit(work.returnThe, 'symbol'))
      const { died, failed, completed } = executor.stats()
      assert.deepEqual([died, failed, completed], [0, args.length + results.length + 2, isProcess ? 0 : 1])
    })
  })
}

test('errors › of two borders keep class and both stacks', async () => {
  for (const pool of [
    new ThreadPoolExecutor({ maxWorkers: 1 }),
    new ProcessPoolExecutor({ maxWorkers: 1, execArgv: [] }),
  ]) {
    const error = await failureOf(pool.submit(work.failInThread))
    assert.ok(error instanceof work.Registered)
    assert.equal(error.level, 2)
    assert.equal(error.stack!.split('--- submitted at ---').length, 3)
    await pool.shutdown()
  }
})

test('errors › a group of failures of two pools can be split by class', async () => {
  const errors = await Promise.all(
    pools.flatMap(({ lend }) => [
      failureOf(lend(1).submit(work.throwThe, 'plait')),
      failureOf(lend(1).submit(work.throwThe, 'registered')),
    ]),
  )
  const [timeouts, rest] = new ExceptionGroup(errors).split((error) => error instanceof TimeoutError)
  assert.deepEqual([timeouts!.errors.length, rest!.errors.length], [2, 2])
})
