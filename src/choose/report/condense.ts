// WHAT   Makes a drawing of lanes whose size does not depend on the number of calls.
// RULES
//   1. Of too many lanes an even choice is shown, the first and the last among it, and the page says so.
//   2. As long as a row has few segments they are drawn exactly, to a tenth of a column. In a lane with so
//      few that it cannot mislead, computing is at least so wide that it can be seen beside waiting.
//   3. Otherwise time is divided into columns, and a column shows one kind. What a kind did not get in one
//      column it has a claim to in the next (error diffusion), so that the inked area of both kinds stays
//      true, however short the calls are. A majority per column would make a call that computes for a
//      tenth of its time look like one that only waits.
//   4. Calls that can be pointed at (marks) are single calls, or runs of neighbours of one lane where there
//      are too many.

import type { Lane, Segment, Span } from '../result.ts'

/** One call, or a run of neighbouring calls in one lane, that the reader can point at. */
export interface Mark {
  /** Index of the first call in it. */
  readonly call: number
  /** How many calls it stands for. */
  readonly calls: number
  readonly start: number
  readonly end: number
  readonly computing: number
  readonly waiting: number
  readonly failed: number
  /** What it did first and last; `undefined` if it was too short to tell. */
  readonly first: Segment['kind'] | undefined
  readonly last: Segment['kind'] | undefined
  /** Message of the first error in it. */
  readonly error?: string
}

/** A lane, ready to be drawn: SVG paths over `COLUMNS` units of width at the height `y`. */
export interface DrawnLane {
  readonly name: string
  readonly computing: string
  readonly waiting: string
  readonly marks: readonly Mark[]
}

/** Width of every drawing in user units. */
export const COLUMNS = 1_000

/** Shares out what one page may hold among its timelines. */
export interface Budget {
  readonly lanes: number
  readonly segments: number
  readonly marks: number
}

/** An even choice of at most `limit` lanes (rule 1). */
export function chooseLanes(lanes: readonly Lane[], limit: number): readonly Lane[] {
  if (lanes.length <= limit) return lanes
  return Array.from(
    { length: limit },
    (_, index) => lanes[Math.round((index * (lanes.length - 1)) / (limit - 1))]!,
  )
}

/**
 * Draws lanes, already chosen, of a row that lasted `end` milliseconds.
 *
 * @param y gives the height at which the lane with this index lies
 */
export function condense(
  lanes: readonly Lane[],
  end: number,
  y: (lane: number) => number,
  budget: Budget,
): DrawnLane[] {
  const calls = lanes.reduce((sum, lane) => sum + lane.spans.length, 0)
  const segments = lanes.reduce(
    (sum, lane) => sum + lane.spans.reduce((inLane, span) => inLane + span.segments.length, 0),
    0,
  )
  const draw = segments <= budget.segments ? exactly : inColumns
  const columns = Math.min(COLUMNS, Math.floor(budget.segments / Math.max(1, lanes.length)))
  const run = Math.ceil(calls / budget.marks)
  return lanes.map((lane, index) => ({
    name: lane.name,
    ...draw(lane.spans, end, y(index), columns),
    marks: marksOf(lane.spans, run),
  }))
}

/** Columns that computing takes at least, in a lane of at most so many calls (rule 2). */
const VISIBLE = 1.6
const FEW = 60

/** Rule 2. */
function exactly(spans: readonly Span[], end: number, y: number): { computing: string; waiting: string } {
  const paths = { computing: '', waiting: '' }
  const least = { computing: spans.length <= FEW ? VISIBLE : 0, waiting: 0 }
  for (const span of spans) {
    for (const { kind, start, end: until } of span.segments) {
      const to = Math.max(least[kind], round((until / end) * COLUMNS))
      paths[kind] += `M${round(Math.min((start / end) * COLUMNS, to - least[kind]))} ${y}H${to}`
    }
  }
  return paths
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** Rule 3. */
function inColumns(
  spans: readonly Span[],
  end: number,
  y: number,
  columns: number,
): { computing: string; waiting: string } {
  const share = { computing: new Float64Array(columns), waiting: new Float64Array(columns) }
  const width = end / columns
  for (const span of spans) {
    for (const { kind, start, end: until } of span.segments) {
      const last = Math.min(columns - 1, Math.floor(until / width))
      for (let column = Math.max(0, Math.floor(start / width)); column <= last; column++) {
        const part = Math.min(until, (column + 1) * width) - Math.max(start, column * width)
        if (part > 0) share[kind][column]! += part / width
      }
    }
  }
  const paths = { computing: '', waiting: '' }
  const claim = { computing: 0, waiting: 0 }
  const unit = COLUMNS / columns
  let open: 'computing' | 'waiting' | undefined
  let from = 0
  for (let column = 0; column <= columns; column++) {
    const busy = (share.computing[column] ?? 0) + (share.waiting[column] ?? 0) > 0
    claim.computing += share.computing[column] ?? 0
    claim.waiting += share.waiting[column] ?? 0
    const larger = claim.computing >= claim.waiting ? 'computing' : 'waiting'
    const kind = busy && claim[larger] >= 0.5 ? larger : undefined
    if (kind !== undefined) claim[kind] -= 1
    if (kind === open) continue
    if (open !== undefined) paths[open] += `M${round(from * unit)} ${y}H${round(column * unit)}`
    open = kind
    from = column
  }
  return paths
}

/** Rule 4. */
function marksOf(spans: readonly Span[], run: number): Mark[] {
  const marks: Mark[] = []
  for (let first = 0; first < spans.length; first += run) {
    const part = spans.slice(first, first + run)
    const time = { computing: 0, waiting: 0 }
    for (const span of part) {
      for (const segment of span.segments) time[segment.kind] += segment.end - segment.start
    }
    const failed = part.filter((span) => span.error !== undefined)
    const error = failed[0]?.error
    marks.push({
      call: part[0]!.call,
      calls: part.length,
      start: part[0]!.start,
      end: part.at(-1)!.end,
      ...time,
      failed: failed.length,
      first: part[0]!.segments[0]?.kind,
      last: part.at(-1)!.segments.at(-1)?.kind,
      ...(error === undefined ? {} : { error }),
    })
  }
  return marks
}
