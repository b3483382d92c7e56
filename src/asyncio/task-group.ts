// WHAT       A block that is not left before everything started in it has ended.
// STATES     open ──first failure, cancel(), or a cancellation from outside──> stopping ──┐
//              └──────────────── body and children have ended ──────────────────────────> closed
// OWNERSHIP  The group's scope holds the body and all children; whoever cancels it cancels all of them.
// RULES
//   1. The first failure cancels the body and the siblings. All failures arrive in one ExceptionGroup: children in
//      the order in which they failed, the body last.
//   2. A child that was cancelled is no failure. A cleanup that fails is one, also after `cancel()`.
//   3. Failures win over a cancellation from outside, which then comes at the next wait.
//   4. A body that returns in spite of a cancellation from outside is believed only if that did not reach a child: the
//      group then ends by it.
//   5. A child of `start` that fails before it has started is `start`'s failure, not the group's.

import {
  type Awaitable,
  type Coroutine,
  callBody,
  currentScope,
  ExceptionGroup,
  type Fiber,
  InvalidStateError,
  operation,
  parkOn,
  parkShielded,
  type Run,
  Scope,
  Task,
  type Wait,
} from '../core/index.ts'
import { requireFunction, requireTask } from './arguments.ts'

/** What a child of `start` is given: a way to say that it is ready. */
export interface Starting<S> {
  /** Makes `start` return, with `value`. A second call: InvalidStateError. */
  started(value?: S): void
}

/** The body's hold on its group. Python: `asyncio.TaskGroup`; Trio: `Nursery`. */
export class TaskGroup {
  readonly #scope: Scope
  readonly #run: Run
  readonly #name: string
  readonly #failures: unknown[] = []
  #childCut = false
  #state: 'open' | 'closed' = 'open'

  /** @internal */
  constructor(scope: Scope, run: Run, name: string) {
    this.#scope = scope
    this.#run = run
    this.#name = name
  }

  /**
   * Starts a child.
   * @throws {InvalidStateError} PLAIT_INVALID_STATE once the group is finished, failing or cancelled
   */
  createTask<T>(coroutine: Coroutine<T>, options: { readonly name?: string } = {}): Task<T> {
    const task = this.#make(coroutine, options.name)
    this.#watch(task)
    return task.start()
  }

  /**
   * Starts a child and waits until it calls `started(value)`; gives that value. The child goes on in the group.
   *
   * **Cancellation** of the wait ends the child first.
   * @throws what the child throws before it has started
   * @throws {InvalidStateError} PLAIT_INVALID_STATE if it ends before it has started
   *
   * Trio: `Nursery.start`.
   */
  start<S>(
    coroutine: (starting: Starting<S>) => PromiseLike<unknown> | unknown,
    options: { readonly name?: string } = {},
  ): Awaitable<S> {
    requireFunction('coroutine', coroutine)
    return operation(() => this.#start(coroutine, options.name))
  }

  /** Ends the group without an error: cancels the body and all children. */
  cancel(reason?: unknown): void {
    this.#scope.cancel(reason)
  }

  *#start<S>(coroutine: (starting: Starting<S>) => unknown, name: string | undefined): Fiber<S> {
    let started: { value: S } | undefined
    let wait: Wait<void> | undefined
    const task = this.#make(
      () =>
        coroutine({
          started: (value?: S) => {
            if (started !== undefined)
              throw new InvalidStateError(`started(): ${task.name} has called it already`)
            if (task.done()) throw new InvalidStateError(`started(): ${task.name} has ended already`)
            started = { value: value as S }
            this.#watch(task)
            wait?.complete()
          },
        }),
      name,
    )
    task.onSettled(() => wait?.complete())
    task.start()
    try {
      yield* parkOn<void>((w) => {
        wait = w
      })
    } catch (error) {
      if (started === undefined) {
        task.cancel('start() was cancelled')
        yield* parkShielded<void>((w) => task.onSettled(() => w.complete()))
      }
      throw error
    }
    if (started !== undefined) return started.value
    if (task.state !== 'done') throw task.exception()
    throw new InvalidStateError(`start(): ${task.name} ended without having called started()`)
  }

  #make<T>(coroutine: Coroutine<T>, name: string | undefined): Task<T> {
    // In a group that is cancelled from outside a new child still starts, and is cancelled at its first wait.
    if (this.#state === 'closed' || this.#scope.cancelCalled) {
      const state =
        this.#state === 'closed' ? 'finished' : this.#failures.length > 0 ? 'failing' : 'cancelled'
      throw new InvalidStateError(`${this.#name} is ${state}: it takes no new tasks`)
    }
    return new Task(coroutine, { parent: this.#scope, run: this.#run, name })
  }

  #watch(task: Task<unknown>): void {
    task.onSettled(() => {
      if (task.state === 'failed') this.fail(task.exception())
      else if (task.cancelled() && this.#scope.parent?.cancelled) this.#childCut = true
    })
  }

  /** @internal Whether a cancellation from outside has ended a child (rule 4). */
  get childCut(): boolean {
    return this.#childCut
  }

  /** @internal Rule 1. */
  fail(error: unknown): void {
    this.#failures.push(error)
    this.#scope.cancel(error)
  }

  /** @internal */
  close(): void {
    this.#state = 'closed'
    this.#scope.exit()
    if (this.#failures.length > 0)
      throw new ExceptionGroup(this.#failures, `${this.#name}: ${countOf(this.#failures)}`)
  }
}

function countOf(failures: readonly unknown[]): string {
  return failures.length === 1 ? '1 failure' : `${failures.length} failures`
}

/**
 * Runs `body` with a group in which it can start tasks, and leaves only when every one of them has ended.
 *
 * **Failure** the first child that fails cancels the body and its siblings; all failures are thrown as one
 * {@link ExceptionGroup}, the body's last. A child that was cancelled by itself is no failure.
 * **Cancellation** from outside reaches the body and all children. If one of them fails on the way, the ExceptionGroup is
 * thrown and the cancellation comes at the next wait.
 *
 * @returns what the body returns; `undefined` if it was left by `tg.cancel()`
 * @throws {ExceptionGroup} PLAIT_EXCEPTION_GROUP
 * @throws {InvalidStateError} PLAIT_INVALID_STATE outside of every run
 *
 * @example
 * await taskGroup(async (tg) => {
 *   for (const url of urls) tg.createTask(() => download(url))
 * })
 *
 * Python: `asyncio.TaskGroup`; Trio: `open_nursery`.
 */
export function taskGroup<T>(
  body: (tg: TaskGroup) => PromiseLike<T> | T | Fiber<T>,
  options: { readonly name?: string } = {},
): Awaitable<T> {
  requireFunction('body', body)
  const task = requireTask('taskGroup()')
  return operation(() =>
    runGroup(body as (tg: TaskGroup) => T, task, options.name ?? 'task group'),
  ) as Awaitable<T>
}

function* runGroup<T>(body: (tg: TaskGroup) => T, task: Task<unknown>, name: string): Fiber<T | undefined> {
  const outer = currentScope()
  const scope = new Scope(outer, task)
  const group = new TaskGroup(scope, task.owner, name)
  let value: T | undefined
  let bodyError: { error: unknown } | undefined
  try {
    value = yield* callBody(scope, () => body(group))
  } catch (error) {
    bodyError = { error }
    if (!scope.cancelled || scope.ownCancellation(error) === undefined) scope.cancel(error)
  }
  const waited = yield* scope.join()
  const cancellation = bodyError && scope.cancelled ? scope.ownCancellation(bodyError.error) : undefined
  const caught = bodyError !== undefined && scope.catches(bodyError.error)
  if (bodyError !== undefined && cancellation === undefined) group.fail(bodyError.error)
  group.close()
  if (caught) return undefined
  if (bodyError !== undefined) throw bodyError.error
  if (outer?.cancelled && (waited || group.childCut)) throw outer.cancelledError()
  return value
}
