import { type Awaitable, turn } from '../core/index.ts'

/**
 * Gives everything that is ready one turn, and throws if the current scope is cancelled.
 *
 * For loops that compute in pieces: `await checkpoint()` every so often keeps the rest of the program going.
 *
 * **Cost** one promise, or nothing in a generator. Now and then it goes through Node's event loop, so that timers
 * and I/O get their share however often it is called.
 *
 * @throws {CancelledError} PLAIT_CANCELLED
 *
 * Trio: `checkpoint`.
 */
export function checkpoint(): Awaitable<void> {
  return turn()
}
