import type { Fit } from './cost-model.ts'
import { type Configuration, nameOf, pick } from './recommend.ts'
import { sayCount, sayTime } from './wording.ts'

/** How long a call has to be before leaving the sequence pays. */
export interface BreakEven {
  /** Milliseconds a call; `null` if sequence always or never wins. */
  readonly ms: number | null
  readonly sentence: string
}

/** Calls are imagined from a tenth of a microsecond to an hour long. */
const SHORTEST_MS = 1e-4
const LONGEST_MS = 3.6e6
const STEPS = 96

/**
 * Finds the length of a call below which the recommendation is "in sequence".
 *
 * The calls are imagined shorter and longer with the same share of computing and waiting, while start-up
 * and the handing over of a call cost what they cost; the answer changes where {@link pick} changes its
 * mind, so the break-even and the recommendation cannot contradict each other.
 */
export function breakEven(fit: Fit, configurations: readonly Configuration[], count: number): BreakEven {
  const winnerAt = (scale: number) =>
    pick(configurations, (one) => fit.predict(one.model, one.workers, count, scale))
  const leaves = (scale: number) => winnerAt(scale)?.model !== 'sync'
  const now = Math.max(fit.cost.wallMs, 1e-6)
  const scales = Array.from(
    { length: STEPS + 1 },
    (_, step) => (SHORTEST_MS * (LONGEST_MS / SHORTEST_MS) ** (step / STEPS)) / now,
  )
  const calls = sayCount(count, 'call')

  const first = scales.findIndex(leaves)
  if (first === -1)
    return { ms: null, sentence: `However long a call is, staying in sequence is best for ${calls}.` }
  if (first === 0) {
    return { ms: null, sentence: `However short a call is, use ${nameOf(winnerAt(scales[0]!)!)}.` }
  }
  let [low, high] = [scales[first - 1]!, scales[first]!]
  while (high / low > 1.001) {
    const middle = Math.sqrt(low * high)
    if (leaves(middle)) high = middle
    else low = middle
  }
  const ms = now * high
  return {
    ms,
    sentence: `Below ${sayTime(ms)} a call, stay in sequence; above it, use ${nameOf(winnerAt(high)!)} for ${calls}.`,
  }
}
