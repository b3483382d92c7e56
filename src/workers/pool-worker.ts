// WHAT       The host's view of one worker: its state, the batch it has, and who is the victim if it dies.
// STATES     starting ──ready──> idle ──run()──> busy ──last answer──> idle
//            starting, idle ──stop()──> stopping     it runs its finalizer and ends by itself
//            any of these ──kill()──> ending         we end it by force
//            every state ──exit──> gone
// OWNERSHIP  The pool owns the jobs; this class says what became of them. A batch is answered in order, so one
//            index is all there is to know: before it answered, at it running, after it not started.
// RULES
//   1. A result that arrives before the end counts, whatever was asked of the worker meanwhile.
//   2. Before a worker is ended for a task that does not answer, one turn of the event loop passes, so that an
//      answer that lies in our inbox is read first.
//   3. Jobs behind the victim have not started (protocol rule 3): they go back, nobody notices.
// RACES      The worker may have begun the victim or not when it died: nobody can know, so it counts as begun.
import {
  InitializerError,
  InternalError,
  isCancelled,
  TransferError,
  WorkerDiedError,
} from '../core/index.ts'
import { decodeError, encodeError, type InitMessage, type WorkerMessage } from '../wire/index.ts'
import { after } from './after.ts'
import type { Batch } from './batch-queue.ts'
import type { Job } from './job.ts'
import type { WorkerBackend, WorkerEnd, WorkerEvents, WorkerHandle } from './worker-backend.ts'

export type PoolWorkerState = 'starting' | 'idle' | 'busy' | 'stopping' | 'ending' | 'gone'

export type Answer =
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly error: unknown; readonly cancelled: boolean }
  | { readonly type: 'unreadable'; readonly error: TransferError }

/** What is left when a worker has ended. */
export interface WorkerLoss {
  readonly was: PoolWorkerState
  readonly victim: Job | undefined
  /** What was sent and not started. */
  readonly rest: Batch | undefined
  readonly error: WorkerDiedError | InitializerError
}

/** What the pool is told. The worker's state is up to date in every call. */
export interface PoolWorkerOwner {
  onReady(worker: PoolWorker): void
  /** The job behind the answered one, if there is one, is marked as running by `onRunning`. */
  onAnswer(worker: PoolWorker, job: Job, answer: Answer): void
  onRunning(worker: PoolWorker, job: Job): void
  onTimeout(worker: PoolWorker, job: Job): void
  /** What was sent and not started. */
  onReturned(worker: PoolWorker, rest: Batch): void
  onGone(worker: PoolWorker, end: WorkerLoss): void
}

/** Ids are sent through a 32-bit flag; a worker that has used them up is replaced. */
const LAST_ID = 2 ** 31 - 2

/**
 * How long a worker that has to end may go on starting. A thread that is ended while it loads its modules leaves the
 * files open that it was reading (Node 20), and an initializer may be in the middle of something.
 */
const START_GRACE_MS = 10_000

export class PoolWorker implements WorkerEvents {
  readonly id: number
  readonly name: string
  readonly #owner: PoolWorkerOwner
  readonly #graceMs: number
  #handle: WorkerHandle | undefined
  #state: PoolWorkerState = 'starting'
  #batch: Batch | undefined
  #firstId = 1
  #nextId = 1
  #index = 0
  /** Answers so far, for `maxTasksPerWorker`. */
  answered = 0
  /** Runs while it is idle; the pool's. */
  idleTimer: NodeJS.Timeout | undefined
  #taskTimer: NodeJS.Timeout | undefined
  #graceTimer: NodeJS.Timeout | undefined
  #interrupting = false
  /** The error it named before it ended. */
  #lastWords: { readonly error: unknown } | undefined
  #startError: InitializerError | undefined

  constructor(id: number, name: string, owner: PoolWorkerOwner, graceMs: number) {
    this.id = id
    this.name = name
    this.#owner = owner
    this.#graceMs = graceMs
  }

  get state(): PoolWorkerState {
    return this.#state
  }

  /** Jobs it can still take before its ids are used up. */
  get idsLeft(): number {
    return LAST_ID - this.#nextId
  }

  /** @throws what the platform throws when it refuses the options */
  start(backend: WorkerBackend): void {
    this.#handle = backend.start(this.id, this.name, this)
  }

  /** Sends what it has to know first. */
  init(setup: Omit<InitMessage, 'type' | 'id' | 'name'>): void {
    if (this.#state !== 'starting') return
    try {
      this.#handle?.send({ type: 'init', id: this.id, name: this.name, ...setup })
    } catch (error) {
      this.failStart(error)
    }
  }

  /** It cannot be used: `cause` says why. */
  failStart(cause: unknown): void {
    if (this.#state === 'gone') return
    this.#startError ??= new InitializerError(`the initializer of ${this.name} failed: ${messageOf(cause)}`, {
      cause,
    })
    this.kill()
  }

  /** @throws what the platform throws if the jobs' arguments cannot be cloned; nothing was sent then */
  run(batch: Batch): void {
    const firstId = this.#nextId
    const transfer = [...new Set(batch.jobs.flatMap((job) => job.policy.transfer ?? []))]
    this.#handle!.send(
      {
        type: 'batch',
        fn: batch.reference,
        tasks: batch.jobs.map((job, i) => ({ id: firstId + i, args: job.args })),
        announce: batch.jobs[0]!.policy.timeoutMs !== Number.POSITIVE_INFINITY,
      },
      transfer,
    )
    this.#state = 'busy'
    clearTimeout(this.idleTimer)
    this.#batch = batch
    this.#firstId = firstId
    this.#nextId += batch.jobs.length
    this.#index = 0
  }

  /** Jobs of the batch without an answer, the running one first. */
  get open(): readonly Job[] {
    return this.#batch?.jobs.slice(this.#index) ?? []
  }

  get #current(): Job | undefined {
    return this.#batch?.jobs[this.#index]
  }

  /** Some of its jobs have got an `interruption`; all that get one in this turn go in one message. */
  interrupt(): void {
    if (this.#interrupting) return
    this.#interrupting = true
    queueMicrotask(() => {
      this.#interrupting = false
      this.#sendInterruption()
    })
  }

  /** Lets it run its finalizer and end. One that is still starting gets there first, for some time. */
  stop(): void {
    if (this.#state !== 'idle' && this.#state !== 'starting') return
    if (this.#state === 'starting') this.#graceTimer = after(START_GRACE_MS, () => this.kill())
    this.#state = 'stopping'
    clearTimeout(this.idleTimer)
    this.#handle?.send({ type: 'stop' })
  }

  kill(): void {
    if (this.#state === 'gone') return
    this.#state = 'ending'
    this.#clearTimers()
    this.#handle?.kill()
  }

  message(message: WorkerMessage): void {
    switch (message.type) {
      case 'ready':
        clearTimeout(this.#graceTimer) // of a stop that came while it started
        if (this.#state !== 'starting') break
        this.#state = 'idle'
        this.#owner.onReady(this)
        break
      case 'init-failed':
        this.failStart(decodeError(message.error))
        break
      case 'started':
        this.#armTimeout(message.id)
        break
      case 'result':
        this.#answer(message.id, () => ({ type: 'result', value: message.value }))
        break
      case 'error':
        this.#answer(message.id, (job) => ({
          type: 'error',
          error: decodeError(message.error, job.submittedAt.stack),
          cancelled: message.cancelled,
        }))
        break
      case 'returned':
        this.#returned(message.from)
        break
      case 'dying':
        this.#lastWords = { error: decodeError(message.error) }
    }
  }

  unreadable(cause: unknown): void {
    const job = this.#current
    if (job === undefined) return
    const error = new TransferError(`${job.name}: its result cannot be read here: ${messageOf(cause)}`, {
      cause,
    })
    this.#answer(this.#firstId + this.#index, () => ({ type: 'unreadable', error }))
  }

  exit(end: WorkerEnd): void {
    const was = this.#state
    this.#state = 'gone'
    this.#clearTimers()
    const victim = this.#current
    this.#index += 1
    const rest = this.#rest()
    this.#batch = undefined
    const error = this.#startError ?? this.#deathOf(end, was, victim)
    this.#owner.onGone(this, { was, victim, rest, error })
  }

  #answer(id: number, read: (job: Job) => Answer): void {
    const job = this.#current
    if (job === undefined || id !== this.#firstId + this.#index)
      throw new InternalError(`${this.name} answered task ${id}, expected ${this.#firstId + this.#index}`)
    this.#clearTimers()
    this.#index += 1
    this.answered += 1
    const next = this.#current
    if (next === undefined) this.#emptied()
    else {
      this.#owner.onRunning(this, next)
      if (next.interruption !== undefined) this.interrupt()
    }
    this.#owner.onAnswer(this, job, read(job))
  }

  #returned(from: number): void {
    if (from !== this.#firstId + this.#index)
      throw new InternalError(
        `${this.name} returned from task ${from}, expected ${this.#firstId + this.#index}`,
      )
    this.#clearTimers()
    const rest = this.#rest()
    this.#emptied()
    if (rest !== undefined) this.#owner.onReturned(this, rest)
  }

  #rest(): Batch | undefined {
    const jobs = this.open
    return this.#batch === undefined || jobs.length === 0 ? undefined : { ...this.#batch, jobs }
  }

  #emptied(): void {
    this.#batch = undefined
    this.#index = 0
    if (this.#state === 'busy') this.#state = 'idle'
  }

  #armTimeout(id: number): void {
    const job = this.#current
    if (job === undefined || id !== this.#firstId + this.#index) return
    this.#taskTimer = after(job.policy.timeoutMs, () => this.#owner.onTimeout(this, job))
  }

  /** Cancels the running job and those right behind it that are to end as well, and gives it `cancelGrace`. */
  #sendInterruption(): void {
    const jobs = this.open
    const keep = jobs.findIndex((job) => job.interruption === undefined)
    const count = keep === -1 ? jobs.length : keep
    if (count === 0 || this.#state !== 'busy') return
    const upTo = this.#firstId + this.#index + count - 1
    this.#handle!.raiseCancel(upTo)
    const reason = jobs[0]!.interruption!.reason
    try {
      const wire = reason instanceof Error ? { error: encodeError(reason) } : { reason }
      this.#handle!.send({ type: 'cancel', upTo, ...wire })
    } catch {
      this.#handle!.send({ type: 'cancel', upTo, reason: String(reason) }) // a reason that cannot be cloned
    }
    this.#graceTimer ??= after(this.#graceMs, () => this.#graceIsOver(jobs[0]!))
  }

  #graceIsOver(job: Job): void {
    setImmediate(() => {
      if (this.#state === 'busy' && this.#current === job) this.kill() // rule 2
    })
  }

  #clearTimers(): void {
    clearTimeout(this.#taskTimer)
    clearTimeout(this.#graceTimer)
    this.#taskTimer = this.#graceTimer = undefined
    if (this.#state === 'gone' || this.#state === 'ending') clearTimeout(this.idleTimer)
  }

  #deathOf(end: WorkerEnd, was: PoolWorkerState, victim: Job | undefined): WorkerDiedError {
    const how = end.outOfMemory
      ? 'it ran out of memory'
      : end.signal !== null
        ? `it was ended by ${end.signal}`
        : `it ended with exit code ${end.exitCode}`
    const cause = this.#lastWords?.error ?? end.cause
    const why = cause === undefined ? '' : `: ${messageOf(cause)}`
    const what =
      was === 'starting'
        ? `${this.name} could not start: ${how}${why}`
        : `${this.name} died${victim === undefined ? '' : ` while it ran ${victim.name}`}: ${how}${why}`
    return new WorkerDiedError(what, { ...end, ...(cause === undefined ? {} : { cause }) })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error && !isCancelled(error) ? `${error.name}: ${error.message}` : String(error)
}
