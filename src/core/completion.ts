// WHAT       Something that ends once, with a value, an error or a cancellation: what Task and Future have in common.
// STATES                 ┌──────────────> done
//        pending ──> running ───────────> failed
//           └────────────┴──────────────> cancelled        (pending may go to each of them directly)
// OWNERSHIP  Only the subclass that owns it makes it move (the protected transitions).
// RULES
//   1. It moves to an end once; a second attempt answers false and changes nothing.
//   2. Awaiting it is a wait of the one who awaits: that one's cancellation cuts the wait, not what is awaited.
//   3. A failure counts as seen when somebody awaits it, reads it, or is called back with it. Others are reported.
//   4. Hooks run synchronously inside the transition, before anybody who waits; callbacks run later, from the ready
//      queue, as in asyncio.
// WHY NOT a promise: a promise cannot be cut for one of the many who await it, and cannot say that it is done.

import { callIn, currentScope } from './context.ts'
import { type CancelledError, InvalidStateError, invalidArgument } from './errors.ts'
import { type Awaitable, type Fiber, park, parkOn } from './park.ts'
import { readyCallback } from './ready-queue.ts'
import type { Scope } from './scope.ts'
import { type Failure, noteFailure, reportUnhandled, seeFailure } from './unhandled.ts'
import type { Wait } from './wait.ts'
import { WaitQueue } from './wait-queue.ts'

export type CompletionState = 'pending' | 'running' | 'done' | 'failed' | 'cancelled'

/** A done callback, and the scope in which it was added: there it is called. */
interface Callback {
  readonly fn: (completion: any) => void
  readonly scope: Scope | undefined
}

let ids = 0

export abstract class Completion<T> implements Awaitable<T> {
  /** Counts up from 1 within the process, over tasks and futures. */
  readonly id: number = ++ids
  readonly #name: string | undefined
  #state: CompletionState = 'pending'
  #value: T | undefined
  #error: unknown
  #failure: Failure | undefined
  #seen = false
  // `any` keeps Task<T> covariant: whoever may read a T may hold it as a task of something wider.
  #waiters: WaitQueue<any> | undefined
  #hook: (() => void) | undefined
  #moreHooks: Set<() => void> | undefined
  #callbacks: Callback[] | undefined

  constructor(name: string | undefined) {
    this.#name = name
  }

  /** As given, or made of its kind and number. */
  get name(): string {
    return this.#name ?? `${this.kind}-${this.id}`
  }

  /** What it calls itself when it has no name, such as `Task`. */
  protected abstract get kind(): string

  /** Where it was created, for the report of a failure nobody looked at; `undefined` if that was not kept. */
  protected get place(): string | undefined {
    return undefined
  }

  /** Who is told of a failure nobody looked at, and when; by default stderr. */
  protected get reporting(): Pick<Failure, 'handle' | 'group'> {
    return { handle: undefined, group: undefined }
  }

  get state(): CompletionState {
    return this.#state
  }

  /** Whether it has ended, in whichever way. */
  done(): boolean {
    return this.#state !== 'pending' && this.#state !== 'running'
  }

  running(): boolean {
    return this.#state === 'running'
  }

  cancelled(): boolean {
    return this.#state === 'cancelled'
  }

  /**
   * The value.
   * @throws its error if it failed, its CancelledError if it was cancelled
   * @throws {InvalidStateError} PLAIT_INVALID_STATE when it is not done
   */
  result(): T {
    if (this.#state === 'done') return this.#value as T
    throw this.#readError('result')
  }

  /**
   * The error; `undefined` after success; the CancelledError of a cancelled one.
   * @throws {InvalidStateError} PLAIT_INVALID_STATE when it is not done
   */
  exception(): unknown {
    if (this.#state === 'done') return undefined
    const error = this.#readError('exception')
    if (this.done()) return error
    throw error
  }

  /** Asks it to end; false if it has. */
  abstract cancel(reason?: unknown): boolean

  /**
   * Calls `fn` with this object once it is done: later in the same turn, also if it is done already. A function
   * added twice is called twice. It runs where it was added: what it starts belongs to the run of that code.
   */
  addDoneCallback(fn: (completion: this) => void): void {
    if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn)
    const callback = { fn, scope: currentScope() }
    if (this.done()) {
      this.#see()
      this.#callLater(callback)
    } else {
      this.#callbacks ??= []
      this.#callbacks.push(callback)
    }
  }

  /** Removes a callback, however often it was added; returns how often that was. Python: `remove_done_callback`. */
  removeDoneCallback(fn: (completion: this) => void): number {
    const before = this.#callbacks ?? []
    const kept = before.filter((callback) => callback.fn !== fn)
    this.#callbacks = kept.length === 0 ? undefined : kept
    return before.length - kept.length
  }

  then<A = T, B = never>(
    onDone?: ((value: T) => A | PromiseLike<A>) | null,
    onFailed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return (park<T>((wait) => this.#register(wait)) as Promise<T> & Awaitable<T>).then(onDone, onFailed)
  }

  catch<B = never>(onFailed?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onFailed)
  }

  finally(onEnd?: (() => void) | null): Promise<T> {
    return this.then().finally(onEnd)
  }

  *[Symbol.iterator](): Fiber<T> {
    return yield* parkOn<T>((wait) => this.#register(wait))
  }

  get [Symbol.toStringTag](): string {
    return this.kind
  }

  /** @internal Calls `hook` when it ends, synchronously, at once if it has (rule 4). Returns the way to withdraw it. */
  onSettled(hook: () => void): () => void {
    if (this.done()) {
      hook()
      return () => {}
    }
    if (this.#hook === undefined) {
      this.#hook = hook
    } else {
      this.#moreHooks ??= new Set()
      this.#moreHooks.add(hook)
    }
    return () => {
      if (this.#hook === hook) this.#hook = undefined
      else this.#moreHooks?.delete(hook)
    }
  }

  protected toRunning(): boolean {
    if (this.#state !== 'pending') return false
    this.#state = 'running'
    return true
  }

  protected toDone(value: T): boolean {
    if (this.done()) return false
    this.#state = 'done'
    this.#value = value
    this.#settled()
    return true
  }

  protected toFailed(error: unknown): boolean {
    return this.#endWith('failed', error)
  }

  protected toCancelled(error: CancelledError): boolean {
    return this.#endWith('cancelled', error)
  }

  #endWith(state: 'failed' | 'cancelled', error: unknown): boolean {
    if (this.done()) return false
    this.#state = state
    this.#error = error
    const watched = this.#seen || this.#callbacks !== undefined || (this.#waiters?.length ?? 0) > 0
    this.#settled()
    if (state === 'failed' && !watched && !this.#seen) {
      this.#failure = { state: 'unseen', error, name: this.name, place: this.place, ...this.reporting }
      noteFailure(this, this.#failure)
    }
    return true
  }

  #settled(): void {
    this.#hook?.()
    this.#hook = undefined
    if (this.#moreHooks !== undefined) for (const hook of this.#moreHooks) hook()
    this.#moreHooks = undefined
    if (this.#state === 'done') this.#waiters?.wakeAll(this.#value as T)
    else this.#waiters?.failAll(this.#error)
    const callbacks = this.#callbacks
    this.#callbacks = undefined
    if (callbacks !== undefined) for (const callback of callbacks) this.#callLater(callback)
  }

  /** A callback that throws is reported like a failure nobody looked at, and takes nothing else with it. */
  #callLater({ fn, scope }: Callback): void {
    readyCallback(() => {
      try {
        callIn(scope, () => fn(this))
      } catch (error) {
        const name = `a done callback of ${this.name}`
        reportUnhandled({ state: 'unseen', error, name, place: undefined, ...this.reporting })
      }
    })
  }

  #register(wait: Wait<any>): void {
    if (this.#state === 'done') {
      wait.complete(this.#value as T)
    } else if (this.done()) {
      this.#see()
      wait.fail(this.#error)
    } else if ((wait.scope?.task as unknown) === this) {
      wait.fail(
        new InvalidStateError(`${this.name} awaits itself (an async function that returns a task awaits it)`),
      )
    } else {
      this.#waiters ??= new WaitQueue()
      this.#waiters.add(wait)
    }
  }

  #readError(call: string): unknown {
    if (!this.done()) {
      return new InvalidStateError(`${call}(): ${this.name} is not done yet (${this.#state}); await it first`)
    }
    this.#see()
    return this.#error
  }

  #see(): void {
    this.#seen = true
    if (this.#failure !== undefined) seeFailure(this.#failure)
  }

  /** @internal Somebody answers for its failure, such as the group it belongs to. */
  markSeen(): void {
    this.#see()
  }
}
