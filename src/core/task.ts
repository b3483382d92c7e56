// WHAT       A coroutine on its way: a Completion that moves by itself.
// STATES     pending ──first step──> running ──returns──> done
//                                       │──throws──> failed
//                                       └──throws the cancellation delivered to it──> cancelled
// RULES
//   1. The body always starts: a task cancelled before its first step runs to its first wait, so that what it
//      opens it can close.
//   2. Only its own cancellation makes it cancelled. Somebody else's CancelledError that escapes is a failure.
//   3. A value that it returns counts, whatever was asked of it meanwhile.
// OWNERSHIP  `scope`: its own; the parent of that scope decides who cancels it with themselves. `run`: to whom its
//            failure is reported if nobody looks at it.
// WHY NOT `implements Driver, Runnable`, which it does: the public types leave those methods out, and the clause would
//            make them wrong for everybody who checks the types of libraries.

import { Completion } from './completion.ts'
import { callIn } from './context.ts'
import { invalidArgument } from './errors.ts'
import type { Coroutine } from './park.ts'
import { probe } from './probe.ts'
import { ready } from './ready-queue.ts'
import type { Run } from './run.ts'
import { isFiber, isThenable, Runner } from './runner.ts'
import { Scope } from './scope.ts'
import type { Failure } from './unhandled.ts'

export interface TaskSetup {
  /** The scope that it is part of. */
  readonly parent: Scope
  readonly run: Run
  readonly name?: string | undefined
  /** Stack of its creation, kept only where its failure may end up with nobody. */
  readonly place?: { readonly stack?: string } | undefined
}

/**
 * A coroutine that runs beside others. Made by `createTask` and by task groups.
 *
 * Await it (`await task`, `yield* task`) for its result; the same task may be awaited by many and at any time.
 *
 * **Cancellation** `cancel()` makes every wait inside it throw `CancelledError` until it ends. Whoever awaits it
 * and is cancelled stops waiting; the task goes on.
 * **Failure** an error nobody looked at is reported when the run ends or the task is collected.
 *
 * Python: `asyncio.Task`.
 */
export class Task<T> extends Completion<T> {
  /** @internal */
  readonly scope: Scope
  /** @internal */
  readonly owner: Run
  /** @internal How often a wait was refused because of the same cancellation (refuse.ts). */
  refusals = 0
  /** @internal The scope whose cancellation refused the last one. */
  refusedBy: Scope | undefined
  readonly #place: { readonly stack?: string } | undefined
  #coroutine: Coroutine<T> | undefined

  /** @internal */
  constructor(coroutine: Coroutine<T>, setup: TaskSetup) {
    super(setup.name)
    if (typeof coroutine !== 'function') {
      throw invalidArgument('coroutine', 'a function (async, plain or generator) to be called', coroutine)
    }
    this.#coroutine = coroutine
    this.#place = setup.place
    this.owner = setup.run
    this.scope = new Scope(setup.parent, this)
    probe.taskCreated?.(this)
  }

  /**
   * Asks it to end: its current wait and all later ones throw `CancelledError`.
   * @param reason found in `error.reason`; the first one stays
   * @returns false if it has ended already
   */
  cancel(reason?: unknown): boolean {
    if (this.done()) return false
    this.scope.cancel(reason)
    return true
  }

  /** Whether it has been asked to end, by itself or with what is around it, and has not ended yet. */
  cancelling(): boolean {
    return !this.done() && this.scope.cancelled
  }

  /** @internal Makes its first step later in this turn. */
  start(): this {
    ready(this)
    return this
  }

  /** @internal */
  get viaPromise(): boolean {
    return false
  }

  /** @internal Its first step. */
  run(): void {
    this.toRunning()
    const coroutine = this.#coroutine!
    this.#coroutine = undefined
    try {
      const result = callIn(this.scope, coroutine)
      if (isFiber(result)) {
        new Runner(result, this.scope, this).start()
      } else if (isThenable(result)) {
        const done = (value: unknown) => this.fiberDone(value as T)
        const failed = (error: unknown) => this.fiberFailed(error)
        if (result instanceof Promise) result.then(done, failed)
        else callIn(this.scope, () => result.then(done, failed)) // one of ours: its wait belongs to this task
      } else {
        this.fiberDone(result)
      }
    } catch (error) {
      this.fiberFailed(error)
    }
  }

  protected get kind(): string {
    return 'Task'
  }

  protected override get place(): string | undefined {
    return this.#place?.stack?.replace(/^.*\n/, '')
  }

  protected override get reporting(): Pick<Failure, 'handle' | 'group'> {
    return this.owner.reportingOf(this)
  }

  /** @internal */
  fiberDone(value: T): void {
    this.scope.exit()
    if (this.toDone(value)) probe.taskSettled?.(this)
  }

  /** @internal */
  fiberFailed(error: unknown): void {
    const cancellation = this.scope.cancelled ? this.scope.ownCancellation(error) : undefined
    this.scope.exit()
    const ended = cancellation === undefined ? this.toFailed(error) : this.toCancelled(cancellation)
    if (ended) probe.taskSettled?.(this)
  }
}
