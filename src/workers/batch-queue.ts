import type { FunctionReference } from '../wire/index.ts'
import { Deque } from './deque.ts'
import type { Job } from './job.ts'

/** Jobs that travel in one message: one function, one policy, run one after another. */
export interface Batch<R = FunctionReference> {
  /** How the other side finds the function. */
  readonly reference: R
  readonly jobs: readonly Job[]
}

interface Level<R> {
  readonly priority: number
  readonly batches: Deque<Batch<R>>
}

function isQueued(job: Job): boolean {
  return job.state === 'queued'
}

/**
 * Batches that wait for a worker: higher priority first, first come, first served within one.
 *
 * A job that was cancelled stays in its batch as a shell without arguments; it is passed over when its turn comes,
 * and swept out when shells are the majority.
 */
export class BatchQueue<R = FunctionReference> {
  /** Highest priority first. */
  readonly #levels: Level<R>[] = []
  #shells = 0

  /** Number of batches that have jobs to run; counted no further than `limit`. */
  waiting(limit: number): number {
    let waiting = 0
    for (const level of this.#levels) {
      for (const batch of level.batches) {
        if (waiting >= limit) return waiting
        if (batch.jobs.some(isQueued)) waiting += 1
      }
    }
    return waiting
  }

  push(batch: Batch<R>): void {
    this.#level(batch).batches.push(batch)
  }

  /** Puts a batch before all others of its priority: it was there before. */
  unshift(batch: Batch<R>): void {
    this.#level(batch).batches.unshift(batch)
  }

  /** The next batch that has jobs to run, with those only. */
  shift(): Batch<R> | undefined {
    for (let level = this.#levels[0]; level !== undefined; level = this.#levels[0]) {
      for (let batch = level.batches.shift(); batch !== undefined; batch = level.batches.shift()) {
        const jobs = batch.jobs.every(isQueued) ? batch.jobs : batch.jobs.filter(isQueued)
        this.#shells -= batch.jobs.length - jobs.length
        if (jobs.length > 0) return jobs === batch.jobs ? batch : { reference: batch.reference, jobs }
      }
      this.#levels.shift()
    }
    return undefined
  }

  /** One of the jobs in it was settled. */
  noteShell(): void {
    this.#shells += 1
    let batches = 0
    for (const level of this.#levels) batches += level.batches.length
    if (this.#shells < 64 || this.#shells < batches / 2) return
    for (const level of this.#levels) level.batches.filter((batch) => batch.jobs.some(isQueued))
    this.#shells = 0
  }

  *jobs(): Generator<Job> {
    for (const level of this.#levels)
      for (const batch of level.batches) for (const job of batch.jobs) if (isQueued(job)) yield job
  }

  #level(batch: Batch<R>): Level<R> {
    const priority = batch.jobs[0]!.policy.priority
    const at = this.#levels.findIndex((level) => level.priority <= priority)
    const found = this.#levels[at]
    if (found !== undefined && found.priority === priority) return found
    const level: Level<R> = { priority, batches: new Deque() }
    this.#levels.splice(at === -1 ? this.#levels.length : at, 0, level)
    return level
  }
}
