import type { Lane, RowProblem, Segment, Span } from './result.ts'
import type { Stretch } from './trace.ts'

/** Of longer samples only the first calls are kept for the timeline; all of them are counted. */
export const MOST_SPANS = 2_000

/** One call that ended. Milliseconds on the clock of `now`. */
export interface EndedCall {
  readonly lane: string
  readonly call: number
  readonly start: number
  readonly end: number
  /** When it computed, if that was traced; `'all'` if it returned without waiting. */
  readonly computing: readonly Stretch[] | 'all' | undefined
  readonly problem?: RowProblem | undefined
}

/** Collects the calls of one sample into lanes. */
export class Spans {
  failed = 0
  longestMs = 0
  firstProblem: RowProblem | undefined
  readonly #kept: EndedCall[] = []
  #totalMs = 0

  add(ended: EndedCall): void {
    const length = ended.end - ended.start
    this.#totalMs += length
    if (length > this.longestMs) this.longestMs = length
    if (ended.problem !== undefined) {
      this.failed++
      this.firstProblem ??= ended.problem
    }
    if (this.#kept.length < MOST_SPANS) this.#kept.push(ended)
  }

  /**
   * The lanes, with times counted from `origin`.
   *
   * @param busyMs time that all calls together held a thread: shared out evenly where calls were not traced
   * @param computingShare which part of the time that a call holds its thread it computes
   */
  lanes(origin: number, busyMs: number, computingShare: number): Lane[] {
    const evenShare = this.#totalMs > 0 ? Math.min(1, busyMs / this.#totalMs) : 1
    const lanes = new Map<string, Span[]>()
    for (const ended of this.#kept) {
      const spans = lanes.get(ended.lane) ?? []
      if (spans.length === 0) lanes.set(ended.lane, spans)
      const { start, end, computing } = ended
      const stretches: readonly Stretch[] =
        computing === 'all' ? [[start, end]] : (computing ?? [[start, start + (end - start) * evenShare]])
      spans.push({
        call: ended.call,
        start: start - origin,
        end: end - origin,
        segments: segmentsOf(stretches, start, end, origin, computingShare),
        ...(ended.problem === undefined ? {} : { error: `${ended.problem.name}: ${ended.problem.message}` }),
      })
    }
    for (const spans of lanes.values()) spans.sort((a, b) => a.start - b.start)
    return [...lanes].map(([name, spans]) => ({ name, spans })).sort(byNumber)
  }
}

/** Turns the stretches in which a call held its thread into segments that fill the call from end to end. */
export function segmentsOf(
  held: readonly Stretch[],
  start: number,
  end: number,
  origin: number,
  computingShare: number,
): Segment[] {
  const segments: Segment[] = []
  const add = (kind: Segment['kind'], from: number, to: number) => {
    if (to > from) segments.push({ kind, start: from - origin, end: to - origin })
  }
  let at = start
  for (const [from, to] of held) {
    add('waiting', at, from)
    const computed = from + (to - from) * computingShare
    add('computing', from, computed)
    add('waiting', computed, to)
    at = Math.max(at, to)
  }
  add('waiting', at, end)
  return segments
}

function byNumber(a: Lane, b: Lane): number {
  return a.name.localeCompare(b.name, 'en', { numeric: true })
}
