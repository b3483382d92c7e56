// WHAT       One turn to the others, in both notations, at little more than the price of a bare `await` or `yield`.
// RULES
//   1. It is the ready queue's end: everything that is ready now runs first.
//   2. It is a wait: in a scope that is cancelled before, or while it lasts, it throws.
//   3. It is too short to be worth a place among the waits of its scope: whether that was cancelled is looked up when
//      the turn is over.

import { currentRunner, currentScope } from './context.ts'
import { type Awaitable, type Fiber, Operation } from './park.ts'
import { type Runnable, ready } from './ready-queue.ts'
import { refuse } from './refuse.ts'
import { TURN } from './runner.ts'
import type { Scope } from './scope.ts'
import { Wait } from './wait.ts'

/** Gives everything that is ready one turn. */
export function turn(): Awaitable<void> {
  return currentRunner() === undefined ? asyncTurn() : fiberTurn
}

// One executor for all, which leaves the function behind: a closure each would double what a turn allocates.
let resolveLast!: (value: void | PromiseLike<void>) => void
function executor(resolve: (value: void | PromiseLike<void>) => void): void {
  resolveLast = resolve
}

function asyncTurn(): Operation<void> {
  const scope = currentScope()
  const promise = new Operation<void>(executor)
  const entry = new TurnEntry(scope, promise, resolveLast)
  if (scope?.cancelled) entry.run()
  else ready(entry)
  return promise
}

class TurnEntry implements Runnable {
  readonly #scope: Scope | undefined
  readonly #promise: Operation<void>
  readonly #resolve: (value: void | PromiseLike<void>) => void

  constructor(
    scope: Scope | undefined,
    promise: Operation<void>,
    resolve: (value: void | PromiseLike<void>) => void,
  ) {
    this.#scope = scope
    this.#promise = promise
    this.#resolve = resolve
  }

  get viaPromise(): boolean {
    return true
  }

  run(): void {
    if (!this.#scope?.cancelled) {
      this.#resolve()
      return
    }
    const wait = new Wait()
    wait.reject = (error) =>
      Operation.rejected(this.#promise, (reason) => this.#resolve(Promise.reject(reason)), error)
    refuse(wait, this.#scope)
  }
}

/** Its own iterator, without state: `next` tells the second call from the first by what it is given. */
const fiberTurn: Awaitable<void> = {
  [Symbol.iterator](): Fiber<void> {
    return fiberTurn as unknown as Fiber<void>
  },

  next(resumedWith: unknown): IteratorResult<unknown, void> {
    const scope = currentScope()
    if (scope?.cancelled) {
      const wait = new Wait()
      refuse(wait, scope)
      return { done: false, value: wait }
    }
    return resumedWith === TURN ? { done: true, value: undefined } : { done: false, value: TURN }
  },

  throw(error: unknown): never {
    throw error
  },

  return(): IteratorResult<unknown, void> {
    return { done: true, value: undefined }
  },

  then<A = void, B = never>(
    onDone?: ((value: void) => A | PromiseLike<A>) | null,
    onFailed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return asyncTurn().then(onDone, onFailed)
  },
} as Awaitable<void>
