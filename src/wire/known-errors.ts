// WHAT     Which class an error belongs to, as far as the other side can know it too.
// RULES
//   1. A class counts as known only if the error's own prototype is the class's: a user's unregistered
//      subclass of TypeError is unknown, since its `instanceof` could not be kept.
//   2. Two realms and two copies of the library are the same class: native ones are compared by name and
//      native constructor, ours by their brand.
//   3. Node's internal subclasses (`TypeError [ERR_…]`) stand for the native class they extend: nobody can
//      name them from outside.
import { createRequire } from 'node:module'
import {
  BrokenBarrierError,
  BrokenError,
  CancelledError,
  ClosedError,
  DeadlockError,
  EOFError,
  ExceptionGroup,
  InitializerError,
  InternalError,
  InvalidStateError,
  NotSupportedError,
  PlaitError,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  TimeoutError,
  TransferError,
  WorkerDiedError,
} from '../core/index.ts'
import { registeredClassNamed, registeredClassOf } from './class-registry.ts'

/** Where a class is to be looked for on the other side. */
export interface KnownClass {
  readonly origin: 'builtin' | 'plait' | 'registered' | 'unknown'
  readonly class: string
}

const BRAND = Symbol.for('plait.error')

const BUILTIN = new Map<string, object>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError].map(
    (Class) => [Class.name, Class.prototype],
  ),
)
const suppressed: unknown = (globalThis as { SuppressedError?: { prototype: object } }).SuppressedError
  ?.prototype
if (typeof suppressed === 'object' && suppressed !== null) BUILTIN.set('SuppressedError', suppressed)

const PLAIT = new Map<string, object>(
  [
    BrokenBarrierError,
    BrokenError,
    CancelledError,
    ClosedError,
    DeadlockError,
    EOFError,
    ExceptionGroup,
    InitializerError,
    InternalError,
    InvalidStateError,
    NotSupportedError,
    PlaitError,
    QueueEmpty,
    QueueFull,
    QueueShutDown,
    TimeoutError,
    TransferError,
    WorkerDiedError,
  ].map((Class) => [brandOf(Class.prototype)!, Class.prototype]),
)

const NODE_INTERNAL = new Set([
  'NodeError',
  'SystemError',
  'AbortError',
  'HTTPParserError',
  'NodeAggregateError',
])

function brandOf(prototype: object): string | undefined {
  const brand: unknown = Object.getOwnPropertyDescriptor(prototype, BRAND)?.value
  return typeof brand === 'string' ? brand : undefined
}

/** @throws whatever a hostile object throws when it is read */
export function classOf(error: object): KnownClass {
  const registered = registeredClassOf(error)
  if (registered !== undefined) return { origin: 'registered', class: registered.name }
  const prototype: unknown = Object.getPrototypeOf(error)
  if (typeof prototype !== 'object' || prototype === null) return { origin: 'unknown', class: 'Error' }
  const brand = brandOf(prototype)
  if (brand !== undefined && PLAIT.has(brand)) return { origin: 'plait', class: brand }
  if (error instanceof DOMException) return { origin: 'builtin', class: 'DOMException' }
  return builtinOf(error, prototype)
}

function builtinOf(error: object, prototype: object): KnownClass {
  const Class: unknown = (prototype as { constructor?: unknown }).constructor
  const name = typeof Class === 'function' ? Class.name : ''
  if (BUILTIN.get(name) === prototype || (BUILTIN.has(name) && isNative(Class))) {
    return { origin: 'builtin', class: name }
  }
  const code: unknown = (error as { code?: unknown }).code
  if (typeof code === 'string' && /^(?:ERR|ABORT)_/.test(code)) {
    if (name === 'AssertionError' && code === 'ERR_ASSERTION') return { origin: 'builtin', class: name }
    const parent: unknown = Object.getPrototypeOf(prototype)
    if (NODE_INTERNAL.has(name) && typeof parent === 'object' && parent !== null)
      return builtinOf(error, parent)
  }
  return { origin: 'unknown', class: name === '' ? 'Error' : name }
}

function isNative(value: unknown): boolean {
  return Function.prototype.toString.call(value).includes('[native code]')
}

/** True for the names of the platform's own classes of error. */
export function isBuiltinName(name: string): boolean {
  return BUILTIN.has(name)
}

/** The prototype of that class on this side; `undefined` if it is not known here. */
export function prototypeOf(known: KnownClass): object | undefined {
  switch (known.origin) {
    case 'builtin':
      if (known.class === 'DOMException') return DOMException.prototype
      if (known.class === 'AssertionError') return assertionError()
      return BUILTIN.get(known.class)
    case 'plait':
      return PLAIT.get(known.class)
    case 'registered':
      return registeredClassNamed(known.class)?.prototype
    case 'unknown':
      return undefined
  }
}

/** Loaded only when one arrives: `node:assert` is not needed for anything else. */
function assertionError(): object {
  return (createRequire(import.meta.url)('node:assert') as typeof import('node:assert')).AssertionError
    .prototype
}
