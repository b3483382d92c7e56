// WHAT       What a worker does, thread or process: takes messages, runs one task after another, answers.
//            Host side: ../pool-worker.ts. Runs inside workers only.
// STATES     new ──init──> ready ──batch──> running … ──stop──> stopping ──> ended
// RULES
//   1. Protocol rule 3: each answer has been handed over (`await send`) before the next task starts.
//   2. Before a task starts, and inside it at every `checkCancelled()`, the cancel flag is read, so that a worker
//      whose event loop is busy can be told all the same. Messages carry the reason to those who do get a turn.
//   3. A batch of which a task was cancelled is given back from there on (`returned`).
//   4. The event loop gets a turn at least every `TURN_MS` between tasks: timers, sockets and messages of a worker
//      that is handed one synchronous task after another must not starve.
//   5. A task ends when everything it started has ended (`startRun`).
import { setCancelPoll, startRun, type Task } from '../../core/index.ts'
import {
  type BatchMessage,
  decodeError,
  encodeError,
  type FunctionReference,
  type HostMessage,
  type InitMessage,
  resolveReference,
  transferError,
  type WorkerMessage,
} from '../../wire/index.ts'
import { setWorkerInfo } from '../worker-info.ts'

const TURN_MS = 10

/** The worker's end of its connection. */
export interface WorkerChannel {
  readonly kind: 'thread' | 'process'
  /** Resolves when the message is out of this worker's hands; throws if it cannot be cloned. */
  send(message: WorkerMessage): Promise<void> | void
  /** The highest task id that is cancelled, as far as the flag says. */
  cancelledUpTo(): number
  /** Ends the worker, once everything it printed is out. */
  end(): void
}

type AnyFunction = (...args: unknown[]) => unknown

export class TaskRunner {
  readonly #channel: WorkerChannel
  #state: 'new' | 'ready' | 'stopping' | 'dying' = 'new'
  #running: { readonly id: number; readonly task: Task<unknown> } | undefined
  /** The last cancel that came as a message. */
  #cancel: { readonly upTo: number; readonly reason: unknown } = { upTo: 0, reason: undefined }
  #finalizer: FunctionReference | undefined
  #lastTurn = performance.now()
  /** What was asked so far, one after the other. */
  #work: Promise<void> = Promise.resolve()

  constructor(channel: WorkerChannel) {
    this.#channel = channel
    setCancelPoll(() => this.#running !== undefined && this.#isCancelled(this.#running.id))
  }

  receive(message: HostMessage): void {
    switch (message.type) {
      case 'init':
        this.#then(() => this.#initialize(message))
        break
      case 'batch':
        this.#then(() => this.#runBatch(message))
        break
      case 'stop':
        this.#then(() => this.#stop())
        break
      case 'cancel':
        this.#cancel = {
          upTo: message.upTo,
          reason: message.error === undefined ? message.reason : decodeError(message.error),
        }
        if (this.#running !== undefined) this.#checkCancel(this.#running.id, this.#running.task)
    }
  }

  /** An error that belongs to no task: says so, and ends. Called with the platform's last word. */
  async die(error: unknown, exit: () => void): Promise<void> {
    if (this.#state === 'dying') return
    this.#state = 'dying'
    try {
      await this.#channel.send({ type: 'dying', error: encodeError(error) })
    } finally {
      exit()
    }
  }

  /** A failure in here is a defect of ours: it ends the worker, loudly. */
  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work)
  }

  async #initialize({ id, name, initializer, initargs = [], finalizer }: InitMessage): Promise<void> {
    setWorkerInfo({ kind: this.#channel.kind, id, name })
    try {
      if (initializer !== undefined) await this.#call(initializer, initargs, name)
      this.#finalizer = finalizer
      this.#state = 'ready'
    } catch (error) {
      await this.#channel.send({ type: 'init-failed', error: encodeError(error) })
      return
    }
    await this.#channel.send({ type: 'ready' })
  }

  async #runBatch({ fn: reference, tasks, announce }: BatchMessage): Promise<void> {
    const first = tasks[0]!.id
    for (const { id, args } of tasks) {
      if (performance.now() - this.#lastTurn > TURN_MS) await this.#turn()
      const found = await this.#find(reference)
      if (this.#state !== 'ready') return
      if (this.#isCancelled(first)) return void (await this.#channel.send({ type: 'returned', from: id })) // rule 3
      if (announce) await this.#channel.send({ type: 'started', id })
      const answer = 'error' in found ? failure(id, found.error) : await this.#runTask(id, found.fn, args)
      try {
        await this.#channel.send(answer)
      } catch (cause) {
        const value = answer.type === 'result' ? answer.value : undefined
        await this.#channel.send(failure(id, transferError('the result', value, cause)))
      }
    }
  }

  /** Imports the function's module, which may take as long as it likes. */
  async #find(reference: FunctionReference): Promise<{ fn: AnyFunction } | { error: unknown }> {
    try {
      const found = resolveReference(reference)
      return { fn: (typeof found === 'function' ? found : await found) as AnyFunction }
    } catch (error) {
      return { error }
    }
  }

  async #runTask(id: number, fn: AnyFunction, args: readonly unknown[]): Promise<WorkerMessage> {
    const task = startRun(() => fn(...args), { name: fn.name })
    this.#running = { id, task }
    // A cancel that came since it was last looked for: nobody tells the task a second time.
    this.#checkCancel(id, task)
    try {
      return { type: 'result', id, value: await task }
    } catch (error) {
      return failure(id, error, task.cancelled())
    } finally {
      this.#running = undefined
    }
  }

  async #stop(): Promise<void> {
    if (this.#state === 'ready' && this.#finalizer !== undefined) {
      this.#state = 'stopping'
      try {
        await this.#call(this.#finalizer, [], 'finalizer')
      } catch (error) {
        console.error('plait: the finalizer of a worker failed:', error)
      }
    }
    this.#state = 'stopping'
    this.#channel.end()
  }

  async #call(reference: FunctionReference, args: readonly unknown[], name: string): Promise<void> {
    const fn = (await resolveReference(reference)) as AnyFunction
    await startRun(() => fn(...args), { name })
  }

  #checkCancel(id: number, task: Task<unknown>): void {
    if (this.#isCancelled(id)) task.cancel(this.#cancel.upTo >= id ? this.#cancel.reason : undefined)
  }

  #isCancelled(id: number): boolean {
    return this.#cancel.upTo >= id || this.#channel.cancelledUpTo() >= id
  }

  async #turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#lastTurn = performance.now()
  }
}

function failure(id: number, error: unknown, cancelled = false): WorkerMessage {
  return { type: 'error', id, error: encodeError(error), cancelled }
}
