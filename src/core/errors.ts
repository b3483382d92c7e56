// WHAT       The error tree of plait. Every class says whose fault it is and what the caller can do.
// RULES
//   1. `code` is part of the interface and never changes; `message` may.
//   2. `instanceof` holds across two copies of the library: classes are recognised by a brand under
//      `Symbol.for`, not by identity. A user's subclass carries no brand of its own and is recognised
//      in the ordinary way.
//   3. Wrong arguments are the platform's TypeError and RangeError with `code: 'PLAIT_INVALID_ARGUMENT'`.
// WHY NOT one class with a code: people write `catch (e) { if (e instanceof TimeoutError) … }`.

const BRAND = Symbol.for('plait.error')

const ordinaryHasInstance = Function.prototype[Symbol.hasInstance]

function brandedHasInstance(this: { prototype: object }, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  try {
    return ordinaryHasInstance.call(this, value) || hasBrandOf(this, value)
  } catch {
    return false // a proxy that refuses to be looked at: it is nobody's instance
  }
}

function hasBrandOf(errorClass: { prototype: object }, value: object): boolean {
  if (!Object.hasOwn(errorClass.prototype, BRAND)) return false
  const brand = (errorClass.prototype as Record<symbol, unknown>)[BRAND]
  for (let proto = Object.getPrototypeOf(value); proto !== null; proto = Object.getPrototypeOf(proto)) {
    if (Object.hasOwn(proto, BRAND) && proto[BRAND] === brand) return true
  }
  return false
}

/** Gives a class its name, its code and an `instanceof` that holds across copies of the library (rule 2). */
function brand(errorClass: { prototype: object }, name: string, code: string): void {
  Object.defineProperty(errorClass.prototype, BRAND, { value: `plait.${name}` })
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true })
  Object.defineProperty(errorClass.prototype, 'code', { value: code, configurable: true, writable: true })
  Object.defineProperty(errorClass, Symbol.hasInstance, { value: brandedHasInstance })
}

/** What every error of this library has in common: a stable `code`. */
export class PlaitError extends Error {
  /** Stable across versions, unlike `message`. */
  declare readonly code: string
}

/** Internal to the kernel: notes in which scope a cancellation was delivered. */
export let markDelivered: (error: CancelledError, scope: object) => CancelledError
/** Internal to the kernel: the scope in which it was delivered; `undefined` for an error made by hand or elsewhere. */
export let deliveredIn: (error: unknown) => object | undefined

/**
 * The task, scope or future was cancelled. Thrown by every wait inside a cancelled scope.
 *
 * Clean up and let it pass. Whoever catches it and waits again gets it again: cancellation is a level,
 * not an edge.
 */
export class CancelledError extends PlaitError {
  // The scope whose wait threw it; only errors that this kernel delivered have one (see `deliveredIn`).
  #origin: object | undefined

  static {
    markDelivered = (error, scope) => {
      error.#origin = scope
      return error
    }
    deliveredIn = (error) =>
      typeof error === 'object' && error !== null && #origin in error ? error.#origin : undefined
  }

  /** What was given to `cancel(reason)`; `undefined` if nothing was. */
  readonly reason: unknown
  /** The task or future that was cancelled; `undefined` for an error made by hand. */
  declare readonly task: unknown

  constructor(reason?: unknown, task?: { readonly name?: string }) {
    const who = task?.name === undefined ? 'cancelled' : `${task.name} was cancelled`
    super(reason === undefined ? who : `${who}: ${describeReason(reason)}`)
    this.reason = reason
    // Not enumerable: printing the error must not print the whole task.
    Object.defineProperty(this, 'task', { value: task, configurable: true, writable: true })
  }
}

function describeReason(reason: unknown): string {
  if (reason instanceof Error) return reason.message
  try {
    return String(reason)
  } catch {
    return typeof reason
  }
}

/** A deadline passed before the work was done. Give it more time or less to do. */
export class TimeoutError extends PlaitError {}

/** The call does not fit the state of the object: the program is wrong, not the world. */
export class InvalidStateError extends PlaitError {}

/** Nothing to take right now, from a call that never waits. */
export class QueueEmpty extends PlaitError {}

/** No room right now, from a call that never waits. */
export class QueueFull extends PlaitError {}

/** The queue was shut down and has nothing left to give. */
export class QueueShutDown extends PlaitError {}

/** The barrier was reset or aborted, or one of its parties gave up. */
export class BrokenBarrierError extends PlaitError {}

/** You closed it yourself, and used it afterwards. */
export class ClosedError extends PlaitError {}

/** The other side is gone, or the owner died. */
export class BrokenError extends PlaitError {}

/** The normal end: everything was read and nobody will write again. */
export class EOFError extends PlaitError {}

/** A value or function cannot cross to another thread, process or machine. The message names the path. */
export class TransferError extends PlaitError {}

/**
 * The worker that ran the task ended before the task did: it exited, crashed, was killed, or ran out of
 * memory. Only that task is affected; the pool has already replaced the worker.
 */
export class WorkerDiedError extends PlaitError {
  /** The exit code of the worker; `null` if a signal ended it. */
  readonly exitCode: number | null
  /** The signal that ended it, such as `'SIGKILL'`; `null` if none did. */
  readonly signal: string | null
  /** True if it is known to have died for lack of memory. */
  readonly outOfMemory: boolean

  constructor(
    message: string,
    details: {
      exitCode?: number | null
      signal?: string | null
      outOfMemory?: boolean
      cause?: unknown
    } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.exitCode = details.exitCode ?? null
    this.signal = details.signal ?? null
    this.outOfMemory = details.outOfMemory ?? false
  }
}

/** The pool's `initializer` failed in a worker; `cause` is its error. */
export class InitializerError extends PlaitError {}

/** What is known of an error whose class does not exist here. */
export interface RemoteDetails {
  readonly name: string
  readonly message: string
  readonly code?: unknown
  readonly stack?: string
  readonly fields: Record<string, unknown>
  readonly cause?: unknown
}

/**
 * An error thrown on the other side of a border whose class is not registered here.
 * `registerClass` on both sides lets it keep its class.
 */
export class RemoteError extends PlaitError {
  /** The original, as data. */
  readonly remote: RemoteDetails

  constructor(remote: RemoteDetails) {
    super(
      remote.message === '' ? remote.name : `${remote.name}: ${remote.message}`,
      'cause' in remote ? { cause: remote.cause } : undefined,
    )
    this.remote = remote
  }
}

/** This platform, Node version or execution model cannot do that. */
export class NotSupportedError extends PlaitError {}

/** Everything that is left waits for something else that is left. */
export class DeadlockError extends PlaitError {}

/** A defect of plait itself. Please report it with the stack. */
export class InternalError extends PlaitError {}

brand(PlaitError, 'PlaitError', 'PLAIT_ERROR')
brand(CancelledError, 'CancelledError', 'PLAIT_CANCELLED')
brand(TimeoutError, 'TimeoutError', 'PLAIT_TIMEOUT')
brand(InvalidStateError, 'InvalidStateError', 'PLAIT_INVALID_STATE')
brand(QueueEmpty, 'QueueEmpty', 'PLAIT_QUEUE_EMPTY')
brand(QueueFull, 'QueueFull', 'PLAIT_QUEUE_FULL')
brand(QueueShutDown, 'QueueShutDown', 'PLAIT_QUEUE_SHUT_DOWN')
brand(BrokenBarrierError, 'BrokenBarrierError', 'PLAIT_BROKEN_BARRIER')
brand(ClosedError, 'ClosedError', 'PLAIT_CLOSED')
brand(BrokenError, 'BrokenError', 'PLAIT_BROKEN')
brand(EOFError, 'EOFError', 'PLAIT_EOF')
brand(TransferError, 'TransferError', 'PLAIT_TRANSFER')
brand(WorkerDiedError, 'WorkerDiedError', 'PLAIT_WORKER_DIED')
brand(InitializerError, 'InitializerError', 'PLAIT_INITIALIZER')
brand(RemoteError, 'RemoteError', 'PLAIT_REMOTE')
brand(NotSupportedError, 'NotSupportedError', 'PLAIT_NOT_SUPPORTED')
brand(DeadlockError, 'DeadlockError', 'PLAIT_DEADLOCK')
brand(InternalError, 'InternalError', 'PLAIT_INTERNAL')

/** True for the error of a cancelled task, scope or future, from whichever copy of the library. */
export function isCancelled(error: unknown): error is CancelledError {
  return error instanceof CancelledError
}

/** Renders any value for an error message: short, on one line, never throwing. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string')
    return `${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)} (string)`
  if (typeof value === 'function') return value.name === '' ? 'a function' : `function ${value.name}`
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object')
    return `an instance of ${Object.getPrototypeOf(value)?.constructor?.name ?? 'null prototype'}`
  return `${String(value)} (${typeof value})`
}

/**
 * The error for a wrong argument (rule 3): says which one, what was expected and what came.
 * A wrong type is a TypeError, a value out of range a RangeError.
 */
export function invalidArgument(
  name: string,
  expected: string,
  value: unknown,
  kind: 'type' | 'range' = 'type',
): Error {
  const message = `${name}: expected ${expected}, got ${describeValue(value)}`
  const error = kind === 'type' ? new TypeError(message) : new RangeError(message)
  return Object.assign(error, { code: 'PLAIT_INVALID_ARGUMENT' })
}
