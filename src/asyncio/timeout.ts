// WHAT       Deadlines around a body.
// STATES     active ──deadline──> expired        active or expired ──body ends──> left
// RULES
//   1. The deadline cancels the body's scope; the body ends by it or it does not. Only if it ended by it does the
//      timeout throw: a body that returns a value in spite of it is believed.
//   2. A cancellation from outside wins, and of two nested deadlines that both passed the outer one throws: in both
//      cases the scope does not catch, and the CancelledError goes on outwards (scope.ts, rule 4).

import {
  type Awaitable,
  callBody,
  clearTimer,
  currentScope,
  type Duration,
  type Fiber,
  InvalidStateError,
  operation,
  Scope,
  setTimer,
  TimeoutError,
  type Timer,
  time,
  toMilliseconds,
} from '../core/index.ts'
import { requireFunction } from './arguments.ts'

/** The deadline of a `timeout`, as its body sees it. Python: `asyncio.Timeout`. */
export class Timeout {
  readonly #scope: Scope
  #when: number | null = null
  #timer: Timer | undefined
  #state: 'active' | 'expired' | 'left' = 'active'
  #expired = false

  /** @internal */
  constructor(scope: Scope, when: number | null) {
    this.#scope = scope
    this.#set(when)
  }

  /** The deadline as a point on `time()`; `null` for none. */
  when(): number | null {
    return this.#when
  }

  /** Whether the deadline has passed. */
  expired(): boolean {
    return this.#expired
  }

  /**
   * Moves the deadline: `delay` from now; `null` takes it away.
   * @throws {InvalidStateError} PLAIT_INVALID_STATE once it has expired or the body has ended
   */
  reschedule(delay: Duration | null): void {
    if (this.#state !== 'active') {
      throw new InvalidStateError(
        `reschedule(): this timeout has ${this.#state === 'left' ? 'ended' : 'expired'} already`,
      )
    }
    this.#set(delay === null ? null : time() + toMilliseconds(delay, 'delay'))
  }

  /** @internal */
  leave(): void {
    this.#state = 'left'
    this.#clear()
    this.#scope.exit()
  }

  #set(when: number | null): void {
    this.#clear()
    this.#when = when
    if (when !== null) this.#timer = setTimer(when, () => this.#expire())
  }

  #expire(): void {
    this.#timer = undefined
    this.#state = 'expired'
    this.#expired = true
    this.#scope.cancel('the deadline has passed')
  }

  #clear(): void {
    if (this.#timer !== undefined) clearTimer(this.#timer)
    this.#timer = undefined
  }
}

type TimeoutBody<T> = (timeout: Timeout) => PromiseLike<T> | T | Fiber<T>

/**
 * Runs `body` and throws `TimeoutError` if it is not done after `delay`.
 *
 * At the deadline every wait in the body, and every later one, throws `CancelledError`; the body cleans up and ends,
 * and then the `TimeoutError` is thrown. A body that returns a value in spite of it is believed.
 *
 * **Cancellation** from outside wins over the deadline. Of nested timeouts that both passed, the outermost throws.
 * **Failure** another error of the body is thrown as it is.
 *
 * @param delay `null` for no deadline (see `reschedule`)
 * @throws {TimeoutError} PLAIT_TIMEOUT, with the CancelledError as its `cause`
 *
 * @example
 * const page = await timeout('5s', () => fetch(url, { signal: signal() }))
 *
 * Python: `asyncio.timeout`.
 */
export function timeout<T>(delay: Duration | null, body: TimeoutBody<T>): Awaitable<T> {
  const length = delay === null ? null : toMilliseconds(delay, 'delay')
  requireFunction('body', body)
  return operation(function* () {
    const outer = currentScope()
    const scope = new Scope(outer, outer?.task)
    const deadline = new Timeout(scope, length === null ? null : time() + length)
    try {
      return yield* callBody(scope, () => body(deadline))
    } catch (error) {
      if (!scope.catches(error)) throw error
      throw new TimeoutError(length === null ? 'timed out' : `timed out after ${length} ms`, {
        cause: scope.ownCancellation(error),
      })
    } finally {
      deadline.leave()
    }
  })
}
