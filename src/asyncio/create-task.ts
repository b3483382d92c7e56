import { type Coroutine, Task } from '../core/index.ts'
import { requireTask } from './arguments.ts'

/** Options of {@link createTask}. */
export interface CreateTaskOptions {
  /** Shown in reports and errors; default `Task-` and its number. */
  readonly name?: string
  /** Makes the first step at once, before `createTask` returns; default: later in the same turn. */
  readonly eager?: boolean
}

/**
 * Starts a coroutine beside the current one.
 *
 * The task belongs to the current run, not to the scope around the call: it is cancelled when the run ends, not when
 * the caller is. Prefer {@link taskGroup} or {@link gather}, which wait for what they start.
 *
 * **Order** its first step happens later in this turn, in order of creation; with `eager`, at once.
 * **Failure** is thrown where it is awaited. If nobody looks, it is reported when the run ends or the task is collected.
 *
 * @throws {InvalidStateError} PLAIT_INVALID_STATE outside of every run
 * @throws {TypeError} PLAIT_INVALID_ARGUMENT if `coroutine` is no function: give the function, not its promise
 *
 * Python: `asyncio.create_task`.
 */
export function createTask<T>(coroutine: Coroutine<T>, options: CreateTaskOptions = {}): Task<T> {
  const run = requireTask('createTask()').owner
  const place: { stack?: string } = {}
  Error.captureStackTrace(place, createTask)
  const task = new Task(coroutine, { parent: run.scope, run, name: options.name, place })
  if (options.eager) task.run()
  else task.start()
  return task
}
