export {
  CancelledError,
  InitializerError,
  InvalidStateError,
  QueueFull,
  RemoteError,
  TimeoutError,
  TransferError,
  WorkerDiedError,
} from '../core/index.ts'
export { registerClass } from '../wire/index.ts'
export {
  type ExecutorStats,
  type FailureKind,
  type PoolOptions,
  type RetryOptions,
  type WorkerInfo,
  workerInfo,
} from '../workers/index.ts'
export { EventLoopExecutor, type EventLoopOptions } from './event-loop-executor.ts'
export type { Capabilities, Executor, MapOptions, SubmitOptions } from './executor.ts'
export { Future } from './future.ts'
export { ProcessPoolExecutor, type ProcessPoolOptions } from './process-pool-executor.ts'
export { ThreadPoolExecutor, type ThreadPoolOptions } from './thread-pool-executor.ts'
