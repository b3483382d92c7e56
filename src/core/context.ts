// WHAT       Which scope, and so which task, is running right now.
// STATES     Either a runner is stepping a generator (`current` is set), or plain JavaScript runs and the
//            scope comes from AsyncLocalStorage.
// RULES
//   1. A step of a runner is synchronous: `current` is set when it begins and cleared when it ends.
//   2. While a runner steps, the storage holds the same scope, so that an async function called from a
//      generator keeps it after its first `await`.
//   3. Code that is not the generator's own (a body, a callback, a first step) runs through `callIn`, which hides
//      the runner: an operation called there is asked for a promise, not for something to `yield*`.
//   4. `enter` leaves its scope behind in the storage. So a runner is stepped either by the ready queue, where every
//      entry sets its own scope first, or inside `callIn`, which puts the scope back.
// WHY NOT a variable alone: it is lost at the first `await` on a promise that is not ours. Only
//            AsyncLocalStorage survives that (measured on Node 20, 22, 24, 26, thenable jobs included).
// WHY NOT the storage alone: `getStore` cannot tell a generator's step from an async function.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Runner } from './runner.ts'
import type { Scope } from './scope.ts'
import type { Task } from './task.ts'

const storage = new AsyncLocalStorage<Scope | undefined>()
let current: Runner | undefined

/** The scope that the running code belongs to; `undefined` outside of every run and scope. */
export function currentScope(): Scope | undefined {
  return current === undefined ? storage.getStore() : current.scope
}

/** The running task; `undefined` outside of every run. Python: `asyncio.current_task()`. */
export function currentTask(): Task<unknown> | undefined {
  return currentScope()?.task
}

/** The runner whose generator is being stepped, if one is (rule 1). */
export function currentRunner(): Runner | undefined {
  return current
}

/** Calls `fn` as plain code inside `scope` (rule 3). */
export function callIn<T>(scope: Scope | undefined, fn: () => T): T {
  const outer = current
  current = undefined
  try {
    return storage.run(scope, fn)
  } finally {
    current = outer
  }
}

/** Begins a step of `runner` (rules 1, 2 and 4). */
export function enter(runner: Runner): void {
  current = runner
  storage.enterWith(runner.scope)
}

/** Ends the step. */
export function leave(): void {
  current = undefined
}

/** Moves the running runner into another scope, for the rest of its step and the steps after it. */
export function moveTo(runner: Runner, scope: Scope | undefined): void {
  runner.scope = scope
  storage.enterWith(scope)
}
