import { type Coroutine, currentScope, InvalidStateError, invalidArgument, type Task } from '../core/index.ts'

/** @throws {TypeError} PLAIT_INVALID_ARGUMENT unless `value` is a function */
export function requireFunction(name: string, value: unknown): asserts value is Coroutine<unknown> {
  if (typeof value !== 'function') {
    throw invalidArgument(name, 'a function (async, plain or generator) to be called', value)
  }
}

/** @throws {InvalidStateError} PLAIT_INVALID_STATE outside of every run, or when it has ended */
export function requireTask(call: string): Task<unknown> {
  const task = currentScope()?.task
  if (task === undefined) {
    throw new InvalidStateError(
      `${call}: there is no running task here; start one with run(async () => …) and call it inside`,
    )
  }
  if (task.owner.ended) {
    throw new InvalidStateError(
      `${call}: the run of ${task.name} has ended; what it starts has to be started before`,
    )
  }
  return task
}
