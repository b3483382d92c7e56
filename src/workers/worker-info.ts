import { isMainThread, threadId } from 'node:worker_threads'

/** Where the running code runs. */
export interface WorkerInfo {
  readonly kind: 'main' | 'thread' | 'process' | 'cluster'
  /** Number of the worker in its pool, from 1; 0 in the main thread, the platform's number in a thread of your own. */
  readonly id: number
  readonly pid: number
  /** Name of the pool and number of the worker, such as `threads-1-2`; `main` in the main thread. */
  readonly name: string
}

let info: WorkerInfo | undefined

/**
 * Says where the running code runs: in the main thread, in a worker thread or in a worker process, and in which.
 *
 * @example
 * export function where() {
 *   return workerInfo().name        // 'threads-1-2' in a pool, 'main' outside
 * }
 */
export function workerInfo(): WorkerInfo {
  info ??= isMainThread
    ? { kind: 'main', id: 0, pid: process.pid, name: 'main' }
    : { kind: 'thread', id: threadId, pid: process.pid, name: `thread-${threadId}` }
  return info
}

/** Called once in a worker, before its first task. */
export function setWorkerInfo(of: { kind: 'thread' | 'process'; id: number; name: string }): void {
  info = Object.freeze({ kind: of.kind, id: of.id, pid: process.pid, name: of.name })
}
