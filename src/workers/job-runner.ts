// WHAT       What everything that runs jobs has in common: the books, the room, retries and the end.
// STATES     open ──shutdown()──> closing ──nothing pending, `drained()` says it is empty──> closed
// OWNERSHIP  The runner moves its jobs from state to state, through `move` and the settling methods only: that is
//            what keeps `queued`, `running` and `pending` true.
// RULES
//   1. A job is settled once. Whoever settles it has taken it out of every list before.
//   2. Listeners are told after the books are right: they may submit, cancel or shut down from inside the call.
//   3. The program is kept alive while something is pending or the end is under way, and only then.
//   4. A result that arrives wins over a cancel; a cancel wins over a timeout.
import {
  type Awaitable,
  ExceptionGroup,
  InvalidStateError,
  park,
  QueueFull,
  WaitQueue,
} from '../core/index.ts'
import { after } from './after.ts'
import type { FailureKind, Job, JobState } from './job.ts'
import { KeepAlive } from './keep-alive.ts'

/** A snapshot of an executor. */
export interface ExecutorStats {
  /** Workers that are alive, those that are starting included. */
  workers: number
  /** Workers with nothing to do. */
  idle: number
  /** Tasks that have not started. */
  queued: number
  running: number
  completed: number
  failed: number
  cancelled: number
  /** Workers that ended without having been asked to. */
  died: number
}

export interface ShutdownRequest {
  readonly cancelQueued: boolean
  readonly timeoutMs: number
}

export abstract class JobRunner {
  readonly name: string
  /** How many jobs can run at the same time. */
  readonly lanes: number
  readonly #capacity: number
  #state: 'open' | 'closing' | 'closed' = 'open'
  #queued = 0
  #running = 0
  #pending = 0
  #completed = 0
  #failed = 0
  #cancelled = 0
  readonly #roomWaiters = new WaitQueue<void>()
  /** Places offered to somebody woken from `ready()` who has had no turn to use them yet. */
  #offered = 0
  #offering: NodeJS.Immediate | undefined
  readonly #keepAlive = new KeepAlive()
  readonly #end = deferred()
  /** Jobs whose next attempt is put off. */
  readonly #paused = new Set<Job>()
  #forceTimer: NodeJS.Timeout | undefined

  /** @param queueLimit jobs that may wait; `Infinity` for no limit */
  constructor(name: string, lanes: number, queueLimit: number) {
    this.name = name
    this.lanes = lanes
    this.#capacity = lanes + queueLimit
  }

  /** Takes jobs that are queued now, all of one function and one policy, as one batch. */
  protected abstract accept(jobs: readonly Job[]): void
  /** Ends a job that was sent or runs; `job.interruption` says why. */
  protected abstract interrupt(job: Job): void
  /** A queued job was cancelled and has been settled. */
  protected abstract forget(job: Job): void
  /** Every job that is not settled. */
  protected abstract unsettled(): Iterable<Job>
  /** Nothing is pending and nothing more will come: let the workers end, then call `finished`. May come twice. */
  protected abstract drained(): void
  /** Ends everything that still runs, by force where that exists. */
  protected abstract force(): void
  protected abstract workerStats(): Pick<ExecutorStats, 'workers' | 'idle' | 'died'>

  /** How many more jobs it takes now. */
  get room(): number {
    return this.#capacity - this.#pending
  }

  get pending(): number {
    return this.#pending
  }

  protected get closing(): boolean {
    return this.#state !== 'open'
  }

  /** @throws {InvalidStateError} PLAIT_INVALID_STATE after `shutdown` */
  assertOpen(): void {
    if (this.#state !== 'open')
      throw new InvalidStateError(`${this.name} was shut down: it takes no new work; make a new executor`)
  }

  /**
   * @throws {InvalidStateError} PLAIT_INVALID_STATE after `shutdown`
   * @throws {QueueFull} PLAIT_QUEUE_FULL when there is no room for all of them
   */
  submit(jobs: readonly Job[]): void {
    this.assertOpen()
    if (jobs.length > this.room)
      throw new QueueFull(
        `${this.name} has no room: ${this.#pending} tasks are pending (${this.lanes} may run, ${this.#capacity - this.lanes} wait); await ready() first`,
      )
    this.#pending += jobs.length
    this.#queued += jobs.length
    this.#offered = Math.max(0, this.#offered - jobs.length)
    this.#keepAlive.set(true)
    this.accept(jobs)
  }

  /** Settles a job that was cancelled before it could be submitted: it never starts. */
  refuse(job: Job, reason: unknown): void {
    this.assertOpen()
    this.#pending += 1
    this.#queued += 1
    this.settleCancelled(job, reason)
  }

  /** Waits for room, first come, first served. Somebody who does not wait may still take it. */
  ready(): Awaitable<void> {
    this.assertOpen()
    return park<void>((wait) => {
      this.#roomWaiters.add(wait)
      this.#offerRoom()
    })
  }

  /** False if it has ended already. The first reason stays. */
  cancel(job: Job, reason: unknown): boolean {
    if (job.state === 'settled') return false
    if (job.interruption?.kind === 'cancel') return true
    const told = job.interruption !== undefined
    job.interruption = { kind: 'cancel', reason }
    if (job.state === 'queued') {
      const paused = this.#paused.delete(job)
      this.settleInterrupted(job)
      if (!paused) this.forget(job)
    } else if (!told) this.interrupt(job)
    return true
  }

  cancelAll(reason: unknown): void {
    for (const job of [...this.#paused, ...this.unsettled()]) this.cancel(job, reason)
  }

  shutdown(request: ShutdownRequest): Promise<void> {
    if (this.#state === 'closed') return this.#end.promise
    if (this.#state === 'open') {
      this.#state = 'closing'
      this.#roomWaiters.failAll(new InvalidStateError(`${this.name} was shut down`))
    }
    this.#keepAlive.set(true)
    if (request.cancelQueued) {
      for (const job of [...this.#paused, ...this.unsettled()])
        if (job.state === 'queued') this.cancel(job, `${this.name} was shut down`)
    }
    if (request.timeoutMs !== Number.POSITIVE_INFINITY) {
      clearTimeout(this.#forceTimer)
      this.#forceTimer = after(request.timeoutMs, () => {
        this.cancelAll(`${this.name} was shut down`)
        this.force()
      })
    }
    this.#checkDrained()
    return this.#end.promise
  }

  stats(): ExecutorStats {
    return {
      ...this.workerStats(),
      queued: this.#queued,
      running: this.#running,
      completed: this.#completed,
      failed: this.#failed,
      cancelled: this.#cancelled,
    }
  }

  protected move(job: Job, to: JobState): void {
    const waits = (state: JobState) => state === 'queued' || state === 'sent'
    if (waits(job.state)) this.#queued -= 1
    if (job.state === 'running') this.#running -= 1
    job.state = to
    if (waits(to)) this.#queued += 1
    if (to === 'running') {
      this.#running += 1
      job.listener.started()
    }
  }

  protected settleDone(job: Job, value: unknown): void {
    this.#completed += 1
    this.#settle(job)
    job.listener.succeeded(value)
    this.#checkDrained()
  }

  /** @param kind what ended it; `undefined` for what no new attempt would change */
  protected settleFailed(job: Job, error: unknown, kind?: FailureKind): void {
    let failure = error
    if (kind !== undefined && job.interruption?.kind !== 'cancel') {
      try {
        if (this.#retry(job, kind)) return
      } catch (wrongDelay) {
        if (job.state === 'settled') return // cancelled by its own delay, which then failed
        failure = new ExceptionGroup([error, wrongDelay], `${job.name} failed, and so did its retries.delay`)
      }
    }
    this.#failed += 1
    this.#settle(job)
    job.listener.failed(failure)
    this.#checkDrained()
  }

  protected settleCancelled(job: Job, reason: unknown): void {
    this.#cancelled += 1
    this.#settle(job)
    job.listener.cancelled(reason)
    this.#checkDrained()
  }

  /** For a job that was ended from here: by its cancellation or its timeout. */
  protected settleInterrupted(job: Job): void {
    if (job.interruption?.kind === 'timeout') this.settleFailed(job, job.interruption.reason, 'error')
    else this.settleCancelled(job, job.interruption?.reason)
  }

  /** Everything has ended: nothing of it is left. */
  protected finished(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#forceTimer)
    this.#keepAlive.set(false)
    this.#end.resolve()
  }

  #settle(job: Job): void {
    clearTimeout(job.pause)
    this.move(job, 'settled')
    job.args = []
    this.#pending -= 1
    if (this.#pending === 0 && this.#state === 'open') this.#keepAlive.set(false)
    this.#offerRoom()
  }

  /** Wakes as many as there are places, and offers them again in the next turn if they were not used. */
  #offerRoom(): void {
    while (this.room > this.#offered && this.#roomWaiters.wakeOne()) this.#offered += 1
    if (this.#offered === 0) return
    this.#offering ??= setImmediate(() => {
      this.#offering = undefined
      this.#offered = 0
      this.#offerRoom()
    })
  }

  #checkDrained(): void {
    if (this.#state === 'closing' && this.#pending === 0) this.drained()
  }

  /** @throws what is wrong with the pause that was asked for */
  #retry(job: Job, kind: FailureKind): boolean {
    if (!job.isRetriedAfter(kind)) return false
    job.interruption = undefined
    this.move(job, 'queued')
    this.#paused.add(job)
    let delay: number
    try {
      delay = job.nextAttempt()
    } catch (error) {
      this.#paused.delete(job)
      throw error
    }
    if (!this.#paused.has(job)) return true // cancelled by its own delay
    if (delay === 0) this.#resume(job)
    else job.pause = after(delay, () => this.#resume(job))
    return true
  }

  #resume(job: Job): void {
    this.#paused.delete(job)
    this.accept([job])
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
