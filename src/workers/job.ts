import { type Duration, invalidArgument, TimeoutError, toMilliseconds } from '../core/index.ts'
import { wholeNumber } from './pool-options.ts'
import type { Transferable } from './worker-backend.ts'

/**
 * Where a job stands.
 *
 *     queued ──> sent ──> running ──> settled
 *        ^         │         │
 *        └─────────┴─────────┘   given back by a worker that ended, or tried again
 *
 * `sent`: in a batch, behind the job that runs. Every state may go to `settled` directly.
 */
export type JobState = 'queued' | 'sent' | 'running' | 'settled'

/** Who waits for a job. Exactly one of the last three is called, once, last. */
export interface JobListener {
  /** It runs; called again for every new attempt. */
  started(): void
  succeeded(value: unknown): void
  failed(error: unknown): void
  cancelled(reason: unknown): void
}

/** Why a running job is being ended. */
export interface Interruption {
  readonly kind: 'cancel' | 'timeout'
  readonly reason: unknown
}

/** What ended an attempt: an error of the task itself, or the death of its worker. */
export type FailureKind = 'death' | 'error'

/** How often a failed job is tried again, and when. */
export interface RetryOptions {
  /** Number of attempts after the first. */
  times: number
  /** After which failures; default: both. A timeout of the task counts as an error. */
  on?: readonly FailureKind[]
  /** Pause before the attempt, which is counted from 1; default 0. */
  delay?: Duration | ((attempt: number) => Duration)
}

/** What a submission may ask for. */
export interface JobOptions {
  /** Shown in errors and in `future.name`. */
  name?: string
  /** Of one attempt, from its start in the worker. */
  timeout?: Duration
  /** Higher goes first; default 0. */
  priority?: number
  retries?: number | RetryOptions
  /** Moved to the worker instead of copied (threads; processes copy). */
  transfer?: readonly Transferable[]
}

/** {@link JobOptions} as checked. */
export interface JobPolicy {
  readonly name: string | undefined
  readonly timeoutMs: number
  readonly priority: number
  readonly retries: RetryOptions | undefined
  readonly transfer: readonly Transferable[] | undefined
}

/** @throws {TypeError} or {RangeError} PLAIT_INVALID_ARGUMENT */
export function jobPolicy(options: JobOptions): JobPolicy {
  const { name, timeout, priority = 0, retries, transfer } = options
  if (name !== undefined && typeof name !== 'string') throw invalidArgument('name', 'a string', name)
  if (typeof priority !== 'number') throw invalidArgument('priority', 'a number', priority)
  if (Number.isNaN(priority)) throw invalidArgument('priority', 'a number', priority, 'range')
  if (transfer !== undefined && !Array.isArray(transfer))
    throw invalidArgument('transfer', 'an array of transferable objects', transfer)
  return {
    name,
    timeoutMs: timeout === undefined ? Number.POSITIVE_INFINITY : toMilliseconds(timeout, 'timeout'),
    priority,
    retries: retryOptions(retries),
    transfer,
  }
}

function retryOptions(retries: JobOptions['retries']): RetryOptions | undefined {
  if (retries === undefined) return undefined
  const options = typeof retries === 'number' ? { times: retries } : retries
  if (typeof options !== 'object' || options === null)
    throw invalidArgument('retries', 'a number or { times, on, delay }', retries)
  if (options.times !== Number.POSITIVE_INFINITY) wholeNumber('retries.times', options.times, 0)
  if (options.on !== undefined) {
    const known =
      Array.isArray(options.on) && options.on.every((kind) => kind === 'death' || kind === 'error')
    if (!known) throw invalidArgument('retries.on', "an array of 'death' and 'error'", options.on)
  }
  const { delay } = options
  if (delay !== undefined && typeof delay !== 'function') toMilliseconds(delay, 'retries.delay')
  return options.times === 0 ? undefined : options
}

/** One call to be made somewhere else, with what happens to it. Moved from state to state by its runner only. */
export class Job {
  readonly fn: (...args: any[]) => unknown
  readonly policy: JobPolicy
  readonly listener: JobListener
  /** Holds the stack of whoever submitted it; read only if the job fails. */
  readonly submittedAt: { readonly stack?: string }
  args: readonly unknown[]
  state: JobState = 'queued'
  interruption: Interruption | undefined
  /** Attempts made so far after the first. */
  retried = 0
  /** Runs while a new attempt is put off. */
  pause: NodeJS.Timeout | undefined

  constructor(
    fn: (...args: any[]) => unknown,
    args: readonly unknown[],
    policy: JobPolicy,
    listener: JobListener,
    submittedAt: { readonly stack?: string },
  ) {
    this.fn = fn
    this.args = args
    this.policy = policy
    this.listener = listener
    this.submittedAt = submittedAt
  }

  /** For messages: its own name, or its function's. */
  get name(): string {
    return this.policy.name ?? (this.fn.name === '' ? 'the task' : this.fn.name)
  }

  /** Whether it is to be tried again after such a failure. */
  isRetriedAfter(kind: FailureKind): boolean {
    const retries = this.policy.retries
    if (retries === undefined || this.retried >= retries.times) return false
    return retries.on === undefined || retries.on.includes(kind)
  }

  /**
   * Milliseconds until the next attempt, which counts as made.
   * @throws what a `delay` of the user's throws, or PLAIT_INVALID_ARGUMENT for what it gives
   */
  nextAttempt(): number {
    this.retried += 1
    const delay = this.policy.retries?.delay ?? 0
    return toMilliseconds(typeof delay === 'function' ? delay(this.retried) : delay, 'retries.delay')
  }

  /** What a job that ran out of time fails with. */
  timeoutError(): TimeoutError {
    return new TimeoutError(
      `${this.name} did not end within ${this.policy.timeoutMs} ms; give it more time or less to do`,
    )
  }
}

/** The stack of the caller of `below`, at little cost: it is rendered when it is read. */
export function captureSite(below: (...args: any[]) => unknown): { readonly stack?: string } {
  const site: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 8
  Error.captureStackTrace(site, below)
  Error.stackTraceLimit = limit
  return site
}
