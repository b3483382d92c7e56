// WHAT       A pool of workers of one kind: who gets which batch, when workers start and end, what a death means.
// STATES     of the pool: open, closing, closed (job-runner.ts); of a worker: pool-worker.ts
//            of a batch: in the intake (its function is being looked up) ──> queued ──> at a worker
// RULES
//   1. A worker has one batch at a time, and runs its tasks one after another.
//   2. Batches leave the intake in the order in which they came, so that a function that takes longer to look up
//      is not overtaken.
//   3. A death has one victim. It fails or is tried again; what had not started goes back to the front.
//   4. A worker is started only for work that waits, or to keep `minWorkers`. After `START_ATTEMPTS` workers in a
//      row ended before they were given work, what waits fails, and from then on one worker at a time tries until
//      one has answered: no endless restarting, and no pool that is broken for ever.
//   5. An initializer that fails fails the batch at the front, for that is what the worker was started for.
//   6. The idle worker that was busy last is busy first, so that the others can time out.
// WHY NOT one queue per worker: one long task would hold up what stands behind it while others are idle.
// CHECKED BY tests/workers, tests/futures
import { serialize } from 'node:v8'
import { InitializerError, InternalError, TransferError, type WorkerDiedError } from '../core/index.ts'
import { type FunctionReference, referenceOf, transferError } from '../wire/index.ts'
import { after } from './after.ts'
import { type Batch, BatchQueue } from './batch-queue.ts'
import type { Job } from './job.ts'
import { type ExecutorStats, JobRunner } from './job-runner.ts'
import type { PoolPolicy } from './pool-options.ts'
import { type Answer, PoolWorker, type PoolWorkerOwner, type WorkerLoss } from './pool-worker.ts'
import type { WorkerBackend } from './worker-backend.ts'

const START_ATTEMPTS = 3

/** A batch on its way into the queue (rule 2). */
interface Intake {
  readonly jobs: readonly Job[]
  reference: FunctionReference | undefined
  failure: { readonly error: unknown } | undefined
}

export class Pool extends JobRunner implements PoolWorkerOwner {
  readonly #policy: PoolPolicy
  readonly #backend: WorkerBackend
  readonly #queue = new BatchQueue()
  #intake: Intake[] = []
  readonly #workers = new Set<PoolWorker>()
  /** Idle workers, the last one busy last (rule 6). */
  readonly #idle: PoolWorker[] = []
  #workerIds = 0
  #startFailures = 0
  #died = 0

  constructor(policy: PoolPolicy, backend: WorkerBackend) {
    super(policy.name, policy.maxWorkers, policy.maxQueue)
    this.#policy = policy
    this.#backend = backend
    this.#startWorkers()
  }

  protected accept(jobs: readonly Job[]): void {
    const intake: Intake = { jobs, reference: undefined, failure: undefined }
    try {
      const found = referenceOf(jobs[0]!.fn)
      if ('kind' in found) intake.reference = found
      else
        found
          .then(
            (reference) => {
              intake.reference = reference
            },
            (error: unknown) => {
              intake.failure = { error }
            },
          )
          .then(() => this.#admit())
    } catch (error) {
      // Not from inside `submit`: what is wrong with a task is its future's failure.
      queueMicrotask(() => {
        intake.failure = { error }
        this.#admit()
      })
    }
    this.#intake.push(intake)
    if (intake.reference !== undefined) this.#admit()
  }

  protected interrupt(job: Job): void {
    for (const worker of this.#workers) {
      if (!worker.open.includes(job)) continue
      worker.interrupt()
      return
    }
    throw new InternalError(`${job.name} is ${job.state}, but no worker of ${this.name} has it`)
  }

  protected forget(_job: Job): void {
    this.#queue.noteShell()
  }

  protected *unsettled(): Iterable<Job> {
    for (const intake of this.#intake) for (const job of intake.jobs) if (job.state === 'queued') yield job
    yield* this.#queue.jobs()
    for (const worker of this.#workers) yield* worker.open
  }

  protected drained(): void {
    for (const worker of this.#workers) worker.stop()
    this.#idle.length = 0
    if (this.#workers.size === 0) this.finished()
  }

  protected force(): void {
    for (const worker of this.#workers) worker.kill()
  }

  protected workerStats(): Pick<ExecutorStats, 'workers' | 'idle' | 'died'> {
    return { workers: this.#live(), idle: this.#idle.length, died: this.#died }
  }

  onReady(worker: PoolWorker): void {
    this.#release(worker)
  }

  onRunning(_worker: PoolWorker, job: Job): void {
    this.move(job, 'running')
  }

  onAnswer(worker: PoolWorker, job: Job, answer: Answer): void {
    this.#startFailures = 0
    if (worker.state === 'idle') this.#release(worker)
    if (answer.type === 'result') this.settleDone(job, answer.value)
    else if (answer.type === 'unreadable') this.settleFailed(job, answer.error)
    else if (!answer.cancelled) this.settleFailed(job, answer.error, kindOf(answer.error))
    else if (job.interruption !== undefined) this.settleInterrupted(job)
    else this.settleCancelled(job, (answer.error as { reason?: unknown }).reason)
  }

  onTimeout(worker: PoolWorker, job: Job): void {
    if (job.interruption !== undefined) return
    job.interruption = { kind: 'timeout', reason: job.timeoutError() }
    worker.interrupt()
  }

  onReturned(worker: PoolWorker, rest: Batch): void {
    this.#putBack(rest)
    if (worker.state === 'idle') this.#release(worker)
    else this.#pump()
  }

  onGone(worker: PoolWorker, { was, victim, rest, error }: WorkerLoss): void {
    this.#workers.delete(worker)
    const at = this.#idle.indexOf(worker)
    if (at !== -1) this.#idle.splice(at, 1)
    const neverWorked = was === 'starting' || (was === 'idle' && worker.answered === 0)
    if (neverWorked || error instanceof InitializerError) this.#startFailures += 1
    if (was === 'starting' || was === 'idle' || was === 'busy') this.#died += 1
    if (rest !== undefined) this.#putBack(rest)
    if (victim !== undefined) {
      if (was === 'ending' && victim.interruption !== undefined) this.settleInterrupted(victim)
      else this.settleFailed(victim, error, 'death')
    }
    const blamed = victim ?? (error instanceof InitializerError ? this.#failNext(error) : undefined)
    // Nobody else would hear of it.
    if (blamed === undefined && error.cause !== undefined && was !== 'stopping') process.emitWarning(error)
    if (this.#startFailures >= START_ATTEMPTS && this.#live() === 0) this.#failQueued(error)
    this.#pump()
    this.#startWorkers()
    if (this.closing && this.pending === 0) this.drained()
  }

  /** Moves what has been looked up into the queue (rule 2). */
  #admit(): void {
    let first = this.#intake[0]
    while (first !== undefined && (first.reference !== undefined || first.failure !== undefined)) {
      this.#intake.shift()
      const jobs = first.jobs.filter((job) => job.state === 'queued')
      if (first.reference !== undefined && jobs.length > 0)
        this.#queue.push({ reference: first.reference, jobs })
      else if (first.failure !== undefined)
        for (const job of jobs) this.settleFailed(job, first.failure.error)
      first = this.#intake[0]
    }
    this.#pump()
  }

  #pump(): void {
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      const batch = this.#queue.shift()
      if (batch === undefined) {
        this.#idle.push(worker)
        break
      }
      this.#dispatch(worker, batch)
    }
    this.#startWorkers()
  }

  #dispatch(worker: PoolWorker, whole: Batch): void {
    const allowed = Math.min(this.#policy.maxTasksPerWorker - worker.answered, worker.idsLeft)
    const batch = whole.jobs.length <= allowed ? whole : { ...whole, jobs: whole.jobs.slice(0, allowed) }
    if (batch !== whole) this.#queue.unshift({ ...whole, jobs: whole.jobs.slice(allowed) })
    try {
      worker.run(batch)
    } catch (cause) {
      this.#idle.push(worker)
      this.#cannotSend(batch, cause)
      return
    }
    for (const job of batch.jobs) this.move(job, 'sent')
    this.move(batch.jobs[0]!, 'running')
  }

  /** Finds the job whose arguments cannot be cloned by sending each one alone. */
  #cannotSend(batch: Batch, cause: unknown): void {
    if (batch.jobs.length > 1) {
      for (const job of [...batch.jobs].reverse()) this.#queue.unshift({ ...batch, jobs: [job] })
      return
    }
    const job = batch.jobs[0]!
    const { transfer = [] } = job.policy
    const refused = job.args.findIndex(
      (arg) => !transfer.some((moved) => moved === arg) && !this.#crosses(arg),
    )
    const at = Math.max(0, refused)
    this.settleFailed(job, transferError(`argument ${at}`, job.args[at], cause))
  }

  /** Processes take less than threads: no shared memory. */
  #crosses(value: unknown): boolean {
    try {
      if (this.#backend.kind === 'process') serialize(value)
      else structuredClone(value)
      return true
    } catch {
      return false
    }
  }

  /** A worker has nothing to do: it is replaced, given the next batch, or waits. */
  #release(worker: PoolWorker): void {
    if (worker.answered >= this.#policy.maxTasksPerWorker || worker.idsLeft <= 0) {
      worker.stop()
      this.#startWorkers()
      return
    }
    this.#idle.push(worker)
    this.#pump()
    if (worker.state !== 'idle') return
    worker.idleTimer = after(this.#policy.idleMs, () => this.#idledOut(worker))?.unref()
  }

  #idledOut(worker: PoolWorker): void {
    if (worker.state !== 'idle' || this.#live() <= this.#policy.minWorkers) return
    this.#idle.splice(this.#idle.indexOf(worker), 1)
    worker.stop()
  }

  #putBack(batch: Batch): void {
    const back: Job[] = []
    for (const job of batch.jobs) {
      if (job.interruption !== undefined) this.settleInterrupted(job)
      else {
        this.move(job, 'queued')
        back.push(job)
      }
    }
    if (back.length > 0) this.#queue.unshift({ ...batch, jobs: back })
  }

  /** Fails the batch at the front (rule 5); gives one of its jobs, if there is any. */
  #failNext(error: unknown): Job | undefined {
    const batch = this.#queue.shift()
    for (const job of batch?.jobs ?? []) if (job.state === 'queued') this.settleFailed(job, error)
    return batch?.jobs[0]
  }

  #failQueued(error: WorkerDiedError | InitializerError): void {
    while (this.#failNext(error) !== undefined);
  }

  /** Workers that have or can get work. */
  #live(): number {
    let live = 0
    for (const worker of this.#workers)
      if (worker.state === 'starting' || worker.state === 'idle' || worker.state === 'busy') live += 1
    return live
  }

  #startWorkers(): void {
    // Rule 4.
    const live = this.#live()
    const trying = this.#startFailures >= START_ATTEMPTS
    const room = (trying ? 1 : this.#policy.maxWorkers) - live
    if (room <= 0) return
    let starting = 0
    for (const worker of this.#workers) if (worker.state === 'starting') starting += 1
    const least = trying || this.closing ? 0 : this.#policy.minWorkers
    const wanted = Math.max(this.#queue.waiting(starting + room) - starting, least - live)
    for (let i = Math.min(wanted, room); i > 0; i--) this.#startWorker()
  }

  #startWorker(): void {
    const id = ++this.#workerIds
    const worker = new PoolWorker(id, `${this.name}-${id}`, this, this.#policy.graceMs)
    this.#workers.add(worker)
    try {
      worker.start(this.#backend)
    } catch (cause) {
      // Later, as with every other way in which a worker ends: the caller is in the middle of something.
      queueMicrotask(() => worker.exit({ exitCode: null, signal: null, outOfMemory: false, cause }))
      return
    }
    this.#initialize(worker)
  }

  #initialize(worker: PoolWorker): void {
    const { initializer, initargs, finalizer } = this.#policy
    if (initializer === undefined && finalizer === undefined) {
      worker.init({})
      return
    }
    const find = async (fn: ((...args: any[]) => unknown) | undefined) => fn && (await referenceOf(fn))
    Promise.all([find(initializer), find(finalizer)]).then(
      ([start, end]) =>
        worker.init({
          ...(start === undefined ? {} : { initializer: start, initargs }),
          ...(end === undefined ? {} : { finalizer: end }),
        }),
      (error: unknown) => worker.failStart(error),
    )
  }
}

/** A task that could not be sent to its end will not do better the next time. */
function kindOf(error: unknown): 'error' | undefined {
  return error instanceof TransferError ? undefined : 'error'
}
