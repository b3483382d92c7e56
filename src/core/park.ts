// WHAT       How an operation becomes something to wait on, in both notations: `await x` and `yield* x`.
// RULES
//   1. Called from async code, an operation starts at once and is an `Operation`, a promise.
//   2. Called from a generator, it starts when it is reached by `yield*` (or awaited by somebody after all):
//      then no promise is made.
//   3. It belongs to the scope in which it starts. Awaited after all, that is the one in which it was called.
//      An async function called straight from a generator's step counts as the generator until its first `await`: an
//      operation that it makes there starts when it is awaited.
//   4. A cancellation that nobody awaits is no unhandled rejection: the task or scope knows of it. Every other
//      failure that nobody awaits is one, as with any promise.
//   5. It happens once, in both notations: reached a second time it gives what it gave the first time. Two fibers cannot
//      wait for the same operation at the same time; that is what tasks are for.
// WHY a Promise subclass whose `constructor` is Promise: V8 then keeps its fast path for `await` (one microtask
//            instead of three), and the object can carry `[Symbol.iterator]` all the same. A promise cannot be cut
//            per awaiter, so it is handed out only for operations made for one wait. Tasks and futures, which many
//            await, are thenables of their own (completion.ts).

import { currentRunner, currentScope } from './context.ts'
import { InvalidStateError, isCancelled } from './errors.ts'
import { refuse } from './refuse.ts'
import { Runner } from './runner.ts'
import type { Scope } from './scope.ts'
import { Wait } from './wait.ts'

/** What a generator function returns. Reach every operation in it by `yield*`. */
export type Fiber<T> = Generator<unknown, T, any>

/** Something to wait on in both notations: `await x` in async functions, `yield* x` in generator functions. */
export interface Awaitable<T> extends PromiseLike<T> {
  [Symbol.iterator](): Fiber<T>
}

/** An async function, a plain one, or a generator function. */
export type Coroutine<T> = () => PromiseLike<T> | T | Fiber<T>

function ignore(): void {}

/** The promise form of an operation (rule 1). */
export class Operation<T> extends Promise<T> implements Awaitable<T> {
  *[Symbol.iterator](): Fiber<T> {
    return (yield* parkOn<T>((wait) => {
      super.then(
        (value) => wait.complete(value),
        (error: unknown) => wait.fail(error),
      )
    })) as T
  }

  /** Rule 4. */
  static rejected<T>(operation: Operation<T>, reject: (error: unknown) => void, error: unknown): void {
    reject(error)
    if (isCancelled(error)) operation.then(undefined, ignore)
  }
}
Object.defineProperty(Operation.prototype, 'constructor', { value: Promise })

/** The generator form of an operation of several waits (rule 2). */
class LazyOperation<T> implements Awaitable<T> {
  readonly #start: () => Fiber<T>
  readonly #scope: Scope | undefined
  #promise: Operation<T> | undefined
  #state: 'new' | 'begun' | 'ended' = 'new'
  #outcome: { value: T } | { error: unknown } | undefined

  constructor(start: () => Fiber<T>, scope: Scope | undefined) {
    this.#start = start
    this.#scope = scope
  }

  [Symbol.iterator](): Fiber<T> {
    return this.#promise === undefined ? this.#once() : this.#promise[Symbol.iterator]()
  }

  then<A = T, B = never>(
    onDone?: ((value: T) => A | PromiseLike<A>) | null,
    onFailed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#promise ??= startOperation(() => this.#once(), this.#scope)
    return this.#promise.then(onDone, onFailed)
  }

  /** Rule 5. */
  *#once(): Fiber<T> {
    if (this.#state === 'begun') throw waitedForElsewhere()
    if (this.#state === 'new') {
      this.#state = 'begun'
      try {
        this.#outcome = { value: yield* this.#start() }
      } catch (error) {
        this.#outcome = { error }
      }
      this.#state = 'ended'
    }
    const outcome = this.#outcome!
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }
}

function waitedForElsewhere(): InvalidStateError {
  return new InvalidStateError(
    'this operation is being waited for already; wait for it in one place, or make a task of it that many can await',
  )
}

/**
 * The generator form of a single wait (rule 2): its own iterator, so that `yield*` allocates nothing but the wait.
 * `next` is called twice: to begin, and with the value.
 */
class LazyWait<T> implements Awaitable<T> {
  readonly #register: (wait: Wait<T>) => void
  readonly #scope: Scope | undefined
  #wait: Wait<T> | undefined
  #promise: Operation<T> | undefined

  constructor(register: (wait: Wait<T>) => void, scope: Scope | undefined) {
    this.#register = register
    this.#scope = scope
  }

  [Symbol.iterator](): Fiber<T> {
    if (this.#promise !== undefined) return this.#promise[Symbol.iterator]()
    return this.#wait === undefined ? (this as unknown as Fiber<T>) : again(this.#wait)
  }

  next(value: T): IteratorResult<unknown, T> {
    if (this.#wait !== undefined) return { done: true, value }
    this.#wait = new Wait<T>()
    begin(this.#wait, this.#register, currentScope())
    return { done: false, value: this.#wait }
  }

  throw(error: unknown): never {
    throw error
  }

  return(value: T): IteratorResult<unknown, T> {
    return { done: true, value }
  }

  then<A = T, B = never>(
    onDone?: ((value: T) => A | PromiseLike<A>) | null,
    onFailed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const begun = this.#wait
    this.#promise ??=
      begun === undefined
        ? promiseOf(this.#register, this.#scope)
        : startOperation(() => again(begun), this.#scope)
    return this.#promise.then(onDone, onFailed)
  }
}

/** Rule 5, for a wait that has begun. */
function* again<T>(wait: Wait<T>): Fiber<T> {
  if (wait.state === 'pending') throw waitedForElsewhere()
  return (yield wait) as T // it is settled: its runner goes on at once, with the value or the error
}

/** Makes an operation of several waits out of a generator function. */
export function operation<T>(start: () => Fiber<T>): Awaitable<T> {
  const runner = currentRunner()
  return runner === undefined ? startOperation(start, currentScope()) : new LazyOperation(start, runner.scope)
}

function startOperation<T>(start: () => Fiber<T>, scope: Scope | undefined): Operation<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Operation<T>((onDone, onFailed) => {
    resolve = onDone
    reject = onFailed
  })
  const driver = {
    fiberDone: resolve,
    fiberFailed: (error: unknown) => Operation.rejected(promise, reject, error),
  }
  new Runner(start(), scope, driver).start()
  return promise
}

/**
 * One cancellable wait. `register` is called with the wait that somebody will `complete` or `fail`; it may set
 * `wait.withdraw`. In a cancelled scope it is not called: the wait fails instead.
 */
export function park<T>(register: (wait: Wait<T>) => void): Awaitable<T> {
  const runner = currentRunner()
  return runner === undefined ? promiseOf(register, currentScope()) : new LazyWait(register, runner.scope)
}

function promiseOf<T>(register: (wait: Wait<T>) => void, scope: Scope | undefined): Operation<T> {
  const wait = new Wait<T>()
  const promise = new Operation<T>((resolve, reject) => {
    wait.resolve = resolve
    wait.reject = (error) => Operation.rejected(promise, reject, error)
  })
  begin(wait, register, scope)
  return promise
}

/** The same for the inside of generators that are operations themselves. */
export function* parkOn<T>(register: (wait: Wait<T>) => void): Fiber<T> {
  const wait = new Wait<T>()
  begin(wait, register, currentScope())
  return (yield wait) as T
}

/** A wait that no cancellation can cut, for the joints of structured blocks: they end when what is in them has. */
export function* parkShielded<T>(register: (wait: Wait<T>) => void): Fiber<T> {
  const wait = new Wait<T>()
  register(wait)
  return (yield wait) as T
}

function begin<T>(wait: Wait<T>, register: (wait: Wait<T>) => void, current: Scope | undefined): void {
  // What goes on in a scope that was left belongs to the one around it (scope.ts, rule 6).
  const scope = current?.exited && !current.cancelled ? current.living : current
  if (scope?.cancelled) {
    refuse(wait as Wait, scope)
  } else {
    scope?.addWait(wait as Wait)
    register(wait)
  }
}
