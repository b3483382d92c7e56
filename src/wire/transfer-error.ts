// WHAT     Finds out which part of a value cannot cross a border, after the platform has refused the whole.
// RULES
//   1. The walk takes the order structured clone takes and calls the getters it calls, so it finds the same
//      thing first. It runs only after a refusal: values that cross cost nothing.
//   2. The work is bounded (MAX_VISITS, MAX_PROBES, MAX_DEPTH). A value too large to search gets the platform's message.
//   3. Inside an event emitter (sockets, servers, streams) nothing is named: the emitter itself is the answer.
// CHECKED BY tests/wire/transfer-error.test.ts
import { EventEmitter } from 'node:events'
import {
  isArgumentsObject,
  isGeneratorObject,
  isMapIterator,
  isModuleNamespaceObject,
  isNativeError,
  isPromise,
  isProxy,
  isSetIterator,
} from 'node:util/types'
import { serialize } from 'node:v8'
import { TransferError } from '../core/index.ts'

const MAX_VISITS = 200_000
const MAX_PROBES = 1_000
const MAX_VISITS_BELOW_PROBE = 10_000
const MAX_DEPTH = 300
const MAX_STEPS_SHOWN = 12

/**
 * The error for a value that could not be sent, with the path of the first thing that cannot:
 * `argument 0 → .socket: a Socket cannot be sent`.
 *
 * @param where what the value is to the caller: `argument 0`, `the result`
 * @param cause what the platform threw
 */
export function transferError(where: string, value: unknown, cause: unknown): TransferError {
  const found = new Search(cause).find(value)
  const message =
    found === undefined
      ? `${where} cannot be sent: ${reasonOf(cause)}`
      : `${where}${pathOf(found.path)}: ${found.what}`
  return new TransferError(message, { cause })
}

interface Found {
  readonly path: readonly string[]
  readonly what: string
}

class Search {
  /** The refusal came from V8's serializer: it refuses more than structured clone does (shared memory, blobs, …). */
  readonly #fromSerializer: boolean
  readonly #seen = new Set<object>()
  readonly #path: string[] = []
  #visits = 0
  #probes = 0

  constructor(cause: unknown) {
    // A getter of the user's may have thrown anything at all, hence the first test.
    this.#fromSerializer = isProxy(cause) || !(cause instanceof DOMException)
  }

  find(value: unknown): Found | undefined {
    const what = refusedByItsKind(value)
    if (what !== undefined) return this.#found(what)
    if (typeof value !== 'object' || value === null || this.#seen.has(value)) return undefined
    if (this.#path.length > MAX_DEPTH) return undefined
    this.#seen.add(value)
    const before = this.#visits
    const found = this.#children(value)
    if (found !== undefined || this.#visits - before > MAX_VISITS_BELOW_PROBE) return found
    return this.#probe(value)
  }

  #children(value: object): Found | undefined {
    for (const [text, read] of stepsOf(value)) {
      if (++this.#visits > MAX_VISITS) return undefined
      this.#path.push(text)
      const found = this.#read(read)
      this.#path.pop()
      if (found !== undefined) return found
    }
    return undefined
  }

  #read(read: () => unknown): Found | undefined {
    let item: unknown
    try {
      item = read()
    } catch (error) {
      return this.#found(`reading it throws (${reasonOf(error)})`)
    }
    return this.find(item)
  }

  /** Platform objects whose refusal shows in nothing they own: asked one by one (rule 2). */
  #probe(value: object): Found | undefined {
    if (!this.#mayRefuse(value) || ++this.#probes > MAX_PROBES) return undefined
    try {
      if (this.#fromSerializer) serialize(value)
      else structuredClone(value)
      return undefined
    } catch (error) {
      const movable = /transfer/i.test(reasonOf(error))
      return this.#found(movable ? onlyMoved(value) : `${nameOf(value)} cannot be sent`)
    }
  }

  #mayRefuse(value: object): boolean {
    if (Array.isArray(value) || value instanceof Map || value instanceof Set || isNativeError(value))
      return false
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value
    if (buffer instanceof ArrayBuffer) return buffer.byteLength === 0 // perhaps it was moved away
    const prototype: unknown = Object.getPrototypeOf(value)
    return prototype !== null && prototype !== Object.prototype
  }

  #found(what: string): Found {
    return { path: [...this.#path], what }
  }
}

/** The parts of a value in the order of structured clone: how the step reads, and how to take it. */
function* stepsOf(value: object): Generator<[text: string, read: () => unknown]> {
  if (ArrayBuffer.isView(value)) return
  if (value instanceof Map) {
    let index = 0
    for (const [key, item] of value) {
      yield [` key ${index}`, () => key]
      yield [`.get(${keyText(key, index)})`, () => item]
      index++
    }
  } else if (value instanceof Set) {
    let index = 0
    for (const item of value) yield [` item ${index++}`, () => item]
  } else if (isNativeError(value)) {
    if (Object.hasOwn(value, 'cause')) yield ['.cause', () => value.cause]
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) yield [`[${index}]`, () => value[index]]
  } else {
    for (const key of Object.keys(value)) {
      yield [stepText(key), () => (value as Record<string, unknown>)[key]]
    }
  }
}

/** What needs no look inside. */
function refusedByItsKind(value: unknown): string | undefined {
  if (typeof value === 'symbol') return 'a symbol cannot be sent'
  if (isProxy(value)) return 'a Proxy cannot be sent; send a plain copy of what is behind it'
  if (typeof value === 'function') {
    return value.name === '' ? 'a function cannot be sent' : `function ${value.name} cannot be sent`
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (isPromise(value)) return 'a Promise cannot be sent; await it first'
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef)
    return `${nameOf(value)} cannot be sent`
  if (isGeneratorObject(value) || isMapIterator(value) || isSetIterator(value))
    return 'an iterator cannot be sent; send an array of what it gives'
  if (isArgumentsObject(value)) return 'the arguments of a call cannot be sent; send an array of them'
  if (isModuleNamespaceObject(value)) return 'a module cannot be sent; import it over there'
  if (value instanceof MessagePort) return onlyMoved(value)
  if (value instanceof EventEmitter) return `${nameOf(value)} cannot be sent`
  return undefined
}

function onlyMoved(value: object): string {
  return `${nameOf(value)} cannot be copied, only moved: name it in \`transfer\``
}

function nameOf(value: object): string {
  let name: unknown
  try {
    name = value.constructor?.name
  } catch {
    name = undefined
  }
  if (typeof name !== 'string' || name === '') return 'an object'
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`
}

function stepText(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${shortened(key)}]`
}

function keyText(key: unknown, index: number): string {
  if (typeof key === 'string') return shortened(key)
  return typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean'
    ? String(key)
    : `key ${index}`
}

function shortened(key: string): string {
  return JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key)
}

function pathOf(path: readonly string[]): string {
  if (path.length === 0) return ''
  const shown =
    path.length <= MAX_STEPS_SHOWN
      ? path
      : [...path.slice(0, 4), ' … ', ...path.slice(-(MAX_STEPS_SHOWN - 4))]
  return ` → ${shown.join('').trim()}`
}

function reasonOf(error: unknown): string {
  try {
    const text = error instanceof Error || error instanceof DOMException ? error.message : String(error)
    const line = text.split('\n', 1)[0]!
    return line.length > 200 ? `${line.slice(0, 200)}…` : line
  } catch {
    return 'the platform refused it'
  }
}
