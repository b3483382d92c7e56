export { callBody } from './body.ts'
export { checkCancelled, setCancelPoll } from './cancel-poll.ts'
export { Completion, type CompletionState } from './completion.ts'
export { callIn, currentRunner, currentScope, currentTask } from './context.ts'
export { type Duration, toMilliseconds } from './duration.ts'
export {
  BrokenBarrierError,
  BrokenError,
  CancelledError,
  ClosedError,
  DeadlockError,
  describeValue,
  EOFError,
  InitializerError,
  InternalError,
  InvalidStateError,
  invalidArgument,
  isCancelled,
  NotSupportedError,
  PlaitError,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  type RemoteDetails,
  RemoteError,
  TimeoutError,
  TransferError,
  WorkerDiedError,
} from './errors.ts'
export { ExceptionGroup } from './exception-group.ts'
export { onExit, performDuties } from './on-exit.ts'
export {
  type Awaitable,
  type Coroutine,
  type Fiber,
  Operation,
  operation,
  park,
  parkOn,
  parkShielded,
} from './park.ts'
export { type Probe, probe } from './probe.ts'
export { type Runnable, ready, readyCallback } from './ready-queue.ts'
export { type OnUnhandled, type Run, type RunOptions, startRun } from './run.ts'
export { isFiber, isThenable } from './runner.ts'
export { Scope } from './scope.ts'
export { Task, type TaskSetup } from './task.ts'
export { clearTimer, setTimer, type Timer, time } from './timers.ts'
export { turn } from './turn.ts'
export { Wait } from './wait.ts'
export { WaitQueue } from './wait-queue.ts'
