import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runInThisContext } from 'node:vm'
import { TransferError } from '../../src/core/index.ts'
import { referenceOf, resolveReference } from '../../src/wire/index.ts'
import { type Elsewhere, KINDS } from './elsewhere.ts'
import * as exports from './fixtures/exports.ts'

const require = createRequire(import.meta.url)
const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url).href
const TS = fixture('exports.ts')
const LIMIT = { timeout: 30_000 }

describe('reference', LIMIT, () => {
  test('an exported function is named by its module and its export', async () => {
    assert.deepEqual(await referenceOf(exports.add), { kind: 'export', url: TS, name: 'add' })
    assert.deepEqual(await referenceOf(exports.norm), { kind: 'export', url: TS, name: 'norm' })
    assert.deepEqual(await referenceOf(exports.later), { kind: 'export', url: TS, name: 'later' })
    assert.deepEqual(await referenceOf(exports.count), { kind: 'export', url: TS, name: 'count' })
  })

  test('an export under another name than its own is found by identity', async () => {
    const reference = await referenceOf(exports.outer)
    assert.equal(reference.kind, 'export')
    assert.ok(['outer', 'otherName'].includes(reference.name))
  })

  test('the second answer is the same one, at once', async () => {
    const first = await referenceOf(exports.add)
    assert.equal(referenceOf(exports.add), first)
  })

  test('a hundred questions at once get one answer', async () => {
    const url = `${fixture('fresh.mjs')}?hundred`
    const { work } = await import(url)
    const answers = await Promise.all(Array.from({ length: 100 }, () => referenceOf(work)))
    assert.deepEqual(new Set(answers), new Set([answers[0]]))
  })

  test('the same file under another query is another module', async () => {
    const url = `${fixture('fresh.mjs')}?second`
    const { work } = await import(url)
    const plain = await import(fixture('fresh.mjs'))
    assert.deepEqual(await referenceOf(work), { kind: 'export', url, name: 'work' })
    assert.deepEqual(await referenceOf(plain.work), {
      kind: 'export',
      url: fixture('fresh.mjs'),
      name: 'work',
    })
  })

  test('a CommonJS module is searched through and through, imported or required', async () => {
    const named = require('./fixtures/named.cjs')
    const whole = require('./fixtures/whole.cjs')
    assert.deepEqual(await referenceOf(named.first), {
      kind: 'export',
      url: fixture('named.cjs'),
      name: 'first',
    })
    const computed = await referenceOf(named.computed)
    assert.match(computed.name, /^(?:default\.)?computed$/)
    assert.deepEqual(await referenceOf(whole), { kind: 'export', url: fixture('whole.cjs'), name: 'default' })
    const part = await referenceOf(whole.part)
    assert.match(part.name, /^(?:default\.)?part$/)
  })

  test('a function of a data: URL is a function of a module, and may be its default export', async () => {
    const url = 'data:text/javascript,export function inData() {}; export default () => 1'
    const exports = await import(url)
    assert.deepEqual(await referenceOf(exports.inData), { kind: 'export', url, name: 'inData' })
    assert.deepEqual(await referenceOf(exports.default), { kind: 'export', url, name: 'default' })
  })

  test('functions of the platform go by their path or by their module', async () => {
    const { readFileSync } = await import('node:fs')
    assert.deepEqual(await referenceOf(Math.max), { kind: 'global', name: 'Math.max' })
    assert.deepEqual(await referenceOf(JSON.parse), { kind: 'global', name: 'JSON.parse' })
    assert.deepEqual(await referenceOf(structuredClone), { kind: 'global', name: 'structuredClone' })
    assert.deepEqual(await referenceOf(readFileSync), {
      kind: 'export',
      url: 'node:fs',
      name: 'readFileSync',
    })
  })

  const refused: [what: string, fn: () => unknown, says: RegExp][] = [
    [
      'a function that is not exported',
      exports.unsendable.local!,
      /arrow function 'local' at .*exports\.ts:\d+.*export it/,
    ],
    ['a closure', exports.unsendable.closure!, /arrow function at .*exports\.ts:\d+.*export it/],
    ['a method', exports.unsendable.method!, /method 'method' at .*exports\.ts:\d+.*export it/],
    ['a bound function', exports.unsendable.bound!, /bound function 'bound add'.*as arguments/],
    ['a Proxy', exports.unsendable.proxy!, /Proxy of a function.*behind the Proxy/],
    ['a class', exports.Exported as never, /class 'Exported' at .*makes the instance/],
    [
      'a function made of text',
      new Function('return 1') as never,
      /function 'anonymous'.*no module exports it/,
    ],
  ]
  for (const [what, fn, says] of refused) {
    test(`${what} is refused with what it is, where it is and what to do`, async () => {
      const error = await Promise.resolve(referenceOf(fn)).then(
        () => assert.fail('accepted'),
        (error) => error,
      )
      assert.ok(error instanceof TransferError)
      assert.equal(error.code, 'PLAIT_TRANSFER')
      assert.match(error.message, says)
    })
  }

  test('a script that calls itself like a package is not taken for one', async () => {
    const fn = runInThisContext('(function strip() {})', { filename: 'fast-check' })
    await assert.rejects(async () => referenceOf(fn), {
      code: 'PLAIT_TRANSFER',
      message: /function 'strip' at fast-check:1:\d+ .*no module exports it/,
    })
  })

  test('a function whose module exports another one under its name is told so', async () => {
    const { work } = await import(fixture('fresh.mjs'))
    const filename = fileURLToPath(fixture('fresh.mjs'))
    const other = runInThisContext('(function work() {})', { filename })
    await referenceOf(work)
    await assert.rejects(async () => referenceOf(other), {
      code: 'PLAIT_TRANSFER',
      message: /another function/,
    })
  })

  test('a global that the program made is no function of the platform', async () => {
    const globals = globalThis as { plaitTestsGlobal?: () => void }
    globals.plaitTestsGlobal = function plaitTestsGlobal() {}
    await assert.rejects(async () => referenceOf(globals.plaitTestsGlobal!), { code: 'PLAIT_TRANSFER' })
    delete globals.plaitTestsGlobal
  })

  test('the place of a refused function is that of its TypeScript source', async () => {
    const line = 1 + (await source()).findIndex((text) => text.startsWith('const local ='))
    await assert.rejects(
      async () => referenceOf(exports.unsendable.local!),
      new RegExp(`exports\\.ts:${line}:`),
    )
  })

  test('what is no function is a wrong argument, at once', () => {
    for (const value of [undefined, null, 'text', {}]) {
      assert.throws(() => referenceOf(value as never), { name: 'TypeError', code: 'PLAIT_INVALID_ARGUMENT' })
    }
  })
})

async function source(): Promise<string[]> {
  const { readFile } = await import('node:fs/promises')
  return (await readFile(new URL(TS), 'utf8')).split('\n')
}

for (const [kind, start] of KINDS) {
  describe(`reference, resolved in a ${kind}`, LIMIT, () => {
    let worker: Elsewhere
    before(() => {
      worker = start()
    })
    after(() => worker[Symbol.asyncDispose]())

    test('functions of a TypeScript module are called', async () => {
      assert.equal(await worker.call(await referenceOf(exports.add), 2, 3), 5)
      assert.equal(await worker.call(await referenceOf(exports.norm), { x: 3, y: 4 }), 5)
      assert.equal(await worker.call(await referenceOf(exports.later), 'see you'), 'see you later')
      assert.equal(await worker.call(await referenceOf(exports.outer)), 'renamed')
    })

    test('TypeScript needs nothing from the way the program was started', async () => {
      await using clean = start({ clean: true })
      assert.equal(await clean.call(await referenceOf(exports.add), 2, 3), 5)
    })

    test('a .tsx module is imported too', async () => {
      const { element } = await import(fixture('element.tsx'))
      await using clean = start({ clean: true })
      assert.equal(await clean.call(await referenceOf(element), 'b'), '<b>')
    })

    test('functions of CommonJS modules are called', async () => {
      const named = require('./fixtures/named.cjs')
      const whole = require('./fixtures/whole.cjs')
      const typed = await import(fixture('typed.cts'))
      for (const [fn, result] of [
        [named.first, 'first'],
        [named.computed, 'computed'],
        [whole, 'whole'],
        [whole.part, 'part'],
        [typed.default.typed, 'typed'],
      ]) {
        assert.equal(await worker.call(await referenceOf(fn)), result)
      }
    })

    test('functions of the platform are called', async () => {
      assert.equal(await worker.call(await referenceOf(Math.max), 1, 3, 2), 3)
      assert.deepEqual(await worker.call(await referenceOf(JSON.parse), '[1]'), [1])
      const { existsSync } = await import('node:fs')
      assert.equal(await worker.call(await referenceOf(existsSync), '/'), true)
    })

    test('the second call finds the function at hand', async () => {
      const { work } = await import(`${fixture('fresh.mjs')}?at-hand`)
      const reference = await referenceOf(work)
      await worker.call(reference)
      assert.equal(worker.wasSync(), false)
      await worker.call(reference)
      assert.equal(worker.wasSync(), true)
    })

    test('a task may do what its module may not do while it is imported', async () => {
      const url = fixture('guarded.mjs')
      assert.equal(await worker.call({ kind: 'export', url, name: 'inTask' }), 'allowed')
      assert.equal(await worker.call({ kind: 'export', url, name: 'whileImported' }), 'PLAIT_INVALID_STATE')
      assert.equal(await worker.call({ kind: 'export', url, name: 'leftBehind' }), 'PLAIT_INVALID_STATE')
    })

    test('a task can name functions itself, and send them on', async () => {
      const url = fixture('guarded.mjs')
      const reference = await worker.call({ kind: 'export', url, name: 'nameYourself' })
      assert.deepEqual(reference, { kind: 'export', url, name: 'nameYourself' })
    })

    test('a hundred first calls import the module once', async () => {
      const url = fixture('counted.mjs')
      const calls = Array.from({ length: 100 }, () =>
        worker.call({ kind: 'export', url, name: 'timesImported' }),
      )
      assert.deepEqual(new Set(await Promise.all(calls)), new Set([1]))
    })

    test('a missing file fails with the error of the platform, which names it', async () => {
      const call = worker.call({ kind: 'export', url: fixture('missing.mjs'), name: 'f' })
      await assert.rejects(call, { code: 'ERR_MODULE_NOT_FOUND', message: /missing\.mjs/ })
    })

    test('a syntax error stays one, and its stack names the module', async () => {
      const syntax = await worker
        .call({ kind: 'export', url: 'data:text/javascript,export const x = ;', name: 'x' })
        .then(
          () => assert.fail('imported'),
          (error) => error,
        )
      assert.ok(syntax instanceof SyntaxError)
      assert.match(syntax.stack!, /task's module \(data:text\/javascript/)
    })

    test('what a module throws while it is imported arrives as it is, for every call', async () => {
      const reference = { kind: 'export', url: fixture('throws.mjs'), name: 'f' } as const
      for (let i = 0; i < 2; i++) {
        await assert.rejects(worker.call(reference), (error: Error & { detail?: number }) => {
          assert.ok(error instanceof RangeError)
          assert.equal(error.message, 'thrown at the top')
          assert.equal(error.detail, 7)
          assert.equal(error.stack!.match(/task's module/g)!.length, 1)
          return true
        })
      }
    })

    test('an export that is missing in the worker is named, with those that are there', async () => {
      const call = worker.call({ kind: 'export', url: TS, name: 'gone' })
      await assert.rejects(call, { code: 'PLAIT_TRANSFER', message: /no export 'gone'.*add/ })
    })

    test('a function of the platform that is missing in the worker is named', async () => {
      await assert.rejects(worker.call({ kind: 'global', name: 'Math.gone' }), {
        code: 'PLAIT_TRANSFER',
        message: /Math\.gone/,
      })
    })
  })
}

test('reference › resolves in the host as well', async () => {
  assert.equal(await resolveReference(await referenceOf(exports.add)), exports.add)
  const url = pathToFileURL(require.resolve('./fixtures/whole.cjs')).href
  assert.equal(
    await resolveReference({ kind: 'export', url, name: 'default' }),
    require('./fixtures/whole.cjs'),
  )
})
