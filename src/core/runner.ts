// WHAT       Drives one generator: a fiber, or an operation written as one. No promise in its path.
// STATES     stepping ──yields a pending wait──> parked ──wait settles──> ready ──run()──> stepping … ──> ended
// OWNERSHIP  `scope` is written by `moveTo` only, from inside the runner's own step. A parked runner is held by
//            its wait, a ready one by the ready queue, and by nobody else.
// RULES
//   1. Only waits may be yielded. Operations do it (`yield* sleep(1)`); anything else is the mistake of a bare
//      `yield`, and is thrown back into the generator as a TypeError.
//   2. A wait that is settled when it is yielded does not suspend.

import { stepAs } from './context.ts'
import { invalidArgument } from './errors.ts'
import type { Fiber } from './park.ts'
import type { Scope } from './scope.ts'
import { Wait } from './wait.ts'

export class Runner {
  scope: Scope | undefined
  readonly #fiber: Fiber<any>
  readonly #onDone: (value: any) => void
  readonly #onFailed: (error: unknown) => void
  #wait: Wait | undefined

  constructor(
    fiber: Fiber<any>,
    scope: Scope | undefined,
    onDone: (value: any) => void,
    onFailed: (error: unknown) => void,
  ) {
    this.#fiber = fiber
    this.scope = scope
    this.#onDone = onDone
    this.#onFailed = onFailed
  }

  /** Goes on until the generator parks or ends. Called by the ready queue, and once by whoever starts it. */
  run(): void {
    let outcome: { value: unknown } | undefined
    let failure: { error: unknown } | undefined
    stepAs(this, () => {
      try {
        outcome = this.#step()
      } catch (error) {
        failure = { error }
      }
    })
    if (outcome !== undefined) this.#onDone(outcome.value)
    else if (failure !== undefined) this.#onFailed(failure.error)
  }

  #step(): { value: unknown } | undefined {
    let wait = this.#wait
    this.#wait = undefined
    for (;;) {
      const result = wait === undefined ? this.#fiber.next() : this.#resume(wait)
      if (result.done) return { value: result.value }
      wait = result.value instanceof Wait ? result.value : wrongYield(result.value)
      if (wait.state === 'pending') {
        wait.runner = this
        this.#wait = wait
        return undefined
      }
    }
  }

  #resume(wait: Wait): IteratorResult<unknown, unknown> {
    return wait.state === 'done' ? this.#fiber.next(wait.value) : this.#fiber.throw(wait.error)
  }
}

/** Rule 1, as a wait that has failed already. */
function wrongYield(value: unknown): Wait {
  const wait = new Wait()
  wait.fail(
    invalidArgument(
      'yield',
      'an operation after `yield*`, such as `yield* sleep(10)` or `yield* until(promise)`',
      value,
    ),
  )
  return wait
}

/** True for what a generator function returns: something to be driven rather than awaited. */
export function isFiber(value: unknown): value is Fiber<any> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Fiber<unknown>).next === 'function' &&
    typeof (value as Fiber<unknown>).throw === 'function' &&
    typeof (value as Fiber<unknown>)[Symbol.iterator] === 'function'
  )
}

/** True for a promise or anything else with a `then`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as PromiseLike<unknown>).then === 'function'
  )
}
