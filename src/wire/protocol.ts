// WHAT     Every message between a host and its workers, threads and processes alike. Types only.
// RULES
//   1. One discriminated union per direction; `type` tells the messages apart.
//   2. All of it is plain data: it survives structured clone and V8's serializer. What is inside `args`,
//      `value` and `initargs` is the user's and may not; the side that sends finds out (`transferError`).
//   3. A worker answers every task of a batch exactly once, with `result` or `error`, unless it dies.
//   4. `ready` or `init-failed` comes before anything else; nothing comes after `dying`.
import type { EncodedError } from './error-codec.ts'
import type { FunctionReference } from './function-reference.ts'

/** One call to make in the worker. `id` is unique among the tasks in flight to that worker. */
export interface TaskMessage {
  readonly id: number
  readonly fn: FunctionReference
  readonly args: readonly unknown[]
}

/** What a worker has to know before its first task. */
export interface InitMessage {
  readonly type: 'init'
  readonly id: number
  readonly name: string
  readonly initializer?: FunctionReference
  readonly initargs?: readonly unknown[]
}

/** Host to worker. */
export type HostMessage =
  | InitMessage
  | { readonly type: 'batch'; readonly tasks: readonly TaskMessage[] }
  | { readonly type: 'cancel'; readonly id: number; readonly reason?: unknown }
  | { readonly type: 'close' }

/** Worker to host. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'init-failed'; readonly error: EncodedError }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: EncodedError }
  | { readonly type: 'dying'; readonly error: EncodedError }
