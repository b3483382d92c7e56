export { after } from './after.ts'
export { BatchQueue } from './batch-queue.ts'
export { Deque } from './deque.ts'
export { TaskRunner, type WorkerChannel } from './entry/task-runner.ts'
export { inheritedArguments } from './inherited-arguments.ts'
export {
  captureSite,
  type FailureKind,
  Job,
  type JobListener,
  type JobOptions,
  type JobPolicy,
  jobPolicy,
  type RetryOptions,
} from './job.ts'
export { type ExecutorStats, JobRunner } from './job-runner.ts'
export { Pool } from './pool.ts'
export { count, type PoolOptions, type PoolPolicy, poolPolicy, wholeNumber } from './pool-options.ts'
export type { Transferable, WorkerBackend, WorkerEnd, WorkerEvents, WorkerHandle } from './worker-backend.ts'
export { setWorkerInfo, type WorkerInfo, workerInfo } from './worker-info.ts'
