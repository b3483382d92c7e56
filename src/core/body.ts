import { callIn, currentRunner, moveTo } from './context.ts'
import { type Fiber, parkShielded } from './park.ts'
import { isFiber, isThenable } from './runner.ts'
import type { Scope } from './scope.ts'

/**
 * Runs the body of a block inside `scope` and waits until it has ended, in whichever notation it is written.
 * The wait cannot be cut: cancelling a block cancels what its body waits for, and the body ends itself.
 */
export function* callBody<T>(scope: Scope, body: () => PromiseLike<T> | T | Fiber<T>): Fiber<T> {
  const result = callIn(scope, body)
  if (isFiber(result)) {
    const runner = currentRunner()!
    const outer = runner.scope
    moveTo(runner, scope)
    try {
      return yield* result
    } finally {
      moveTo(runner, outer)
    }
  }
  if (isThenable(result)) return yield* settled(scope, result as PromiseLike<T>)
  return result
}

function* settled<T>(scope: Scope, promise: PromiseLike<T>): Fiber<T> {
  return yield* parkShielded<T>((wait) => {
    callIn(scope, () =>
      promise.then(
        (value) => wait.complete(value),
        (error: unknown) => wait.fail(error),
      ),
    )
  })
}
