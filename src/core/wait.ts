// WHAT       One suspended wait: what a task is parked on.
// STATES
//                  complete(value)
//        pending ────────────────────> done
//           │      fail(error), cancel(error)
//           └────────────────────────> failed
// OWNERSHIP  `queue`, `before`, `after`: the WaitQueue it stands in. `scope`, `previous`, `next`: the scope
//            that can cut it. `runner`: set by the runner that yielded it. `resolve`, `reject`: of the promise
//            handed to async code. At most one of the two ways to resume is set.
// RULES
//   1. It leaves its scope the moment it is settled: a value that was delivered before the cancel stays
//      delivered, and the cancel comes at the next wait.
//   2. It leaves its queue before it fails by cancellation: a cancelled wait never takes anything.
//   3. Whoever waits goes on later, from the ready queue, in the order in which the waits were settled.
//   4. Settling a second time does nothing and says so (`false`): of two parties racing, the first wins.
// WHY NOT a promise alone: a promise cannot be cut, counted, unlinked or resumed without a microtask.

import type { CancelledError } from './errors.ts'
import { type Runnable, ready } from './ready-queue.ts'
import type { Runner } from './runner.ts'
import type { Scope } from './scope.ts'
import type { WaitQueue } from './wait-queue.ts'

export class Wait<T = unknown> implements Runnable {
  state: 'pending' | 'done' | 'failed' = 'pending'
  value: T | undefined = undefined
  error: unknown = undefined

  scope: Scope | undefined = undefined
  previous: Wait | undefined = undefined
  next: Wait | undefined = undefined

  queue: WaitQueue<any> | undefined = undefined
  before: Wait<any> | undefined = undefined
  after: Wait<any> | undefined = undefined

  runner: Runner | undefined = undefined
  resolve: ((value: T) => void) | undefined = undefined
  reject: ((error: unknown) => void) | undefined = undefined

  /** Called when the wait is cut, to withdraw it from whatever would have completed it. */
  withdraw: (() => void) | undefined = undefined

  complete(value: T): boolean {
    if (this.state !== 'pending') return false
    this.state = 'done'
    this.value = value
    this.#leave()
    this.#resume()
    return true
  }

  fail(error: unknown): boolean {
    if (this.state !== 'pending') return false
    this.state = 'failed'
    this.error = error
    this.#leave()
    this.#resume()
    return true
  }

  /** Cuts the wait (rule 2). */
  cancel(error: CancelledError): boolean {
    if (this.state !== 'pending') return false
    this.withdraw?.()
    return this.fail(error)
  }

  get viaPromise(): boolean {
    return true
  }

  /** Settles the promise; called by the ready queue. */
  run(): void {
    if (this.state === 'done') this.resolve!(this.value as T)
    else this.reject!(this.error)
  }

  #resume(): void {
    if (this.runner !== undefined) ready(this.runner)
    else if (this.reject !== undefined) ready(this as Runnable)
  }

  #leave(): void {
    this.scope?.removeWait(this as Wait)
    this.queue?.remove(this)
    this.withdraw = undefined
  }
}
