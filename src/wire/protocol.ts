// WHAT     Every message between a host and its workers, threads and processes alike. Types only.
// RULES
//   1. One discriminated union per direction; `type` tells the messages apart.
//   2. All of it is plain data: it survives structured clone and V8's serializer. What is inside `args`,
//      `value` and `initargs` is the user's and may not; the side that sends finds out (`transferError`).
//   3. A worker answers every task of a batch exactly once and in order, with `result` or `error`, unless it
//      dies; it has handed over each answer before it starts the next task. So a death has exactly one victim.
//      After a cancel that meant a task of the batch it starts no further one, and gives them back (`returned`):
//      the host may be about to end it, and a task that never started can run elsewhere.
//   4. Ids grow by one from task to task within a worker. That is what lets one number cancel: everything up
//      to and including it.
//   5. `ready` or `init-failed` comes before anything else; no task is started after `dying`.
import type { EncodedError } from './error-codec.ts'
import type { FunctionReference } from './function-reference.ts'

/** One call to make in the worker. */
export interface TaskMessage {
  readonly id: number
  readonly args: readonly unknown[]
}

/** What a worker has to know before its first task. */
export interface InitMessage {
  readonly type: 'init'
  /** Number of the worker in its pool, from 1. */
  readonly id: number
  readonly name: string
  readonly initializer?: FunctionReference
  readonly initargs?: readonly unknown[]
  readonly finalizer?: FunctionReference
}

/** Tasks to run one after another, all of the same function. */
export interface BatchMessage {
  readonly type: 'batch'
  readonly fn: FunctionReference
  readonly tasks: readonly TaskMessage[]
  /** Whether to say `started` before each task: only where somebody measures from its start. */
  readonly announce: boolean
}

/** Cancels the tasks whose id is at most `upTo` and that have no answer yet (rule 4). */
export interface CancelMessage {
  readonly type: 'cancel'
  readonly upTo: number
  /** The reason, if it is no error; `error`, if it is one. */
  readonly reason?: unknown
  readonly error?: EncodedError
}

/** Host to worker. `stop`: run the finalizer and end. */
export type HostMessage = InitMessage | BatchMessage | CancelMessage | { readonly type: 'stop' }

/** Worker to host. `cancelled`: the task ended by its own cancellation. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'init-failed'; readonly error: EncodedError }
  | { readonly type: 'started'; readonly id: number }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: EncodedError; readonly cancelled: boolean }
  | { readonly type: 'returned'; readonly from: number }
  | { readonly type: 'dying'; readonly error: EncodedError }
