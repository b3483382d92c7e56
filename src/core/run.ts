// WHAT       One program: a root task and everything that was started inside, however loosely.
// STATES     running ──main ends──> winding up (what is left is cancelled and awaited) ──> ended
// RULES
//   1. The root task is done only when everything else is: nothing outlives its run.
//   2. What is left when main ends is cancelled. It cannot change main's result.
//   3. Failures nobody looked at are reported at the end, before the result is out.

import { callBody } from './body.ts'
import type { Coroutine, Fiber } from './park.ts'
import { Scope } from './scope.ts'
import { Task } from './task.ts'
import { type Failure, reportUnhandled } from './unhandled.ts'

export type OnUnhandled = (error: unknown, task: Task<unknown> | undefined) => void

export interface RunOptions {
  readonly name?: string | undefined
  /** A scope whose cancellation reaches this run too. */
  readonly parent?: Scope | undefined
  /** Told of failures nobody looked at, instead of stderr; the task is `undefined` if it has been collected. */
  readonly onUnhandled?: OnUnhandled | undefined
}

export class Run {
  /** Tasks of `createTask` live directly in it. */
  readonly scope: Scope
  readonly #onUnhandled: OnUnhandled | undefined
  readonly #failures = new Set<Failure>()

  constructor(parent: Scope | undefined, onUnhandled: OnUnhandled | undefined) {
    this.scope = new Scope(parent, undefined)
    this.#onUnhandled = onUnhandled
  }

  /** Whether everything in it has ended: nothing can begin in it any more. */
  get ended(): boolean {
    return this.scope.exited
  }

  /** How a failure of this task is reported if nobody looks at it. */
  reportingOf(task: Task<any>): Pick<Failure, 'handle' | 'group'> {
    const onUnhandled = this.#onUnhandled
    if (onUnhandled === undefined) return { handle: undefined, group: this.#failures }
    const weak = new WeakRef(task)
    return { handle: (error) => onUnhandled(error, weak.deref()), group: this.#failures }
  }

  /** Rules 1 to 3. */
  *windUp(root: Task<any>): Fiber<void> {
    root.scope.exit()
    this.scope.cancel()
    yield* this.scope.join()
    this.scope.exit()
    for (const failure of [...this.#failures]) reportUnhandled(failure)
  }
}

/**
 * Starts a program of its own: the root task of a new run. It makes its first step later in this turn, and is done
 * when everything that was started inside has ended. Nobody listens to signals here; `asyncio.run` does.
 */
export function startRun<T>(main: Coroutine<T>, options: RunOptions = {}): Task<T> {
  const run = new Run(options.parent, options.onUnhandled)
  const root: Task<T> = new Task<T>(
    function* () {
      try {
        return yield* callBody(root.scope, main)
      } finally {
        yield* run.windUp(root)
      }
    },
    { parent: run.scope, run, name: options.name },
  )
  return root.start()
}
