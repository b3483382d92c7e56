// WHAT     Knows whether the code that runs is a module which a worker imports to find a task's function.
// RULES
//   1. It goes by async context: what such a module starts at its top level (timers, a `main()` nobody
//      awaits) still counts after the import has ended. Otherwise a program without a guard would start
//      workers that start workers, without end.
//   2. The task itself runs in a context of its own, and may use pools as it likes.
// WHY NOT  a flag while the import is pending: it would hit tasks that run meanwhile and miss what was left
//          behind.
import { AsyncLocalStorage } from 'node:async_hooks'
import { InvalidStateError } from '../core/index.ts'

const importing = new AsyncLocalStorage<string>()

/** Runs `body` as the import of a task's module. */
export function whileImporting<T>(url: string, body: () => T): T {
  return importing.run(url, body)
}

/** URL of the task's module whose top level, or what it started, is running; else `undefined`. */
export function importingTask(): string | undefined {
  return importing.getStore()
}

/**
 * To be called by whatever would start workers or a second run of the program.
 *
 * @param what as the user calls it: `submit()`
 * @throws {InvalidStateError} PLAIT_INVALID_STATE while a task's module is imported
 */
export function refuseWhileImporting(what: string): void {
  const url = importing.getStore()
  if (url === undefined) return
  throw new InvalidStateError(
    `${what} at the top level of ${url}, which a worker imports because a task's function is there: ` +
      'each worker would run the program again. Move the function to a module of its own, or put what only ' +
      "the program should do under `if (workerInfo().kind === 'main')`",
  )
}
