import { CancelledError, Completion } from '../core/index.ts'
import type { JobListener } from '../workers/index.ts'

let listen: <T>(future: Future<T>) => JobListener

/**
 * The result of work that was submitted to an executor, there or on its way.
 *
 * Await it (`await future`, `yield* future`) for the result; many may await the same one, at any time.
 *
 * **Cancellation** `cancel()` removes work that waits, at once. Work that runs is asked to end: its `signal()` and
 * `checkCancelled()` fire, and after `cancelGrace` its worker is ended. The future is cancelled when that has
 * happened; work that returns all the same gives its result. Whoever awaits the future and is cancelled only stops
 * waiting; the task that submitted it, when cancelled, cancels the future too.
 * **Failure** the error of the work, with the stack of both sides. An error nobody looks at is reported.
 *
 * Python: `concurrent.futures.Future`.
 */
export class Future<T> extends Completion<T> {
  readonly #cancel: (reason: unknown) => boolean
  readonly #submittedAt: { readonly stack?: string }

  /** @internal */
  constructor(
    name: string | undefined,
    submittedAt: { readonly stack?: string },
    cancel: (reason: unknown) => boolean,
  ) {
    super(name)
    this.#submittedAt = submittedAt
    this.#cancel = cancel
  }

  /**
   * Asks the work to end.
   * @param reason found in `error.reason`; the first one stays
   * @returns false if it has ended already
   */
  cancel(reason?: unknown): boolean {
    return this.#cancel(reason)
  }

  protected get kind(): string {
    return 'Future'
  }

  protected override get place(): string | undefined {
    return this.#submittedAt.stack?.replace(/^.*\n/, '')
  }

  static {
    listen = (future) => ({
      started: () => future.toRunning(),
      succeeded: (value) => future.toDone(value as never),
      failed: (error) => future.toFailed(error),
      cancelled: (reason) => future.toCancelled(new CancelledError(reason, future)),
    })
  }
}

/** The way to move a future: for the executor that owns it. */
export function listenerOf<T>(future: Future<T>): JobListener {
  return listen(future)
}
