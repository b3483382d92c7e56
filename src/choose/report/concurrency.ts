import type { Lane } from '../result.ts'

/** What several lanes did at the same time. */
export interface Concurrency {
  /** Most calls in progress at once. */
  readonly inProgress: number
  /** Most lanes computing at once. */
  readonly computing: number
  /** Mean number of lanes computing, in each of `columns` equal parts of the time. */
  readonly profile: readonly number[]
}

/** Overlaps that last less, in all, than this part of the time are errors of measuring. */
const NOISE = 0.005

/**
 * Counts how many calls were in progress and how many lanes were computing at once: the difference
 * between concurrency and parallelism in two numbers.
 *
 * @param end of the time looked at, in milliseconds from its begin at 0
 * @param columns into how many parts the profile divides the time
 * @param threads that ran the lanes: one thread computes one thing at a time, even if it is put down to two
 *   calls because the code of one ran inside the other's
 */
export function concurrencyOf(
  lanes: readonly Lane[],
  end: number,
  columns: number,
  threads = Infinity,
): Concurrency {
  const spans = lanes.flatMap((lane) => lane.spans)
  const computing = spans.flatMap((span) => span.segments.filter((segment) => segment.kind === 'computing'))
  const profile = new Array<number>(columns).fill(0)
  const width = end / columns
  for (const { start, end: until } of computing) {
    const last = Math.min(columns - 1, Math.floor(until / width))
    for (let column = Math.max(0, Math.floor(start / width)); column <= last; column++) {
      const part = Math.min(until, (column + 1) * width) - Math.max(start, column * width)
      if (part > 0) profile[column]! += part / width
    }
  }
  return {
    inProgress: peak(spans, 0),
    computing: Math.min(threads, peak(computing, end * NOISE)),
    profile: profile.map((value) => Math.min(threads, value)),
  }
}

interface Stretch {
  readonly start: number
  readonly end: number
}

/** The highest number of stretches that overlap for more than `noise` milliseconds in all. */
function peak(stretches: readonly Stretch[], noise: number): number {
  const long = stretches.filter((stretch) => stretch.end > stretch.start)
  const starts = Float64Array.from(long, (stretch) => stretch.start).sort()
  const ends = Float64Array.from(long, (stretch) => stretch.end).sort()
  const timeAt: number[] = []
  let open = 0
  let ended = 0
  let now = 0
  for (const start of starts) {
    while (ends[ended]! <= start) pass(ends[ended++]!, -1)
    pass(start, 1)
  }
  while (ended < ends.length) pass(ends[ended++]!, -1)

  function pass(time: number, change: number): void {
    timeAt[open] = (timeAt[open] ?? 0) + Math.max(0, time - now)
    now = time
    open += change
  }

  let above = 0
  for (let level = timeAt.length - 1; level > 0; level--) {
    above += timeAt[level] ?? 0
    if (above > noise) return level
  }
  return stretches.length > 0 ? 1 : 0
}
