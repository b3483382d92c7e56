import type { Awaitable, Duration } from '../core/index.ts'
import type { ExecutorStats, JobOptions } from '../workers/index.ts'
import type { Future } from './future.ts'

/** What a submission may ask for; `executor.with(options)` makes them the defaults. */
export interface SubmitOptions extends JobOptions {
  /** Aborted: the future is cancelled, with `signal.reason` as its reason. */
  signal?: AbortSignal
}

/** Options of `map`. */
export interface MapOptions {
  /** Items per message; `'auto'` (default) measures what an item costs and adapts. */
  chunksize?: number | 'auto'
  /** Items taken from the input and not yet given out; default 4 × workers × chunk. */
  buffersize?: number
  /** Results in the order of the input (default), or as they come. */
  ordered?: boolean
  /** Of the whole map, from the call. For one item: `executor.with({ timeout })`. */
  timeout?: Duration
}

/** What a model of execution promises, for programs that take any executor. */
export interface Capabilities {
  readonly model: 'event-loop' | 'threads' | 'processes' | 'cluster'
  /** Whether two tasks can compute at the same time. */
  readonly parallel: boolean
  /** How often a task runs that was submitted once, when something dies. */
  readonly delivery: 'at-most-once' | 'at-least-once'
  /** Whether running work can be ended (`forced`), only asked (`cooperative`), or only asked far away (`request`). */
  readonly cancel: 'cooperative' | 'forced' | 'request'
  /** Any function, or only those that a module exports. */
  readonly functions: 'any' | 'named'
  /** How arguments and results get across. */
  readonly values: 'reference' | 'structured-clone' | 'json'
}

/**
 * One interface over every model: the event loop, threads, processes.
 *
 * `await using pool = new ThreadPoolExecutor()` leaves the block when all that was submitted has ended.
 *
 * Python: `concurrent.futures.Executor`.
 */
export interface Executor extends AsyncDisposable {
  /**
   * Calls `fn(...args)` elsewhere, as soon as there is room.
   *
   * **Order** first come, first served, within one priority.
   * **Cancellation** inside a task of plait the future is cancelled with the scope it was submitted in.
   * @throws {TypeError} PLAIT_INVALID_ARGUMENT if `fn` is no function
   * @throws {InvalidStateError} PLAIT_INVALID_STATE after `shutdown`
   * @throws {QueueFull} PLAIT_QUEUE_FULL when `maxQueue` tasks wait already
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>>

  /**
   * Calls `fn(item)` elsewhere for every item, lazily: it takes no more than `buffersize` items from the input ahead of
   * what was read from it.
   *
   * **Order** of the input; of completion with `ordered: false`.
   * **Cancellation** leaving the loop, or the cancellation of the scope of the call, cancels what was submitted.
   * **Failure** an item that fails throws at its place; the next `next()` goes on with the one after it.
   * @throws {TypeError} or {RangeError} PLAIT_INVALID_ARGUMENT
   * @throws {InvalidStateError} PLAIT_INVALID_STATE after `shutdown`
   */
  map<I, R>(
    fn: (item: I) => R,
    items: Iterable<I> | AsyncIterable<I>,
    options?: MapOptions,
  ): AsyncIterableIterator<Awaited<R>>

  /** The same executor with other defaults for `submit` and `map`. */
  with(options: SubmitOptions): Executor

  /** Waits until there is room for another task: before `submit`, where `maxQueue` is set. */
  ready(): Awaitable<void>

  /**
   * Takes no more work, and ends when what was submitted has. A second call is fine.
   *
   * @param options `wait: false` returns at once, the rest happens by itself; `cancelFutures` cancels what has not
   * started; after `timeout` everything that is left is cancelled and the workers are ended by force
   */
  shutdown(options?: { wait?: boolean; cancelFutures?: boolean; timeout?: Duration }): Promise<void>

  stats(): ExecutorStats
  readonly capabilities: Capabilities
  readonly name: string
}
