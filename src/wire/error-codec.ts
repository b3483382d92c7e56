// WHAT     Errors as plain data and back. Structured clone alone loses class, code, own fields and
//          `AggregateError.errors`, and turns a DOMException into `{}`.
// RULES
//   1. `encodeError` never throws and its result always clones, by structured clone and by V8's serializer.
//      What cannot be sent is left out one property at a time, and the stack says so.
//   2. `decodeError` runs no constructor of a user's class unless its `decode` was registered. The result is
//      a real native error with the class's prototype, so that it prints like any other.
//   3. An unknown class becomes `RemoteError`. A RemoteError that travels on is sent as what it stands for, not
//      wrapped once more.
//   4. Cycles (`cause`, `errors`, fields) stay cycles. Depth and number of errors are bounded.
//   5. `CancelledError.task` stays at home: it is an object of the other side.
// CHECKED BY tests/wire/error-codec.test.ts
import { isNativeError } from 'node:util/types'
import { deserialize, serialize } from 'node:v8'
import { describeValue, type RemoteDetails, RemoteError } from '../core/index.ts'
import { registeredClassNamed, registeredClassOf } from './class-registry.ts'
import { classOf, isBuiltinName, type KnownClass, prototypeOf } from './known-errors.ts'

/** Plain data that stands for whatever was thrown. Nodes may refer to each other in cycles. */
export type EncodedError = EncodedValue

/** A value on its way: data as it is, an error, or a list with errors in it. */
export type EncodedValue =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'list'; readonly items: readonly EncodedValue[] }
  | ErrorNode

/** One error. */
export interface ErrorNode extends KnownClass {
  readonly type: 'error'
  readonly name: string
  readonly message: string
  readonly code: string | number | undefined
  readonly stack: string
  /** Own properties in their order: key, value, and whether it is enumerable. */
  readonly own: [key: string, value: EncodedValue, enumerable: boolean][]
  /** What a registered `encode` gave, in place of `own`. */
  data?: { readonly value: unknown }
  /** Own properties that could not be sent. */
  readonly missing: string[]
}

const MAX_DEPTH = 50
const MAX_ERRORS = 10_000
const LEFT_OUT = `left out: more than ${MAX_DEPTH} errors deep or ${MAX_ERRORS} in all`

/** Own properties that count although they are not enumerable. */
const HIDDEN = new Set(['name', 'message', 'code', 'cause', 'errors', 'error', 'suppressed'])

/** Host or worker: anything that was thrown, as data. Never throws (rule 1). */
export function encodeError(error: unknown): EncodedError {
  return new Encoder().value(error, 0) ?? unsendable(error)
}

class Encoder {
  readonly #seen = new Map<object, ErrorNode>()
  /** Stands for every error past the limits (rule 4). */
  readonly #rest = unknownNode('Error', LEFT_OUT, `Error: ${LEFT_OUT}`)

  /** `undefined` if the value cannot be sent. */
  value(value: unknown, depth: number): EncodedValue | undefined {
    if (isPrimitive(value)) return typeof value === 'symbol' ? undefined : { type: 'value', value }
    if (typeof value === 'function') return undefined
    try {
      if (isError(value)) return this.#error(value, depth)
      if (Array.isArray(value) && value.some(isError)) return this.#list(value, depth)
      return { type: 'value', value: deserialize(serialize(value)) }
    } catch {
      return undefined
    }
  }

  #list(values: readonly unknown[], depth: number): EncodedValue {
    const items: EncodedValue[] = []
    if (depth > MAX_DEPTH) return this.#rest
    for (const value of values) items.push(this.value(value, depth + 1) ?? unsendable(value))
    return { type: 'list', items }
  }

  #error(error: object, depth: number): ErrorNode {
    const seen = this.#seen.get(error)
    if (seen !== undefined) return seen
    if (depth > MAX_DEPTH || this.#seen.size >= MAX_ERRORS) return this.#rest
    const remote = error instanceof RemoteError ? error : undefined
    const node = remote === undefined ? bareNode(error) : remoteNode(remote)
    this.#seen.set(error, node)
    if (remote !== undefined) {
      const { fields, cause } = remote.remote
      for (const [key, value] of Object.entries(fields)) this.#property(node, key, value, true, depth)
      if (cause !== undefined) this.#property(node, 'cause', cause, false, depth)
    } else if (!this.#encodeRegistered(node, error)) {
      this.#properties(node, error, depth)
    } else if (Object.hasOwn(error, 'cause')) {
      this.#property(node, 'cause', (error as Error).cause, false, depth)
    }
    return node
  }

  #encodeRegistered(node: ErrorNode, error: object): boolean {
    const encode = registeredClassOf(error)?.encode
    if (encode === undefined) return false
    try {
      node.data = { value: deserialize(serialize(encode(error))) }
      return true
    } catch (failure) {
      node.missing.push(`what encode() gave (${guarded(() => String(failure), 'it failed')})`)
      return false
    }
  }

  #properties(node: ErrorNode, error: object, depth: number): void {
    for (const key of guarded(() => Object.getOwnPropertyNames(error), [])) {
      if (key === 'stack') continue
      try {
        const enumerable = Object.prototype.propertyIsEnumerable.call(error, key)
        if (!enumerable && !HIDDEN.has(key) && node.origin !== 'plait') continue
        if (!enumerable && key === 'task') continue // rule 5
        this.#property(node, key, (error as Record<string, unknown>)[key], enumerable, depth)
      } catch {
        node.missing.push(`.${key}`)
      }
    }
  }

  #property(node: ErrorNode, key: string, value: unknown, enumerable: boolean, depth: number): void {
    const encoded = this.value(value, depth + 1) ?? this.#instead(key, value, depth)
    if (encoded === undefined) node.missing.push(`.${key}`)
    else node.own.push([key, encoded, enumerable])
  }

  /** A cause or a list of failures is worth a placeholder where the thing itself cannot be sent. */
  #instead(key: string, value: unknown, depth: number): EncodedValue | undefined {
    if (key === 'cause') return unsendable(value)
    return key === 'errors' && Array.isArray(value) ? this.#list(value, depth) : undefined
  }
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function')
}

function isError(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return isNativeError(value) || value instanceof Error || value instanceof DOMException
}

function guarded<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}

function plainCode(code: unknown): string | number | undefined {
  return typeof code === 'string' || typeof code === 'number' ? code : undefined
}

/** What stands for a value that is no error and cannot be sent: a function, a symbol, a socket, … */
function unsendable(value: unknown): ErrorNode {
  const what = guarded(() => describeValue(value), 'a value that cannot be read')
  const name =
    typeof value === 'object' ? guarded(() => String(value!.constructor.name), 'Object') : typeof value
  const message = `${what} (cannot be sent)`
  return unknownNode(name, message, `${name}: ${message}`)
}

function unknownNode(name: string, message: string, stack: string): ErrorNode {
  const known = { origin: 'unknown', class: name } as const
  return { type: 'error', ...known, name, message, code: undefined, stack, own: [], missing: [] }
}

function bareNode(error: { name?: unknown; message?: unknown; code?: unknown; stack?: unknown }): ErrorNode {
  const known = guarded(() => classOf(error), { origin: 'unknown', class: 'Error' } as const)
  const name = guarded(() => String(error.name), 'Error')
  return {
    type: 'error',
    ...known,
    // `class PaymentError extends Error {}` calls itself 'Error': its class says more.
    name: known.origin === 'unknown' && isBuiltinName(name) ? known.class : name,
    message: guarded(() => String(error.message ?? ''), 'an error that cannot be read'),
    code: guarded(() => plainCode(error.code), undefined),
    stack: guarded(() => String(error.stack ?? ''), ''),
    own: [],
    missing: [],
  }
}

/** Rule 3: a RemoteError as the error it stands for. */
function remoteNode({ remote }: RemoteError): ErrorNode {
  return { ...unknownNode(remote.name, remote.message, remote.stack ?? ''), code: plainCode(remote.code) }
}

/**
 * The error again, from {@link encodeError}'s data; a thrown value that was no error as it is.
 *
 * @param submittedAt frames of the caller (`    at …` lines); the stack continues with them
 */
export function decodeError(data: EncodedError, submittedAt?: string): unknown {
  const error = new Decoder().value(data)
  if (submittedAt !== undefined && data.type === 'error' && isError(error)) joinStacks(error, submittedAt)
  return error
}

class Decoder {
  readonly #made = new Map<ErrorNode, object>()

  value(data: EncodedValue): unknown {
    if (data.type === 'value') return data.value
    if (data.type === 'list') return data.items.map((item) => this.value(item))
    return this.#made.get(data) ?? this.#error(data)
  }

  #error(node: ErrorNode): object {
    const prototype = prototypeOf(node)
    if (prototype === undefined) return this.#remote(node)
    const registered = node.origin === 'registered' ? registeredClassNamed(node.class) : undefined
    if (registered?.decode !== undefined) return this.#byItsOwnDecode(node, registered.decode)
    const error: Error =
      node.class === 'DOMException'
        ? new DOMException(node.message, node.name)
        : Object.setPrototypeOf(
            withoutStack(() => new Error()),
            prototype,
          )
    this.#made.set(node, error)
    setOwn(error, 'stack', stackOf(node), false)
    for (const [key, value, enumerable] of node.own) setOwn(error, key, this.value(value), enumerable)
    if (typeof node.data?.value === 'object' && node.data.value !== null) {
      for (const [key, value] of Object.entries(node.data.value)) setOwn(error, key, value, true)
    }
    if (node.class !== 'DOMException') complete(error, node)
    return error
  }

  #byItsOwnDecode(node: ErrorNode, decode: (data: unknown) => object): object {
    let reason: unknown
    // What refers back to this error while `decode` has not made it yet gets the next best thing.
    this.#made.set(node, new RemoteError({ name: node.name, message: node.message, fields: {} }))
    try {
      const error: unknown = decode(node.data === undefined ? this.#fields(node) : node.data.value)
      if (isError(error)) {
        this.#made.set(node, error)
        setOwn(error, 'stack', stackOf(node), false)
        const cause = node.own.find(([key]) => key === 'cause')
        if (cause !== undefined && !Object.hasOwn(error, 'cause'))
          setOwn(error, 'cause', this.value(cause[1]), false)
        return error
      }
      reason = 'it gave no error'
    } catch (failure) {
      reason = failure
    }
    const text = guarded(() => String(reason), 'it failed')
    return this.#remote({ ...node, missing: [...node.missing, `its class, since decode() failed (${text})`] })
  }

  /** What `decode` gets when there is no `encode`: message, cause and own fields in one object. */
  #fields(node: ErrorNode): Record<string, unknown> {
    const fields: Record<string, unknown> = { message: node.message }
    for (const [key, value] of node.own) setOwn(fields, key, this.value(value), true)
    return fields
  }

  #remote(node: ErrorNode): RemoteError {
    const fields: Record<string, unknown> = {}
    const remote = { name: node.name, message: node.message, fields } as RemoteDetails
    if (node.code !== undefined) setOwn(remote, 'code', node.code, true)
    const error = withoutStack(() => new RemoteError(remote))
    this.#made.set(node, error)
    // Not enumerable: printing the error prints this stack once already.
    setOwn(remote, 'stack', node.stack, false)
    setOwn(
      error,
      'stack',
      stackOf({
        ...node,
        name: error.name,
        message: error.message,
        stack: `${error.name}: ${error.message}${framesOf(node.stack)}`,
      }),
      false,
    )
    for (const [key, encoded] of node.own) {
      const value = this.value(encoded)
      if (key === 'cause') {
        setOwn(remote, 'cause', value, false)
        setOwn(error, 'cause', value, false)
      } else if (key !== 'name' && key !== 'message' && !(key === 'code' && node.code !== undefined)) {
        setOwn(fields, key, value, true)
      }
    }
    if (node.data !== undefined) setOwn(fields, 'data', node.data.value, true)
    return error
  }
}

/** What a prototype said on the other side and does not say here. */
function complete(error: Error & { code?: unknown }, node: ErrorNode): void {
  if (error.message !== node.message) setOwn(error, 'message', node.message, false)
  if (error.name !== node.name) setOwn(error, 'name', node.name, false)
  if (node.code !== undefined && error.code !== node.code) setOwn(error, 'code', node.code, false)
}

/** The stack comes from elsewhere: taking one here, and formatting it to be overwritten, would be in vain. */
function withoutStack<E extends Error>(make: () => E): E {
  const limit = Error.stackTraceLimit
  Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return make()
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit)
  }
}

function setOwn(target: object, key: string, value: unknown, enumerable: boolean): void {
  // A user's decode() may give a frozen error: then it stays as it is.
  Reflect.defineProperty(target, key, { value, enumerable, writable: true, configurable: true })
}

function stackOf(node: ErrorNode): string {
  const head = node.message === '' ? node.name : `${node.name}: ${node.message}`
  const stack = node.stack === '' ? head : node.stack
  return node.missing.length === 0 ? stack : `${stack}\n    --- not sent: ${node.missing.join(', ')} ---`
}

function framesOf(stack: string): string {
  const at = stack.search(/\n\s+at /)
  return at === -1 ? '' : stack.slice(at)
}

function joinStacks(error: object, submittedAt: string): void {
  const frames = submittedAt.split('\n').filter((line) => /^\s+at /.test(line))
  if (frames.length === 0) return
  const stack = guarded(() => String((error as Error).stack), '')
  setOwn(error, 'stack', `${stack}\n    --- submitted at ---\n${frames.join('\n')}`, false)
}
