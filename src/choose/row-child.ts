// WHAT       The parent's side of `row-process.ts`: one child, its answers, its silence and its end.
// STATES     asked ──answer──▶ idle ──ask──▶ asked;  any ──exit or silence──▶ gone
// OWNERSHIP  The child leads a process group of its own; ending it ends whatever it started, and Ctrl-C at
//            the terminal reaches the parent only, which decides.
// RULES
//   1. At most one question is open. Its answer, the child's end or its silence settles it.
//   2. Silence: nothing came for the time that one call may take, plus `PATIENCE_MS`. A child whose main
//      thread is free reports a late call by itself.
//   3. Output is read to its end and counted, never passed on: it belongs neither into the table nor into JSON.

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CancelledError, InternalError, TimeoutError, WorkerDiedError } from '../core/index.ts'
import { inheritedArguments } from '../workers/index.ts'
import { RowFailure } from './row-failure.ts'
import type { Doing, Failure, FromRow, RowTask, ToRow } from './row-messages.ts'
import { type Bench, type Opened, type Slice, type SliceRequest, startupLimit } from './slice.ts'
import { sayTime } from './wording.ts'

const PATIENCE_MS = 1_500
const FAREWELL_MS = 3_000
const KEPT_OUTPUT = 2_000

/** How to end the children that live, if this process exits before them. */
const living = new Set<() => void>()
process.once('exit', () => {
  for (const kill of living) kill()
})

/** What the function printed while it was measured. */
export interface Printed {
  lines: number
  bytes: number
}

/** Measures one row in a child process. */
export class RowChild implements Bench {
  readonly #task: RowTask
  readonly #printed: Printed
  readonly #signal: AbortSignal | undefined
  #child: ChildProcess | undefined
  #answer: { resolve(message: FromRow): void; reject(error: unknown): void } | undefined
  #silence: NodeJS.Timeout | undefined
  #doing: Doing = 'starting'
  #call: number | undefined
  #stderr = ''
  #reported: Failure | undefined

  constructor(task: RowTask, printed: Printed, signal: AbortSignal | undefined) {
    this.#task = task
    this.#printed = printed
    this.#signal = signal
  }

  async open(): Promise<Opened> {
    this.#start()
    const answer = await this.#ask({ type: 'open', task: this.#task })
    if (answer.type !== 'opened')
      throw new InternalError(`expected the answer 'opened', got '${answer.type}'`)
    return answer.opened
  }

  async slice(request: SliceRequest): Promise<Slice> {
    const answer = await this.#ask({ type: 'slice', request })
    if (answer.type !== 'sliced')
      throw new InternalError(`expected the answer 'sliced', got '${answer.type}'`)
    return answer.slice
  }

  #start(): void {
    if (this.#signal?.aborted) throw new CancelledError(this.#signal.reason)
    const child = fork(fileURLToPath(new URL('./row-process.js', import.meta.url)), [], {
      detached: true,
      execArgv: inheritedArguments(),
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    child.stdout!.on('data', (chunk: Buffer) => {
      this.#printed.bytes += chunk.length
      for (const byte of chunk) if (byte === 10) this.#printed.lines++
    })
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_OUTPUT)
    })
    child.on('message', (message: FromRow) => this.#take(message))
    child.on('error', (error) => this.#fail(error))
    child.on('exit', (code, signal) => this.#gone(code, signal))
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true })
    living.add(this.#kill)
  }

  #ask(message: ToRow): Promise<FromRow> {
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject }
      if (this.#child?.connected !== true)
        return this.#fail(this.#deathOf(this.#child?.exitCode ?? null, this.#child?.signalCode ?? null))
      this.#listen()
      this.#child.send(message, (error) => {
        if (error !== null) this.#fail(error)
      })
    })
  }

  #take(message: FromRow): void {
    if (this.#answer === undefined) return
    if (message.type === 'beat') {
      this.#doing = message.doing
      this.#call = message.call ?? this.#call
      this.#listen()
      return
    }
    clearTimeout(this.#silence)
    if (message.type === 'opened') this.#doing = 'calling'
    if (message.type === 'failed') {
      this.#reported = message.failure
      this.#fail(new RowFailure(message.failure))
      return
    }
    this.#answer.resolve(message)
    this.#answer = undefined
  }

  /** Rule 2. */
  #listen(): void {
    clearTimeout(this.#silence)
    const limit = this.#limitMs + PATIENCE_MS
    if (limit > 2 ** 31 - 1) return
    this.#silence = setTimeout(() => {
      this.#fail(this.#silenceOf())
      this.#kill()
    }, limit)
  }

  get #limitMs(): number {
    return this.#doing === 'calling' ? this.#task.timeoutMs : startupLimit(this.#task.timeoutMs)
  }

  #silenceOf(): unknown {
    const limit = sayTime(this.#limitMs)
    if (this.#doing === 'importing') {
      const message = `importing the module did not end within ${limit}`
      return new RowFailure({
        kind: 'subject',
        problem: { name: 'TimeoutError', code: 'PLAIT_TIMEOUT', message },
      })
    }
    const last =
      this.#call === undefined ? '' : `; the last that is known to have begun is call ${this.#call + 1}`
    return new TimeoutError(`a call holds its thread and did not come back within ${limit}${last}`)
  }

  #fail(error: unknown): void {
    clearTimeout(this.#silence)
    this.#answer?.reject(error)
    this.#answer = undefined
  }

  #gone(code: number | null, signal: NodeJS.Signals | null): void {
    living.delete(this.#kill)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#killGroup()
    // What a message said is more than what an exit says; messages may still be on their way.
    setImmediate(() => this.#fail(this.#deathOf(code, signal)))
  }

  #deathOf(exitCode: number | null, signal: NodeJS.Signals | null): unknown {
    if (this.#reported !== undefined) return new RowFailure(this.#reported)
    const outOfMemory = /heap out of memory|allocation failed/i.test(this.#stderr)
    const how = outOfMemory
      ? 'ran out of memory'
      : signal === null
        ? `exited with status ${exitCode}`
        : `was ended by ${signal}`
    if (this.#doing !== 'calling') {
      const message = `the process ${how} while the module was imported`
      return new RowFailure({
        kind: 'subject',
        problem: { name: 'WorkerDiedError', code: 'PLAIT_WORKER_DIED', message },
      })
    }
    return new WorkerDiedError(`the process that made the calls ${how}`, { exitCode, signal, outOfMemory })
  }

  readonly #onAbort = (): void => {
    this.#fail(new CancelledError(this.#signal?.reason))
    this.#kill()
  }

  readonly #kill = (): void => {
    const child = this.#child
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      child.kill('SIGKILL')
    }
  }

  async close(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const timer = setTimeout(this.#kill, FAREWELL_MS)
    if (child.connected) child.send({ type: 'close' } satisfies ToRow, () => undefined)
    else this.#kill()
    await ended
    clearTimeout(timer)
  }

  /** What the child left behind. */
  #killGroup(): void {
    try {
      process.kill(-this.#child!.pid!, 'SIGKILL')
    } catch {
      // Nobody is left in the group, or the platform has no groups.
    }
  }
}
