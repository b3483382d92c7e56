// WHAT       One turn to the others, in both notations, at the price of a bare `await` or `yield`.
// RULES
//   1. Async code gets a settled promise that all share: awaiting it puts the rest of the function behind everything
//      that is ready. Now and then it is the promise of Node's next turn (ready-queue.ts, rule 3).
//   2. A generator gets the one Turn, which its runner answers by queueing itself again.
//   3. In a cancelled scope it is a wait like any other, and is refused.

import { currentRunner, currentScope } from './context.ts'
import { type Awaitable, type Fiber, Operation, park, parkOn } from './park.ts'
import { mustYieldToLoop } from './ready-queue.ts'
import { TURN } from './runner.ts'

/** The Turn is its own iterator, without state: `next` tells the second call from the first by what it is given. */
class Turn implements Awaitable<void> {
  [Symbol.iterator](): Fiber<void> {
    return (currentScope()?.cancelled ? parkOn(() => {}) : this) as Fiber<void>
  }

  next(resumedWith: unknown): IteratorResult<typeof TURN, void> {
    return resumedWith === TURN ? { done: true, value: undefined } : { done: false, value: TURN }
  }

  throw(error: unknown): never {
    throw error
  }

  return(value: void): IteratorResult<typeof TURN, void> {
    return { done: true, value }
  }

  then<A = void, B = never>(
    onDone?: ((value: void) => A | PromiseLike<A>) | null,
    onFailed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return asyncTurn().then(onDone, onFailed)
  }
}

const theTurn = new Turn()
const settled = Operation.resolve() as Operation<void>
let loopTurn: Operation<void> | undefined

/** Gives everything that is ready one turn. Throws in a cancelled scope. */
export function turn(): Awaitable<void> {
  return currentRunner() === undefined ? asyncTurn() : theTurn
}

function asyncTurn(): Operation<void> {
  if (currentScope()?.cancelled) return park<void>(() => {}) as Operation<void>
  return mustYieldToLoop() ? nextLoopTurn() : settled
}

/** The same promise for everybody who has to wait for the next turn of Node's loop. */
function nextLoopTurn(): Operation<void> {
  loopTurn ??= new Operation<void>((resolve) => {
    setImmediate(() => {
      loopTurn = undefined
      resolve()
    })
  })
  return loopTurn
}
