import {
  type Awaitable,
  currentScope,
  type Duration,
  invalidArgument,
  toMilliseconds,
} from '../core/index.ts'
import {
  captureSite,
  type ExecutorStats,
  Job,
  type JobPolicy,
  type JobRunner,
  jobPolicy,
} from '../workers/index.ts'
import type { Capabilities, Executor, MapOptions, SubmitOptions } from './executor.ts'
import { ExecutorMap } from './executor-map.ts'
import { Future, listenerOf } from './future.ts'

/** What every executor is: a view, with its defaults, of something that runs jobs. */
export class JobExecutor implements Executor {
  readonly capabilities: Capabilities
  readonly #runner: JobRunner
  readonly #defaults: SubmitOptions
  readonly #policy: JobPolicy

  constructor(runner: JobRunner, capabilities: Capabilities, defaults: SubmitOptions = {}) {
    this.#policy = jobPolicy(defaults)
    if (defaults.signal !== undefined && !(defaults.signal instanceof AbortSignal))
      throw invalidArgument('signal', 'an AbortSignal', defaults.signal)
    this.#runner = runner
    this.#defaults = defaults
    this.capabilities = capabilities
  }

  get name(): string {
    return this.#runner.name
  }

  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>> {
    requireFunction(fn)
    const site = captureSite(this.submit)
    const future: Future<Awaited<R>> = new Future(this.#policy.name, site, (reason) =>
      this.#runner.cancel(job, reason),
    )
    const job: Job = new Job(fn, args, this.#policy, listenerOf(future), site)
    this.#runner.submit([job])
    const { signal } = this.#defaults
    const withdraw = currentScope()?.onCancel((reason) => future.cancel(reason))
    const abort = () => future.cancel(signal?.reason)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
    if (withdraw !== undefined || signal !== undefined)
      future.onSettled(() => {
        withdraw?.()
        signal?.removeEventListener('abort', abort)
      })
    return future
  }

  map<I, R>(
    fn: (item: I) => R,
    items: Iterable<I> | AsyncIterable<I>,
    options: MapOptions = {},
  ): AsyncIterableIterator<Awaited<R>> {
    requireFunction(fn)
    this.#runner.assertOpen()
    return new ExecutorMap<I, Awaited<R>>(fn, items, options, {
      runner: this.#runner,
      policy: this.#policy,
      signal: this.#defaults.signal,
      chunks: this.capabilities.values !== 'reference',
      site: captureSite(this.map),
    })
  }

  with(options: SubmitOptions): Executor {
    if (typeof options !== 'object' || options === null)
      throw invalidArgument('options', 'an object', options)
    return new JobExecutor(this.#runner, this.capabilities, { ...this.#defaults, ...options })
  }

  ready(): Awaitable<void> {
    return this.#runner.ready()
  }

  async shutdown(
    options: { wait?: boolean; cancelFutures?: boolean; timeout?: Duration } = {},
  ): Promise<void> {
    const { wait = true, cancelFutures = false, timeout } = options
    const timeoutMs = timeout === undefined ? Number.POSITIVE_INFINITY : toMilliseconds(timeout, 'timeout')
    const end = this.#runner.shutdown({ cancelQueued: cancelFutures, timeoutMs })
    if (wait) await end
  }

  /** Waits for the work to end; cancels it if the task around is cancelled. */
  async [Symbol.asyncDispose](): Promise<void> {
    const withdraw = currentScope()?.onCancel((reason) => this.#runner.cancelAll(reason))
    try {
      await this.shutdown()
    } finally {
      withdraw?.()
    }
  }

  stats(): ExecutorStats {
    return this.#runner.stats()
  }
}

function requireFunction(fn: unknown): void {
  if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn)
}
