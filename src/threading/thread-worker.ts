// WHAT       A worker thread, as the pool sees it. The other side is entry/thread-main.ts.
// RULES
//   1. The thread never keeps the program alive; Node 20 forgets `unref()` when the first message comes, so it is
//      repeated then.
//   2. `exit` is told once. Node delivers what the thread had posted before its end first, also after
//      `process.exit()` in the thread.
//   3. What a thread prints goes to the program's own stdout and stderr.
// The cancel flag is one number in shared memory: the thread reads it without its event loop.
import { type ResourceLimits, Worker } from 'node:worker_threads'
import { type HostMessage, open } from '../wire/index.ts'
import {
  inheritedArguments,
  type Transferable,
  type WorkerBackend,
  type WorkerEvents,
  type WorkerHandle,
} from '../workers/index.ts'

const ENTRY = new URL('./entry/thread-main.js', import.meta.url)

/** What a thread is started with, besides the pool's own options. */
export interface ThreadSetup {
  readonly resourceLimits?: ResourceLimits | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
}

export function threadBackend(setup: ThreadSetup): WorkerBackend {
  return { kind: 'thread', start: (_id, name, events) => new ThreadWorker(setup, name, events) }
}

class ThreadWorker implements WorkerHandle {
  readonly #worker: Worker
  readonly #cancelledUpTo = new Int32Array(new SharedArrayBuffer(4))

  constructor({ resourceLimits, env }: ThreadSetup, name: string, events: WorkerEvents) {
    const execArgv = threadArguments()
    this.#worker = new Worker(ENTRY, {
      name,
      workerData: this.#cancelledUpTo,
      trackUnmanagedFds: true,
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
      ...(env === undefined ? {} : { env }),
      ...(execArgv === undefined ? {} : { execArgv }),
    })
    this.#worker.unref()
    let cause: unknown
    this.#worker.on('message', (value: unknown) => {
      const message = open(value)
      if (message === undefined) return // the user's code may use the port as well
      if (message.type === 'ready') this.#worker.unref() // rule 1
      events.message(message)
    })
    this.#worker.on('messageerror', (error) => events.unreadable(error))
    this.#worker.on('error', (error) => {
      cause = error
    })
    this.#worker.on('exit', (exitCode) => {
      const outOfMemory = (cause as { code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
      events.exit({ exitCode, signal: null, outOfMemory, ...(cause === undefined ? {} : { cause }) })
    })
  }

  send(message: HostMessage, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, transfer)
  }

  raiseCancel(id: number): void {
    Atomics.store(this.#cancelledUpTo, 0, id)
  }

  kill(): void {
    this.#worker.terminate()
  }
}

/**
 * A thread takes over the options of the program by itself, which is right but for one case: `--input-type` says how
 * to read the text of `--eval`, and Node refuses to start a file under it.
 */
function threadArguments(): string[] | undefined {
  return process.execArgv.some((argument) => argument.startsWith('--input-type'))
    ? inheritedArguments()
    : undefined
}
