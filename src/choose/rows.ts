// From samples to rows: which round of each configuration is shown, and what the model says of it.

import { type Fit, fit, type Measurement, median, type Sample } from './cost-model.ts'
import type { Plan } from './plan.ts'
import { MODELS } from './recommend.ts'
import type { Row, RowProblem } from './result.ts'
import type { Slice } from './slice.ts'

/** One configuration, what was measured of it and what went wrong. */
export interface MeasuredPlan {
  readonly plan: Plan
  startupMs: number
  /** Of that, what other programs took. */
  stolenMs: number
  handoverMs: number
  /** Mean bytes of arguments and results of a call. */
  bytesIn: number
  bytesOut: number
  readonly slices: { readonly round: number; readonly slice: Slice }[]
  /** Why the configuration could not be measured (to its end). */
  problem?: RowProblem
}

/** A configuration may fail so much more often than the best before it is out of the question. */
const MORE_FAILURES = 0.05

function failureRate({ slices }: MeasuredPlan): number {
  const calls = slices.reduce((sum, { slice }) => sum + slice.calls, 0)
  return calls === 0 ? 1 : slices.reduce((sum, { slice }) => sum + slice.failed, 0) / calls
}

/** True if the configuration ran to its end and not every call failed. */
export function works(row: MeasuredPlan): boolean {
  return row.problem === undefined && failureRate(row) < 1
}

/** The configurations that work and do not fail more often than others. */
export function eligible(rows: readonly MeasuredPlan[]): MeasuredPlan[] {
  const working = rows.filter(works)
  const least = Math.min(...working.map(failureRate))
  return working.filter((row) => failureRate(row) <= least + MORE_FAILURES)
}

/** What the model is to know of a sample: what it would have been on a machine that does nothing else. */
export function sampleOf(round: number, slice: Slice): Sample {
  const wallMs = Math.max(slice.wallMs - slice.stolenMs, slice.wallMs / 100)
  return {
    round,
    calls: slice.calls,
    wallMs,
    blockedMs: slice.heldMs,
    computeMs: slice.cpuMs,
    longestMs: (slice.longestMs * wallMs) / slice.wallMs,
  }
}

/** Which part of the time of all samples other programs took. */
export function stolenShare(rows: readonly MeasuredPlan[]): number {
  const slices = rows.flatMap((row) => row.slices.map(({ slice }) => slice))
  const wallMs = slices.reduce((sum, slice) => sum + slice.wallMs, 0)
  return wallMs === 0 ? 0 : slices.reduce((sum, slice) => sum + slice.stolenMs, 0) / wallMs
}

/** Fits the cost model to the rows that work. */
export function fitRows(rows: readonly MeasuredPlan[], cores: number): Fit {
  const working = rows.filter(works)
  const measurements = working.map(
    (row): Measurement => ({
      model: row.plan.model,
      workers: row.plan.workers,
      startupMs: row.startupMs - row.stolenMs,
      handoverMs: row.handoverMs,
      samples: row.slices.map(({ round, slice }) => sampleOf(round, slice)),
    }),
  )
  if (working.some(({ plan }) => plan.model === 'sync')) return fit(measurements, cores)
  return fit(measurements, cores, costOfSpans(working))
}

/** Without a sample in sequence: a call costs what it took where the fewest ran at a time. */
function costOfSpans(rows: readonly MeasuredPlan[]) {
  const calm = [...rows].sort((a, b) => lanesOf(a) - lanesOf(b))[0]!
  const spans = calm.slices.flatMap(({ slice }) => slice.lanes.flatMap((lane) => lane.spans))
  const computing = spans.flatMap((span) => span.segments.filter(({ kind }) => kind === 'computing'))
  const mean = (lengths: readonly { start: number; end: number }[]) =>
    lengths.reduce((sum, { start, end }) => sum + end - start, 0) / Math.max(1, spans.length)
  const computeMs = mean(computing)
  return {
    wallMs: mean(spans),
    blockMs: computeMs,
    computeMs,
    longestMs: Math.max(0, ...calm.slices.map(({ slice }) => slice.longestMs)),
  }
}

function lanesOf({ slices }: MeasuredPlan): number {
  return Math.max(1, ...slices.map(({ slice }) => slice.lanes.length))
}

/** The row to show: the round whose time stands in the middle, held against the model. */
export function rowOf(row: MeasuredPlan, fitted: Fit, count: number): Row {
  const { plan, slices } = row
  const { model, workers, label } = plan
  const samples = slices.map(({ round, slice }) => {
    const sample = sampleOf(round, slice)
    const modelledMs = fitted.modelled(model, workers, sample)
    const measure = model === 'sync' ? slice.calls : modelledMs
    return { slice, modelledMs: modelledMs + slice.stolenMs, ratio: sample.wallMs / Math.max(1e-9, measure) }
  })
  const middle = median(samples.map(({ ratio }) => ratio))
  const shown = samples.sort((a, b) => Math.abs(a.ratio - middle) - Math.abs(b.ratio - middle))[0]
  const problem = row.problem ?? (shown === undefined ? undefined : summaryOf(shown.slice))
  const base = { model, label, workers, ...(problem === undefined ? {} : { problem }) }
  if (shown === undefined || row.problem !== undefined) return { ...base, ok: false, ...NOTHING }
  const { slice } = shown
  return {
    ...base,
    ok: works(row),
    calls: slice.calls,
    failed: slice.failed,
    wallMs: slice.wallMs,
    cpuMs: slice.cpuMs,
    loopBlockedMs: slice.blockedMs,
    bytesIn: Math.round(row.bytesIn * slice.calls),
    bytesOut: Math.round(row.bytesOut * slice.calls),
    startupMs: row.startupMs,
    memoryBytes: slice.memoryBytes,
    predictedSampleMs: works(row) ? shown.modelledMs : 0,
    predictedMs: works(row) ? fitted.predict(model, workers, count) : 0,
    lanes: slice.lanes,
  }
}

const NOTHING = {
  calls: 0,
  failed: 0,
  wallMs: 0,
  cpuMs: 0,
  loopBlockedMs: 0,
  bytesIn: 0,
  bytesOut: 0,
  startupMs: 0,
  memoryBytes: 0,
  predictedSampleMs: 0,
  predictedMs: 0,
  lanes: [],
}

/** What to say of calls that failed while others went on. */
function summaryOf({ calls, failed, problem }: Slice): RowProblem | undefined {
  if (problem === undefined) return undefined
  const many =
    failed < calls
      ? `${failed} of ${calls} calls failed`
      : calls === 1
        ? 'the call failed'
        : `all ${calls} calls failed`
  return { ...problem, message: `${many}: ${problem.message}` }
}

/** From the simplest model and the fewest workers to the heaviest. */
export function inOrder(rows: readonly MeasuredPlan[]): MeasuredPlan[] {
  const rank = ({ plan }: MeasuredPlan) => MODELS.indexOf(plan.model)
  const workers = ({ plan }: MeasuredPlan) => plan.workers ?? Infinity
  return [...rows].sort((a, b) => rank(a) - rank(b) || (workers(a) < workers(b) ? -1 : 1))
}
