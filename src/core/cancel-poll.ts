import { currentScope } from './context.ts'

let poll: (() => boolean) | undefined

/**
 * For workers: `checkCancelled` also asks this function, so that a loop that never lets the event loop go on can be
 * told from outside. It is called on every check and must be cheap; true cancels the current run.
 */
export function setCancelPoll(ask: (() => boolean) | undefined): void {
  poll = ask
}

/**
 * Throws `CancelledError` at once if the current scope is cancelled; never waits. For loops that compute.
 *
 * @throws {CancelledError} PLAIT_CANCELLED
 */
export function checkCancelled(): void {
  const scope = currentScope()
  if (scope === undefined) return
  if (!scope.cancelled && poll?.()) scope.task?.owner.scope.cancel()
  if (scope.cancelled) throw scope.cancelledError()
}
