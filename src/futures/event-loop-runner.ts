// WHAT       Runs jobs as tasks on this event loop, each in a run of its own, a limited number at a time.
// RULES
//   1. What a job starts belongs to it: it ends when everything inside has ended (`startRun`).
//   2. Nothing can be ended by force here: a cancelled job ends when it waits or asks (`checkCancelled`).
import { startRun, type Task } from '../core/index.ts'
import { after, BatchQueue, type ExecutorStats, type Job, JobRunner } from '../workers/index.ts'

export class EventLoopRunner extends JobRunner {
  readonly #queue = new BatchQueue<undefined>()
  readonly #tasks = new Map<Job, Task<unknown>>()

  protected accept(jobs: readonly Job[]): void {
    this.#queue.push({ reference: undefined, jobs })
    this.#pump()
  }

  protected interrupt(job: Job): void {
    this.#tasks.get(job)?.cancel(job.interruption?.reason)
  }

  protected forget(_job: Job): void {
    this.#queue.noteShell()
  }

  protected *unsettled(): Iterable<Job> {
    yield* this.#queue.jobs()
    yield* this.#tasks.keys()
  }

  protected drained(): void {
    this.finished()
  }

  /** Everything has been cancelled; there is nothing more to be done about a task that does not listen (rule 2). */
  protected force(): void {
    this.finished()
  }

  protected workerStats(): Pick<ExecutorStats, 'workers' | 'idle' | 'died'> {
    return { workers: 1, idle: this.#tasks.size === 0 ? 1 : 0, died: 0 }
  }

  #pump(): void {
    while (this.#tasks.size < this.lanes) {
      const batch = this.#queue.shift()
      if (batch === undefined) return
      for (const job of batch.jobs) this.#start(job)
    }
  }

  #start(job: Job): void {
    const { fn, args } = job
    const task = startRun(() => fn(...args), { name: job.policy.name ?? fn.name })
    this.#tasks.set(job, task)
    this.move(job, 'running')
    const timer = after(job.policy.timeoutMs, () => {
      if (job.interruption !== undefined) return
      job.interruption = { kind: 'timeout', reason: job.timeoutError() }
      this.interrupt(job)
    })
    task.onSettled(() => {
      clearTimeout(timer)
      this.#tasks.delete(job)
      this.#settle(job, task)
      this.#pump()
    })
  }

  #settle(job: Job, task: Task<unknown>): void {
    if (task.state === 'done') this.settleDone(job, task.result())
    else if (task.state === 'failed') this.settleFailed(job, task.exception(), 'error')
    else if (job.interruption !== undefined) this.settleInterrupted(job)
    else this.settleCancelled(job, (task.exception() as { reason?: unknown }).reason)
  }
}
