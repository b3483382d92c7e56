import {
  type Awaitable,
  currentRunner,
  currentScope,
  mustYieldToLoop,
  Operation,
  park,
  ready,
} from '../core/index.ts'

/**
 * Gives everything that is ready one turn, and throws if the current scope is cancelled.
 *
 * For loops that compute in pieces: `await checkpoint()` every so often keeps the rest of the program going.
 *
 * **Cost** about that of `await` on a settled promise. Now and then it goes through Node's event loop, so that timers
 * and I/O get their share however often it is called.
 *
 * @throws {CancelledError} PLAIT_CANCELLED
 *
 * Trio: `checkpoint`.
 */
export function checkpoint(): Awaitable<void> {
  return turn(undefined)
}

const settled = Operation.resolve(undefined) as Operation<undefined>
let nextTurn: Operation<undefined> | undefined

/** One turn to the others, then `value`. */
export function turn<T>(value: T): Awaitable<T> {
  if (currentRunner() !== undefined) {
    return park<T>((wait) => ready({ run: () => wait.complete(value) }))
  }
  if (currentScope()?.cancelled) return park<T>(() => {})
  // A wait that need not be cut needs no record: one shared promise serves all, and costs no more than a bare `await`.
  const pass = mustYieldToLoop() ? loopTurn() : settled
  if (value === undefined) return pass as Awaitable<any>
  return park<T>((wait) => void pass.then(() => wait.complete(value)))
}

/** The same promise for everybody who has to wait for the next turn of Node's loop. */
function loopTurn(): Operation<undefined> {
  nextTurn ??= new Operation<undefined>((resolve) => {
    setImmediate(() => {
      nextTurn = undefined
      resolve(undefined)
    })
  })
  return nextTurn
}
