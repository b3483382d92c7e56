import { type Awaitable, type Coroutine, callBody, currentScope, operation, Scope } from '../core/index.ts'
import { requireFunction } from './arguments.ts'

/**
 * Runs `body` to its end even if the task around it is cancelled, before or meanwhile.
 *
 * For what has to be finished once it is begun: a commit, a farewell in a `finally`.
 *
 * **Cancellation** does not reach inside. It is delivered at the next wait after the shield; the value of the body is
 * not lost.
 *
 * @throws whatever the body throws
 *
 * @example
 * try {
 *   await work()
 * } finally {
 *   await shield(() => connection.close())
 * }
 *
 * Trio: `CancelScope(shield=True)`. Python's `asyncio.shield` is another thing: there the body becomes a task that
 * nobody waits for.
 */
export function shield<T>(body: Coroutine<T>): Awaitable<T> {
  requireFunction('body', body)
  return operation(function* () {
    const outer = currentScope()
    const scope = new Scope(outer, outer?.task, true)
    try {
      return yield* callBody(scope, body)
    } finally {
      scope.exit()
    }
  })
}
