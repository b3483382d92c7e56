import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe } from 'node:test'
import { TransferError } from 'plait/futures'
import { failureOf } from '../futures/helpers.ts'
import * as again from './fixtures/again.ts'
import * as named from './fixtures/named.ts'
import { 'odd name' as oddly } from './fixtures/named.ts'
import * as work from './fixtures/work.mjs'
import { pools, test } from './subjects.ts'

const DATA_URL = 'data:text/javascript,export default function(n) { return "default " + n }'
const whole = (await import(DATA_URL as string)).default
const common = createRequire(import.meta.url)('./fixtures/programs/common.cjs')

function local() {}
const captured = Math.random()

for (const { name, lend } of pools) {
  describe(`${name}, functions`, () => {
    test('that their module exports are found, however they are exported', async () => {
      const pool = lend(1)
      const calls: [what: string, fn: (n: number) => unknown, expected: unknown][] = [
        ['a named one', named.plain, 'plain 1'],
        ['the default', whole, 'default 1'],
        ['under another name', named.renamed, 'inner 1'],
        ['through another module', again.plain, 'plain 1'],
        ['through another module, under another name', again.other, 'inner 1'],
        ['an arrow', named.arrow, 'arrow 1'],
        ['asynchronous', named.asynchronous, 'async 1'],
        ['a fiber', named.fiber as never, 'fiber 1'],
        ['of CommonJS', common.half, 0.5],
        ['of the platform', Math.sqrt, 1],
        ['with a name that is no identifier', oddly, 'odd 1'],
      ]
      for (const [what, fn, expected] of calls) assert.equal(await pool.submit(fn, 1), expected, what)
    })

    test('that nobody exports say so, where they are, and what to do', async () => {
      const pool = lend(1)
      const refused: [fn: (...args: any[]) => unknown, words: RegExp][] = [
        [local, /'local'.*functions\.test\.ts.*export/],
        [named.makeInner(3), /named\.ts.*export/],
        [named.tools.cut, /the method 'cut'.*named\.ts.*export/],
        [work.echo.bind(null, 1), /bound.*arguments/],
        [new Proxy(work.echo, {}), /Proxy/],
        [class Unexported {} as never, /class/],
        [new Function('return 1') as never, /export/],
      ]
      for (const [fn, words] of refused) {
        const error = await failureOf(pool.submit(fn))
        assert.ok(error instanceof TransferError, String(error))
        assert.match(error.message, words)
      }
      assert.equal(await pool.submit(work.add, 1, 1), 2)
    })

    test('that capture something fail their future rather than run without it', async () => {
      const pool = lend(1)
      const [result] = await Promise.allSettled([pool.submit(() => captured)])
      if (result.status === 'rejected') assert.ok(result.reason instanceof TransferError)
      else assert.equal(result.value, captured) // where closures cross, they cross with what they captured
    })
  })
}
