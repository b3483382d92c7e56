// WHAT       Drives one generator: a fiber, or an operation written as one. No promise in its path.
// STATES     stepping ──yields a pending wait──> parked ──wait settles──> ready ──run()──> stepping … ──> ended
//            stepping ──yields a turn──> ready
// OWNERSHIP  `scope` is written by `moveTo` only, from inside the runner's own step. A parked runner is held by
//            its wait, a ready one by the ready queue, and by nobody else.
// RULES
//   1. Only waits and turns may be yielded. Operations do it (`yield* sleep(1)`); anything else is the mistake of a
//      bare `yield`, and is thrown back into the generator as a TypeError.
//   2. A wait that is settled when it is yielded does not suspend; save every BUDGETth in a row, so that a loop around
//      what is always there (a finished task, a full queue) lets the others go on.

import { callIn, enter, leave } from './context.ts'
import { invalidArgument } from './errors.ts'
import type { Fiber } from './park.ts'
import { type Runnable, ready } from './ready-queue.ts'
import type { Scope } from './scope.ts'
import { Wait } from './wait.ts'

/** What a generator yields to be put behind everything that is ready, and what it is then resumed with. */
export const TURN = Symbol('turn')

const BUDGET = 128

/** Whoever wants to know how a generator ended. */
export interface Driver {
  fiberDone(value: any): void
  fiberFailed(error: unknown): void
}

export class Runner implements Runnable {
  scope: Scope | undefined
  readonly #fiber: Fiber<any>
  readonly #driver: Driver
  #parked: Wait | typeof TURN | undefined

  constructor(fiber: Fiber<any>, scope: Scope | undefined, driver: Driver) {
    this.#fiber = fiber
    this.scope = scope
    this.#driver = driver
  }

  get viaPromise(): boolean {
    return false
  }

  /** Its first step, from wherever it is started. */
  start(): void {
    callIn(this.scope, () => this.run())
  }

  /** Goes on until the generator parks or ends. Called by the ready queue. */
  run(): void {
    let result: IteratorResult<unknown, unknown>
    enter(this)
    try {
      result = this.#step()
    } catch (error) {
      leave()
      this.#driver.fiberFailed(error)
      return
    }
    leave()
    if (result.done) this.#driver.fiberDone(result.value)
  }

  #step(): IteratorResult<unknown, unknown> {
    const fiber = this.#fiber
    let parked = this.#parked
    this.#parked = undefined
    let budget = BUDGET
    for (;;) {
      const result =
        parked === undefined
          ? fiber.next()
          : parked === TURN
            ? fiber.next(parked)
            : parked.state === 'done'
              ? fiber.next(parked.value)
              : fiber.throw(parked.error)
      if (result.done) return result
      const yielded = result.value
      if (yielded === TURN) {
        this.#parked = yielded
        ready(this)
        return result
      }
      parked = yielded instanceof Wait ? yielded : wrongYield(yielded)
      if (parked.state === 'pending') {
        parked.runner = this
        this.#parked = parked
        return result
      }
      if (--budget === 0) {
        this.#parked = parked
        ready(this)
        return result
      }
    }
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
