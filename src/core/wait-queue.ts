// WHAT       The one wait queue: everything in plait that makes somebody wait keeps its waiters in one of these.
// RULES
//   1. First come, first served.
//   2. Leaving is O(1) wherever a waiter stands: it is a doubly linked list through the waits themselves.
//   3. Whoever wakes a waiter hands over what it waited for in the same call. Waking a counter and letting the
//      woken race for it would let late comers steal.
// Trio: `ParkingLot`.

import { type Awaitable, park } from './park.ts'
import type { Wait } from './wait.ts'

export class WaitQueue<T> {
  #first: Wait<T> | undefined
  #last: Wait<T> | undefined
  #length = 0

  /** Number of waiters. */
  get length(): number {
    return this.#length
  }

  /** Waits at the end of the queue until somebody hands over a value. Cancellable. */
  wait(): Awaitable<T> {
    return park<T>((wait) => this.add(wait))
  }

  add(wait: Wait<T>): void {
    wait.queue = this
    wait.before = this.#last
    if (this.#last === undefined) this.#first = wait
    else this.#last.after = wait
    this.#last = wait
    this.#length += 1
  }

  remove(wait: Wait<T>): void {
    if (wait.before === undefined) this.#first = wait.after
    else wait.before.after = wait.after
    if (wait.after === undefined) this.#last = wait.before
    else wait.after.before = wait.before
    wait.queue = wait.before = wait.after = undefined
    this.#length -= 1
  }

  /** Hands `value` to the one that has waited longest; false if nobody waits. */
  wakeOne(value: T): boolean {
    return this.#first?.complete(value) ?? false
  }

  /** Hands `value` to everybody who waits now. */
  wakeAll(value: T): void {
    // A waiter that is woken cannot come back during the loop: it runs later.
    while (this.#first !== undefined) this.#first.complete(value)
  }

  /** Lets everybody who waits now fail with `error`. */
  failAll(error: unknown): void {
    while (this.#first !== undefined) this.#first.fail(error)
  }
}
