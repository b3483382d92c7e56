// WHAT       A stretch of work that is cancelled as one: the tree of scopes, and level-triggered cancellation.
// STATES     open ──exit()──> exited            (whether it still stands in the tree)
//            live ──cancel(), or a parent's──> cancelled   (never back, except by raising a shield)
// OWNERSHIP  `parent`, children and waits are linked through the objects themselves: entering, leaving and
//            cutting are O(1) each. The scope whose `cancel` was called is the *source*; `#source` of every scope
//            it reaches points at it.
// RULES
//   1. A cancelled scope cuts every wait in it and in the scopes below, and refuses every later one (refuse.ts).
//      It stays so until it is left: cancellation is a level, not an edge.
//   2. A shield stops it: what is below a shielded scope does not see a cancelled parent.
//   3. The first reason stays.
//   4. A scope swallows the cancellation it caused when it is left, unless its parent is cancelled as well and
//      visible: then that one is on its way, and the outermost decides (`catches`).
//   5. Marking comes before telling: when the first listener runs, the whole subtree is marked already, so that
//      nothing new can begin in it.
//   6. Scopes and waits that are still alive when their scope is left move to the one around it, and what begins in a
//      scope that was left begins there too: nobody falls out of the tree, and where that one is cancelled, they are.
//   7. A listener that throws keeps nobody from being told: its error is thrown again outside, as uncaught.
// WHY NOT one-shot cancellation as in asyncio: JavaScript's `catch` catches everything, and one swallowed error
//            would be the end of it. Trio: `CancelScope`.

import { CancelledError, deliveredIn, isCancelled, markDelivered } from './errors.ts'
import { type Fiber, parkShielded } from './park.ts'
import type { Task } from './task.ts'
import type { Wait } from './wait.ts'
import { WaitQueue } from './wait-queue.ts'

function isAbortError(error: unknown): error is Error {
  try {
    return error instanceof Error && error.name === 'AbortError'
  } catch {
    return false // an object that refuses to be looked at
  }
}

export class Scope {
  /** The task whose code runs in it; `undefined` for the scope of a run or outside of every run. */
  readonly task: Task<any> | undefined
  #parent: Scope | undefined
  #shield: boolean
  #state: 'open' | 'exited' = 'open'

  /** `cancel` was called on this very scope. */
  #cancelCalled = false
  #reason: unknown
  /** The scope whose cancellation holds here; `undefined` while there is none. */
  #source: Scope | undefined

  #firstChild: Scope | undefined
  #lastChild: Scope | undefined
  #previous: Scope | undefined
  #next: Scope | undefined
  #firstWait: Wait | undefined
  #lastWait: Wait | undefined

  #listeners: Set<(reason: unknown) => void> | undefined
  #controller: AbortController | undefined
  #joiners: WaitQueue<void> | undefined

  constructor(parent: Scope | undefined, task: Task<any> | undefined, shield = false) {
    this.task = task
    this.#shield = shield
    this.#adoptedBy(parent)
    if (shield || parent === undefined) return
    this.#source = parent.#source
    if (this.#source === undefined && this.#parent !== undefined) this.#source = this.#parent.#source
  }

  get parent(): Scope | undefined {
    return this.#parent
  }

  /** Whether it was left. */
  get exited(): boolean {
    return this.#state === 'exited'
  }

  /** Itself, or the nearest scope around it that was not left (rule 6); `undefined` if all of them were. */
  get living(): Scope | undefined {
    let scope: Scope | undefined = this
    while (scope !== undefined && scope.#state === 'exited') scope = scope.#parent
    return scope
  }

  /** Whether waits in it are refused: it was cancelled, or a scope around it that no shield hides. */
  get cancelled(): boolean {
    return this.#source !== undefined
  }

  /** Whether `cancel` was called on this very scope. */
  get cancelCalled(): boolean {
    return this.#cancelCalled
  }

  /** The scope whose cancellation holds here. */
  get source(): Scope | undefined {
    return this.#source
  }

  /** Cancels all work in it (rules 1 and 3). A second call does nothing. */
  cancel(reason?: unknown): void {
    if (this.#cancelCalled || this.#state === 'exited') return
    this.#cancelCalled = true
    this.#reason = reason
    if (this.#source === undefined) this.#spread(this)
  }

  /** The error that a wait in this scope gets. */
  cancelledError(): CancelledError {
    return markDelivered(new CancelledError(this.#reasonInForce, this.task), this)
  }

  /**
   * The cancellation in `error`, if it was delivered to this scope's task: its own, nobody else's. Platform calls
   * that were given our signal wrap it in an AbortError; that counts too.
   */
  ownCancellation(error: unknown): CancelledError | undefined {
    const cancellation = isAbortError(error) ? error.cause : error
    if (!isCancelled(cancellation)) return undefined
    const origin = deliveredIn(cancellation) as Scope | undefined
    return origin !== undefined && origin.task === this.task ? cancellation : undefined
  }

  /** Whether the cancellation that came out of it ends here (rule 4). Asked when it is left. */
  catches(error: unknown): boolean {
    return (
      this.#cancelCalled &&
      (this.#shield || !this.#parent?.cancelled) &&
      this.ownCancellation(error) !== undefined
    )
  }

  /** Calls `fn` once, synchronously, when the scope is cancelled; at once if it is. Returns the way to withdraw it. */
  onCancel(fn: (reason: unknown) => void): () => void {
    if (this.#source !== undefined) {
      fn(this.#reasonInForce)
      return () => {}
    }
    this.#listeners ??= new Set()
    const listeners = this.#listeners
    // A wrapper of its own, so that one function can be registered twice.
    const listener = (reason: unknown) => fn(reason)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  /** Aborted when the scope is cancelled, with a `CancelledError` as its reason: what a platform call then throws is recognised. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#source !== undefined) this.#controller.abort(this.cancelledError())
    }
    return this.#controller.signal
  }

  /** Takes it out of the tree. Its cancellation has no effect on anything that follows. */
  exit(): void {
    if (this.#state === 'exited') return
    this.#state = 'exited'
    if (this.#firstChild !== undefined || this.#firstWait !== undefined) this.#bequeath()
    this.#unlink()
  }

  /** Rule 6. */
  #bequeath(): void {
    const heir = this.#parent?.living
    while (this.#firstChild !== undefined) {
      const child: Scope = this.#firstChild
      child.#unlink()
      child.#adoptedBy(this.#parent)
      // A shield that is left does not protect any longer.
      if (heir?.cancelled && !child.cancelled && !child.#shield) child.#spread(heir.#source!)
    }
    while (heir !== undefined && this.#firstWait !== undefined) {
      const wait: Wait = this.#firstWait
      this.removeWait(wait)
      if (heir.cancelled) wait.cancel(heir.cancelledError())
      else heir.addWait(wait)
    }
  }

  /**
   * Waits until everything below has been left; gives whether there was anything to wait for. No cancellation cuts
   * this: it is what makes blocks structured.
   */
  *join(): Fiber<boolean> {
    const waited = this.#firstChild !== undefined
    while (this.#firstChild !== undefined) {
      this.#joiners ??= new WaitQueue()
      const joiners = this.#joiners
      yield* parkShielded<void>((wait) => joiners.add(wait))
    }
    return waited
  }

  addWait(wait: Wait): void {
    wait.scope = this
    wait.previous = this.#lastWait
    if (this.#lastWait === undefined) this.#firstWait = wait
    else this.#lastWait.next = wait
    this.#lastWait = wait
  }

  removeWait(wait: Wait): void {
    if (wait.previous === undefined) this.#firstWait = wait.next
    else wait.previous.next = wait.next
    if (wait.next === undefined) this.#lastWait = wait.previous
    else wait.next.previous = wait.previous
    wait.scope = wait.previous = wait.next = undefined
  }

  get #reasonInForce(): unknown {
    return this.#source === undefined ? undefined : this.#source.#reason
  }

  #adoptedBy(parent: Scope | undefined): void {
    const living = parent?.living
    this.#parent = living
    if (living === undefined) return
    this.#previous = living.#lastChild
    if (living.#lastChild === undefined) living.#firstChild = this
    else living.#lastChild.#next = this
    living.#lastChild = this
  }

  #unlink(): void {
    const parent = this.#parent
    if (parent === undefined) return
    if (this.#previous === undefined) parent.#firstChild = this.#next
    else this.#previous.#next = this.#next
    if (this.#next === undefined) parent.#lastChild = this.#previous
    else this.#next.#previous = this.#previous
    this.#previous = this.#next = undefined
    if (parent.#firstChild === undefined) parent.#joiners?.wakeAll()
  }

  /** Marks this scope and what it reaches below, then tells everybody (rule 5). A list, not recursion: trees may be deep. */
  #spread(source: Scope): void {
    const reached: Scope[] = [this]
    this.#source = source
    for (let index = 0; index < reached.length; index++) {
      for (let child = reached[index]!.#firstChild; child !== undefined; child = child.#next) {
        if (child.#shield || child.#source !== undefined) continue
        child.#source = source
        reached.push(child)
      }
    }
    for (const scope of reached) scope.#tell()
  }

  #tell(): void {
    while (this.#firstWait !== undefined) this.#firstWait.cancel(this.cancelledError())
    const listeners = this.#listeners
    this.#listeners = undefined
    if (listeners !== undefined) for (const listener of listeners) this.#tellOne(listener)
    this.#controller?.abort(this.cancelledError())
  }

  /** Rule 7. */
  #tellOne(listener: (reason: unknown) => void): void {
    try {
      listener(this.#reasonInForce)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
