import { currentScope } from '../core/index.ts'

/**
 * The `AbortSignal` of the current scope: aborted when it is cancelled. For `fetch` and every platform call.
 *
 * Its reason is a `CancelledError`, so a call that is aborted by it counts as cancelled, and a `timeout` around it
 * throws its `TimeoutError`. Outside of every run and scope: a signal that is never aborted.
 *
 * @example
 * const page = await fetch(url, { signal: signal() })
 */
export function signal(): AbortSignal {
  return currentScope()?.signal ?? new AbortController().signal
}
