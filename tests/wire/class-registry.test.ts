import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { InvalidStateError, RemoteError, registerClass } from '../../src/errors.ts'
import { decodeError, encodeError } from '../../src/wire/index.ts'

const cross = (error: unknown): any => decodeError(structuredClone(encodeError(error)))

describe('registerClass', () => {
  test('a registered error keeps its class and fields, and no constructor runs', () => {
    let constructed = 0
    class Counted extends Error {
      readonly amount: number
      constructor(amount: number) {
        super(`cannot pay ${amount}`)
        constructed++
        this.amount = amount
      }
      twice(): number {
        return this.amount * 2
      }
    }
    registerClass(Counted)
    const copy: any = cross(new Counted(5))
    assert.ok(copy instanceof Counted && copy instanceof Error)
    assert.equal(copy.twice(), 10)
    assert.equal(copy.message, 'cannot pay 5')
    assert.equal(constructed, 1)
  })

  test('encode and decode carry what fields cannot', () => {
    class Secret extends Error {
      readonly #value: number
      constructor(value: number, options?: ErrorOptions) {
        super('secret', options)
        this.#value = value
      }
      get value(): number {
        return this.#value
      }
    }
    registerClass(Secret, { encode: (error) => error.value, decode: (value: number) => new Secret(value) })
    const error = new Secret(7, { cause: new TypeError('why') })
    const copy: any = cross(error)
    assert.ok(copy instanceof Secret)
    assert.equal(copy.value, 7)
    assert.ok(copy.cause instanceof TypeError)
    assert.equal(copy.stack, error.stack)
  })

  test('decode alone gets message, cause and fields; encode alone gives the fields', () => {
    class Decoded extends Error {
      at = 3
    }
    const seen: object[] = []
    registerClass(Decoded, {
      decode: (fields: any) => {
        seen.push(fields)
        return new Decoded(fields.message)
      },
    })
    assert.ok(cross(new Decoded('m', { cause: 'c' })) instanceof Decoded)
    assert.deepEqual(seen, [{ message: 'm', cause: 'c', at: 3 }])
    class Encoded extends Error {
      handle = () => {}
    }
    registerClass(Encoded, { encode: () => ({ note: 'no handle' }) })
    const copy: any = cross(new Encoded('m'))
    assert.ok(copy instanceof Encoded)
    assert.equal(copy.message, 'm')
    assert.deepEqual({ ...copy }, { note: 'no handle' })
  })

  test('encode and decode that fail cost the class or the data, never the error', () => {
    class BadEncode extends Error {
      field = 1
    }
    registerClass(BadEncode, {
      encode() {
        throw new Error('cannot encode')
      },
    })
    const encoded: any = cross(new BadEncode('kept'))
    assert.equal(encoded.constructor, BadEncode)
    assert.equal(encoded.field, 1)
    assert.match(encoded.stack, /not sent: what encode\(\) gave \(Error: cannot encode\)/)
    class BadDecode extends Error {
      field = 1
    }
    registerClass(BadDecode, {
      decode() {
        throw new Error('cannot decode')
      },
    })
    const decoded: any = cross(new BadDecode('kept'))
    assert.equal(decoded.constructor, RemoteError)
    assert.deepEqual(decoded.remote.fields, { field: 1 })
    assert.match(decoded.stack, /decode\(\) failed \(Error: cannot decode\)/)
  })

  test('an error that refers to itself through its own decode does not recurse', () => {
    class Circular extends Error {}
    registerClass(Circular, {
      name: 'Circular',
      decode: (fields: any) => new Circular(fields.message),
    })
    const error: any = new Circular('round')
    error.cause = new Error('between', { cause: error })
    const copy: any = cross(error)
    assert.equal(copy.constructor, Circular)
    assert.equal(copy.cause.message, 'between')
  })

  test('the same class again is fine, and its later options count', () => {
    class Again extends Error {}
    registerClass(Again)
    registerClass(Again, { name: 'tests.Again' })
    assert.ok(cross(new Again('x')) instanceof Again)
    class Other extends Error {}
    registerClass(Other, { name: 'Again' })
  })

  test('another class under a taken name is refused', () => {
    const make = () => class Twin extends Error {}
    registerClass(make())
    assert.throws(
      () => registerClass(make()),
      (error) => {
        assert.ok(error instanceof InvalidStateError)
        assert.match(error.message, /'Twin'.*name/)
        return true
      },
    )
  })

  test('wrong arguments are named', () => {
    const wrong: [unknown, unknown, RegExp][] = [
      [undefined, undefined, /^Class: expected a class/],
      [{}, undefined, /^Class: expected a class/],
      [() => {}, undefined, /^Class: expected a class/],
      [class extends Error {}, undefined, /^options\.name: /],
      [class A extends Error {}, 'text', /^options: /],
      [class A extends Error {}, { name: 5 }, /^options\.name: /],
      [class A extends Error {}, { encode: 5 }, /^options\.encode: expected a function/],
      [class A extends Error {}, { decode: {} }, /^options\.decode: expected a function/],
    ]
    for (const [Class, options, message] of wrong) {
      assert.throws(() => registerClass(Class as never, options as never), {
        name: 'TypeError',
        code: 'PLAIT_INVALID_ARGUMENT',
        message,
      })
    }
  })
})
