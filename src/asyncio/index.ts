export {
  type Awaitable,
  CancelledError,
  type Coroutine,
  checkCancelled,
  currentTask,
  type Duration,
  ExceptionGroup,
  type Fiber,
  InvalidStateError,
  isCancelled,
  NotSupportedError,
  type OnUnhandled,
  Task,
  TimeoutError,
  time,
} from '../core/index.ts'
export { checkpoint } from './checkpoint.ts'
export { type CreateTaskOptions, createTask } from './create-task.ts'
export { type GatherItem, type GatherOptions, type GatherResults, gather } from './gather.ts'
export { type RunOptions, run } from './run.ts'
export { shield } from './shield.ts'
export { signal } from './signal.ts'
export { sleep } from './sleep.ts'
export { type Starting, TaskGroup, taskGroup } from './task-group.ts'
export { Timeout, timeout } from './timeout.ts'
export { until } from './until.ts'
