import { type Awaitable, invalidArgument, isThenable, park } from '../core/index.ts'

/**
 * A cancellable wait on somebody else's promise.
 *
 * A plain `await promise` cannot be cut: JavaScript has no way to. `await until(promise)` can: when the scope around it
 * is cancelled it stops waiting, while the promise itself goes on. Where the work behind the promise takes an
 * `AbortSignal`, give it {@link signal} instead, which ends the work too.
 *
 * **Cancellation** the wait ends at once; the promise goes on, and its later failure is nobody's.
 *
 * @throws the error of the promise; {CancelledError} PLAIT_CANCELLED
 *
 * @example
 * const row = await until(database.query('…'))
 */
export function until<T>(promise: PromiseLike<T>): Awaitable<T> {
  if (!isThenable(promise)) throw invalidArgument('promise', 'a promise', promise)
  return park<T>((wait) => {
    promise.then(
      (value) => wait.complete(value),
      (error: unknown) => wait.fail(error),
    )
  })
}
