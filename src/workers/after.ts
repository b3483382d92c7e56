/** Longest delay a timer of the platform takes; it would fire at once for more. */
const LONGEST_MS = 2 ** 31 - 1

/** Calls `fn` after `ms` milliseconds; never if that is beyond what timers can do (24 days). */
export function after(ms: number, fn: () => void): NodeJS.Timeout | undefined {
  return ms > LONGEST_MS ? undefined : setTimeout(fn, ms)
}
