import type { HostMessage, WorkerMessage } from '../wire/index.ts'

/** How a worker ended. */
export interface WorkerEnd {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly outOfMemory: boolean
  /** What the platform said about it, if it said anything. */
  readonly cause?: unknown
}

/** What the pool wants to hear of a worker. All of it is called from the event loop, never from inside `start`. */
export interface WorkerEvents {
  message(message: WorkerMessage): void
  /** A message came that cannot be read on this side; the worker lives on. */
  unreadable(error: unknown): void
  /** Called exactly once, last, also when the worker could not be started; no message comes after it. */
  exit(end: WorkerEnd): void
}

/**
 * The host's end of one worker, thread or process.
 *
 * A worker never keeps the program alive by itself: whoever has work in it does (`KeepAlive`).
 */
export interface WorkerHandle {
  /**
   * Sends in order, never waits.
   * @throws what the platform says (`DataCloneError`) if the message cannot be cloned; nothing was sent then
   */
  send(message: HostMessage, transfer?: readonly Transferable[]): void
  /** Raises the flag that the worker can read without its event loop: tasks up to `id` are cancelled. */
  raiseCancel(id: number): void
  /** Ends it by force, whatever it does. `exit` follows. A second call does nothing. */
  kill(): void
}

/** Something that can be moved to another thread instead of being copied. */
export type Transferable = import('node:worker_threads').TransferListItem

/** Makes workers of one kind: the seam between the pool, which knows neither threads nor processes, and them. */
export interface WorkerBackend {
  readonly kind: 'thread' | 'process'
  /** Starts a worker; it may throw if the platform refuses the options. */
  start(id: number, name: string, events: WorkerEvents): WorkerHandle
}
