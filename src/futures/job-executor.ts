import {
  type Awaitable,
  currentScope,
  type Duration,
  invalidArgument,
  type Scope,
  toMilliseconds,
} from '../core/index.ts'
import { refuseWhileImporting } from '../wire/index.ts'
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
import { onAbort } from './on-abort.ts'

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
    refuseWhileImporting('submit()')
    const site = captureSite(this.submit)
    const future: Future<Awaited<R>> = new Future(this.#policy.name, site, (reason) =>
      this.#runner.cancel(job, reason),
    )
    const job: Job = new Job(fn, args, this.#policy, listenerOf(future), site)
    const { signal } = this.#defaults
    const scope = currentScope()
    if (signal?.aborted) this.#runner.refuse(job, signal.reason)
    else if (scope?.cancelled)
      scope.onCancel((reason) => this.#runner.refuse(job, reason)) // at once
    else {
      this.#runner.submit([job])
      cancelWith(future, scope, signal)
    }
    return future
  }

  map<I, R>(
    fn: (item: I) => R,
    items: Iterable<I> | AsyncIterable<I>,
    options: MapOptions = {},
  ): AsyncIterableIterator<Awaited<R>> {
    requireFunction(fn)
    requireOptions(options)
    refuseWhileImporting('map()')
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
    requireOptions(options)
    return new JobExecutor(this.#runner, this.capabilities, { ...this.#defaults, ...options })
  }

  ready(): Awaitable<void> {
    return this.#runner.ready()
  }

  async shutdown(
    options: { wait?: boolean; cancelFutures?: boolean; timeout?: Duration } = {},
  ): Promise<void> {
    requireOptions(options)
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

/** Cancels the future with the scope it was submitted in (whoever starts it owns it), and with the signal. */
function cancelWith(
  future: Future<unknown>,
  scope: Scope | undefined,
  signal: AbortSignal | undefined,
): void {
  if (scope === undefined && signal === undefined) return
  const withdraw = scope?.onCancel((reason) => future.cancel(reason))
  const ignore = signal && onAbort(signal, () => future.cancel(signal.reason))
  future.onSettled(() => {
    withdraw?.()
    ignore?.()
  })
}

function requireFunction(fn: unknown): void {
  if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn)
}

function requireOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options)
}
