// WHAT       A worker process, as the pool sees it. The other side is entry/process-main.ts.
// STATES     started ──'exit' and 'disconnect', or 'error' before it ran──> ended, told once
// RULES
//   1. It has a process group of its own (`detached`): a Ctrl-C in the terminal is the parent's to handle, and
//      ending it ends its descendants.
//   2. It has ended when the process is gone *and* its channel is drained: what it had sent before it died counts.
//   3. Whatever is left when the parent ends is killed by the parent's exit duty. If the parent is killed itself, the
//      channel closes, and the worker ends by that as soon as its event loop gets a turn.
//   4. It never keeps the program alive.
// RACES      Between the end of a worker and the signal to its group, the system could give the number to somebody
//            else: only if nobody of the group is left, and only within the same turn in which we learn of it.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onExit } from '../core/index.ts'
import { type HostMessage, open } from '../wire/index.ts'
import {
  inheritedArguments,
  type WorkerBackend,
  type WorkerEnd,
  type WorkerEvents,
  type WorkerHandle,
} from '../workers/index.ts'
import { CancelFile } from './cancel-file.ts'

const ENTRY = fileURLToPath(new URL('./entry/process-main.js', import.meta.url))

/** How long a process that is gone may leave its channel open: somebody it started may hold the other end. */
const DRAIN_MS = 1_000

/** What a process is started with, besides the pool's own options. */
export interface ProcessSetup {
  readonly env?: NodeJS.ProcessEnv | undefined
  readonly cwd?: string | undefined
  /** Options of Node; default: those of the program. */
  readonly execArgv?: readonly string[] | undefined
}

export function processBackend(setup: ProcessSetup): WorkerBackend {
  return { kind: 'process', start: (_id, name, events) => new ProcessWorker(setup, name, events) }
}

/** Workers to be killed when the program ends (rule 3). */
const alive = new Set<ProcessWorker>()
let withdrawDuty: (() => void) | undefined

class ProcessWorker implements WorkerHandle {
  readonly #child: ChildProcess
  readonly #cancelFile = CancelFile.open()
  readonly #events: WorkerEvents
  #state: 'started' | 'ended' = 'started'
  #exit: { exitCode: number | null; signal: string | null } | undefined
  #drained = false
  #drainTimer: NodeJS.Timeout | undefined

  constructor({ env, cwd, execArgv }: ProcessSetup, name: string, events: WorkerEvents) {
    this.#events = events
    try {
      this.#child = fork(ENTRY, [name, this.#cancelFile === undefined ? '' : 'flag'], {
        serialization: 'advanced',
        detached: true,
        stdio: [
          'ignore',
          'inherit',
          'inherit',
          'ipc',
          ...(this.#cancelFile === undefined ? [] : [this.#cancelFile.fd]),
        ],
        execArgv: [...(execArgv ?? inheritedArguments())],
        ...(env === undefined ? {} : { env }),
        ...(cwd === undefined ? {} : { cwd }),
      })
    } catch (error) {
      this.#cancelFile?.close()
      throw error
    }
    this.#watch()
    alive.add(this)
    withdrawDuty ??= onExit(() => {
      for (const worker of alive) worker.kill()
    })
    this.#child.unref()
    this.#child.channel?.unref()
  }

  send(message: HostMessage): void {
    // An error in the callback means that the process is on its way out: 'exit' says so.
    this.#child.send(message, () => {})
  }

  raiseCancel(id: number): void {
    this.#cancelFile?.write(id)
  }

  kill(): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL') // rule 1
    } catch {
      // Nobody of the group is left, or it has not become a group yet: the process itself is asked too.
      if (this.#exit === undefined) this.#child.kill('SIGKILL')
    }
  }

  #watch(): void {
    const child = this.#child
    child.on('message', (value) => {
      const message = open(value)
      if (message !== undefined) this.#events.message(message) // the user's code may use the channel as well
    })
    child.on('error', (cause) => {
      // It could not be started at all; every other 'error' is followed by 'exit'.
      if (child.pid === undefined) this.#ended({ exitCode: null, signal: null, outOfMemory: false, cause })
    })
    child.on('exit', (exitCode, signal) => {
      this.#exit = { exitCode, signal }
      this.kill() // what it has started
      this.#drainTimer = setTimeout(() => child.connected && child.disconnect(), DRAIN_MS)
      this.#check()
    })
    child.on('disconnect', () => {
      this.#drained = true
      this.#check()
    })
  }

  #check(): void {
    if (this.#exit !== undefined && this.#drained) this.#ended({ ...this.#exit, outOfMemory: false })
  }

  #ended(end: WorkerEnd): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    clearTimeout(this.#drainTimer)
    this.#cancelFile?.close()
    alive.delete(this)
    if (alive.size === 0) {
      withdrawDuty?.()
      withdrawDuty = undefined
    }
    this.#events.exit(end)
  }
}
