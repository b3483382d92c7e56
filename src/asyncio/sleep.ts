import {
  type Awaitable,
  clearTimer,
  type Duration,
  operation,
  park,
  setTimer,
  time,
  toMilliseconds,
  turn,
} from '../core/index.ts'

/**
 * Waits for a length of time.
 *
 * With 0 or less it waits exactly one turn: everything that is ready now runs first.
 *
 * **Order** sleeps end in the order of their deadlines; equal deadlines in the order in which they began.
 * **Cancellation** the sleep ends at once with `CancelledError`, and its timer is gone.
 *
 * @param delay milliseconds, or `'50ms'`, `'1s'`, `'2m'`, `'1h'`
 * @param value what the sleep gives when it ends
 * @throws {TypeError | RangeError} PLAIT_INVALID_ARGUMENT for what is no duration
 * @throws {CancelledError} PLAIT_CANCELLED
 *
 * @example
 * await sleep('1s')
 *
 * Python: `asyncio.sleep`.
 */
export function sleep(delay: Duration): Awaitable<void>
export function sleep<T>(delay: Duration, value: T): Awaitable<T>
export function sleep<T>(delay: Duration, value?: T): Awaitable<T | undefined> {
  const length = toMilliseconds(delay, 'delay')
  if (length === 0) return value === undefined ? (turn() as Awaitable<any>) : turnWith(value)
  return park<T | undefined>((wait) => {
    const timer = setTimer(time() + length, () => wait.complete(value))
    wait.withdraw = () => clearTimer(timer)
  })
}

function turnWith<T>(value: T): Awaitable<T> {
  return operation(function* () {
    yield* turn()
    return value
  })
}
