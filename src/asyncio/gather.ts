// WHAT       Waits for several things at once and gives their results in order.
// OWNERSHIP  Coroutines are started as children in a scope of their own; promises, tasks and futures are only awaited.
// RULES
//   1. The first failure cancels the children; when they have ended, that failure is thrown as it is.
//   2. A cancellation from outside reaches the children too, and CancelledError is thrown, in both modes. A child that
//      fails meanwhile is reported like any failure nobody looks at.
//   3. A result that is complete before the cancellation is returned.

import {
  type Awaitable,
  type Coroutine,
  callIn,
  currentScope,
  type Fiber,
  invalidArgument,
  isThenable,
  operation,
  parkOn,
  Scope,
  Task,
  type Wait,
} from '../core/index.ts'
import { requireTask } from './arguments.ts'

/** What `gather` takes: a coroutine to start, or something to await. */
export type GatherItem<T = unknown> = Coroutine<T> | PromiseLike<T>

type ResultOf<I> = I extends (...args: any[]) => infer R
  ? R extends Fiber<infer T>
    ? T
    : Awaited<R>
  : Awaited<I>

/** The results of the items, in their order. */
export type GatherResults<I extends readonly unknown[]> = { -readonly [K in keyof I]: ResultOf<I[K]> }
type SettledResults<I extends readonly unknown[]> = { -readonly [K in keyof I]: ResultOf<I[K]> | Error }

/** Options of {@link gather} with a list. */
export interface GatherOptions {
  /** Errors stand among the results and nobody is cancelled; default false. */
  readonly returnExceptions?: boolean
}

/**
 * Runs coroutines at the same time and waits for all of them; promises, tasks and futures may stand among them.
 *
 * **Order** the results stand in the order of the items. Children make their first steps in that order.
 * **Failure** the first failure cancels the other children, waits until they have ended, and is thrown as it is.
 * With `returnExceptions` errors stand among the results and nobody is cancelled.
 * **Cancellation** reaches the children. What was only awaited goes on.
 *
 * @throws {InvalidStateError} PLAIT_INVALID_STATE for a coroutine outside of every run
 * @throws {TypeError} PLAIT_INVALID_ARGUMENT for an item that is neither
 *
 * @example
 * const [user, posts] = await gather(() => loadUser(id), () => loadPosts(id))
 * const pages = await gather(urls.map((url) => () => download(url)), { returnExceptions: true })
 *
 * Python: `asyncio.gather`, which lets the others run on when one fails; here they are cancelled.
 */
export function gather<const I extends readonly GatherItem[]>(
  items: I,
  options: GatherOptions & { readonly returnExceptions: true },
): Awaitable<SettledResults<I>>
export function gather<const I extends readonly GatherItem[]>(
  items: I,
  options?: GatherOptions,
): Awaitable<GatherResults<I>>
export function gather<const I extends readonly GatherItem[]>(...items: I): Awaitable<GatherResults<I>>
export function gather(...args: unknown[]): Awaitable<any> {
  const listed = Array.isArray(args[0])
  const items = [...((listed ? args[0] : args) as readonly GatherItem[])]
  const options = (listed ? (args[1] ?? {}) : {}) as GatherOptions
  for (const [index, item] of items.entries()) {
    if (typeof item !== 'function' && !isThenable(item)) {
      throw invalidArgument(`item ${index}`, 'a coroutine (a function), a promise, a task or a future', item)
    }
  }
  const starter = items.some((item) => typeof item === 'function') ? requireTask('gather()') : undefined
  return operation(function* () {
    return yield* new Gathering(items, options.returnExceptions === true, starter).results()
  })
}

class Gathering {
  readonly #items: readonly GatherItem[]
  readonly #returnExceptions: boolean
  readonly #starter: Task<unknown> | undefined
  readonly #scope: Scope
  readonly #results: unknown[]
  #missing: number
  #failure: { error: unknown } | undefined
  #wait: Wait<void> | undefined

  constructor(items: readonly GatherItem[], returnExceptions: boolean, starter: Task<unknown> | undefined) {
    const outer = currentScope()
    this.#items = items
    this.#returnExceptions = returnExceptions
    this.#starter = starter
    this.#scope = new Scope(outer, outer?.task)
    this.#results = new Array(items.length)
    this.#missing = items.length
  }

  *results(): Fiber<unknown[]> {
    for (const [index, item] of this.#items.entries()) {
      if (typeof item === 'function') this.#start(item, index)
      else this.#await(item, index)
    }
    let cut: { error: unknown } | undefined
    try {
      if (this.#missing > 0 && this.#failure === undefined) {
        yield* parkOn<void>((wait) => {
          this.#wait = wait
        })
      }
    } catch (error) {
      cut = { error }
    }
    yield* this.#scope.join()
    this.#scope.exit()
    if (this.#failure !== undefined) throw this.#failure.error
    if (cut !== undefined) throw cut.error
    return this.#results
  }

  #start(coroutine: Coroutine<unknown>, index: number): void {
    const starter = this.#starter!
    const task = new Task(coroutine, { parent: this.#scope, run: starter.owner })
    task.onSettled(() => {
      // Once the waiting is over nobody looks at what children still throw: then the task reports it (rule 2).
      if (this.#over) return
      // A child that ends by a cancellation from outside has not failed: the wait below is being cut by the same one.
      if (task.cancelled() && this.#scope.cancelled) return
      if (task.state === 'done') {
        this.#arrived(index, task.result())
      } else {
        this.#failed(index, task.exception())
      }
    })
    task.start()
  }

  /** In the scope of the gathering: a wait on a task does not outlast it, and what the task does later is its own. */
  #await(item: PromiseLike<unknown>, index: number): void {
    const arrived = (value: unknown) => {
      if (!this.#over) this.#arrived(index, value)
    }
    const failed = (error: unknown) => {
      if (!this.#over) this.#failed(index, error)
    }
    try {
      callIn(this.#scope, () => item.then(arrived, failed))
    } catch (error) {
      failed(error)
    }
  }

  /** The outcome is known: all results, a failure, or a cancellation from outside. */
  get #over(): boolean {
    return (
      this.#failure !== undefined ||
      this.#missing === 0 ||
      (this.#wait !== undefined && this.#wait.state !== 'pending')
    )
  }

  #arrived(index: number, value: unknown): void {
    this.#results[index] = value
    this.#missing -= 1
    if (this.#missing === 0) this.#wait?.complete()
  }

  #failed(index: number, error: unknown): void {
    if (this.#returnExceptions) {
      this.#arrived(index, error)
      return
    }
    this.#failure = { error }
    this.#scope.cancel(error)
    this.#wait?.complete()
  }
}
