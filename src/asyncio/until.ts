import {
  type Awaitable,
  Completion,
  callIn,
  invalidArgument,
  isThenable,
  park,
  type Wait,
  WaitQueue,
} from '../core/index.ts'

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
  if (promise instanceof Completion) return promise // a task or future: waits on it can be cut as they are
  return park<T>((wait) => {
    const queue = waiting.get(promise)
    if (queue === undefined) listen(promise, wait)
    else queue.add(wait)
  })
}

/**
 * Who waits on which promise. One reaction for all of them: a promise keeps its reactions until it settles, and one
 * for each wait that was cut would fill the memory behind a promise that lives as long as the program.
 */
const waiting = new WeakMap<PromiseLike<unknown>, WaitQueue<any>>()

function listen(promise: PromiseLike<unknown>, first: Wait<any>): void {
  const queue = new WaitQueue<any>()
  queue.add(first)
  const settled = (tell: () => void) => {
    waiting.delete(promise)
    tell()
  }
  // Outside of every scope: what stands behind a thenable of ours must not be cut with the first of many who wait.
  callIn(undefined, () =>
    promise.then(
      (value) => settled(() => queue.wakeAll(value)),
      (error: unknown) => settled(() => queue.failAll(error)),
    ),
  )
  if (queue.length > 0) waiting.set(promise, queue)
}
