// WHAT    The arithmetic of `choose`: from a few measured samples to the time of the whole job under every
//         model and worker count. Pure functions of numbers; nothing here measures.
//
// THE MODEL
//   A call takes `wallMs`, for `blockMs` of which it holds its thread, and it needs `computeMs` of some
//   processor (more than `blockMs` if helper threads compute, less if the thread itself sleeps).
//   n calls, k at a time, take
//     in sequence        n · wall
//     on the event loop  max( n · max(block + hand, narrow) + (wall − block),  ⌈n/k⌉ · (wall + hand) )
//     in k workers       start + max( n · max(host, narrow),  n · compute / min(k, cores),  ⌈n/k⌉ · (wall + hand) )
//   and never less than the longest single call. `hand` is what handing over one call costs, `host` what it
//   costs the main thread, `narrow` the share of whatever all calls have to pass one after another: a
//   server's bandwidth, the platform's own helper threads.
//
// RULES
//   1. Structure comes from the model, height from the measurement: a configuration that was measured is
//      predicted by its own sample, scaled by what the model says of the difference in size. Between
//      measured worker counts the ratio of measured to modelled is interpolated over log k.
//   2. Samples are taken in rounds, every configuration once a round. Ratios are formed within a round and
//      the median over rounds is used, so that a neighbour's burst of load, or a round of dearer arguments,
//      cancels out.
//   3. The fit is shown as it is: `predictedSampleMs` is the model without the ratio of rule 1.
//   4. The event loop has one thread: it cannot compute faster than the same thread does in sequence, whatever a
//      noisy sample says. What it can save is waiting.
//   4. What other programs took of the time, as far as the platform tells, is not in the samples: a burst of
//      theirs would hit a model with two threads otherwise than one with one.
// WHY NOT  a regression over all rows: with two worker counts per model it would fit whatever was measured
//          and could not be wrong where the reader can see it.

import type { Model } from './result.ts'

/** One sample of one configuration. */
export interface Sample {
  readonly round: number
  readonly calls: number
  readonly wallMs: number
  /** How long the main thread's loop was busy. */
  readonly blockedMs: number
  /** Processor time, of all threads and workers. */
  readonly computeMs: number
  /** The longest single call. */
  readonly longestMs: number
}

/** What was measured of one configuration. */
export interface Measurement {
  readonly model: Model
  readonly workers: number | null
  readonly startupMs: number
  /** What handing over one call that does nothing took. */
  readonly handoverMs: number
  readonly samples: readonly Sample[]
}

/** One call on its own, as it is in sequence. Milliseconds. */
export interface CallCost {
  readonly wallMs: number
  readonly blockMs: number
  readonly computeMs: number
  readonly longestMs: number
}

/** What one model adds to a call. Milliseconds per call. */
interface Overhead {
  readonly hand: number
  readonly host: number
  readonly narrow: number
}

type Overheads = Readonly<Record<Model, Overhead>>

const NO_OVERHEAD: Overhead = { hand: 0, host: 0, narrow: 0 }

/** The model, fitted. */
export interface Fit {
  readonly cost: CallCost
  readonly cores: number
  /** Time of n calls, start-up included. `scale` makes every call that many times as long (default 1). */
  predict(model: Model, workers: number | null, calls: number, scale?: number): number
  /** What the bare model says of one sample, without start-up (rule 3). */
  modelled(model: Model, workers: number | null, sample: Sample): number
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return 0
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Cost of a call: of the round that stands in the middle, among samples in sequence. */
export function costOf(samples: readonly Sample[]): CallCost {
  const sorted = [...samples].sort((a, b) => a.wallMs / a.calls - b.wallMs / b.calls)
  const sample = sorted[(sorted.length - 1) >> 1]
  if (sample === undefined) return { wallMs: 0, blockMs: 0, computeMs: 0, longestMs: 0 }
  const wallMs = sample.wallMs / sample.calls
  return {
    wallMs,
    blockMs: Math.min(wallMs, sample.blockedMs / sample.calls),
    computeMs: sample.computeMs / sample.calls,
    longestMs: sample.longestMs,
  }
}

/** The formula of WHAT's model, without start-up. `workers: null` is no limit. */
export function formula(
  model: Model,
  workers: number | null,
  calls: number,
  cost: CallCost,
  overhead: Overhead,
  cores: number,
): number {
  if (calls === 0) return 0
  const { wallMs, blockMs, computeMs } = cost
  if (model === 'sync') return calls * wallMs
  const lanes = Math.max(1, Math.min(workers ?? calls, calls))
  const inLanes = Math.ceil(calls / lanes) * (wallMs + overhead.hand)
  const wait = wallMs - blockMs
  const oneByOne =
    model === 'event-loop'
      ? calls * Math.max(blockMs + overhead.hand, overhead.narrow) + wait
      : calls * Math.max(overhead.host, overhead.narrow)
  const onCores = model === 'event-loop' ? 0 : (calls * computeMs) / Math.min(lanes, cores)
  return Math.max(inLanes, oneByOne, onCores, Math.min(cost.longestMs, calls * wallMs))
}

/**
 * Fits the model to measurements.
 *
 * @param cost of one call where nothing could be measured in sequence
 */
export function fit(measurements: readonly Measurement[], cores: number, cost?: CallCost): Fit {
  const sequence = measurements.find((one) => one.model === 'sync')?.samples ?? []
  const mean = cost ?? costOf(sequence)
  const costIn = (round: number): CallCost => {
    const same = cost === undefined ? sequence.filter((sample) => sample.round === round) : []
    return same.length === 0 ? mean : costOf(same)
  }
  const overheads = fitOverheads(measurements, costIn)
  const modelled = (model: Model, workers: number | null, sample: Sample): number =>
    formula(model, workers, sample.calls, costIn(sample.round), overheads[model], cores)
  const ratios = measurements.map((one) => ({
    ...one,
    ratio:
      one.model === 'sync'
        ? 1
        : median(
            one.samples.map(
              (sample) => sample.wallMs / Math.max(1e-9, modelled(one.model, one.workers, sample)),
            ),
          ),
  }))

  return {
    cost: mean,
    cores,
    modelled,
    predict(model, workers, calls, scale = 1) {
      const overhead = { ...overheads[model], narrow: overheads[model].narrow * scale }
      const own = ratios.filter((one) => one.model === model && one.samples.length > 0)
      const order = (count: number | null) => Math.log2(count ?? 1e6)
      const ratio = interpolate(
        own.map((one) => [order(one.workers), one.ratio]),
        order(workers),
      )
      const inWorkers = model === 'threads' || model === 'processes'
      const startup = inWorkers ? startupFor(workers ?? calls, own, cores) : 0
      const scaled = scaleCost(mean, scale)
      const ms = startup + (ratio ?? 1) * formula(model, workers, calls, scaled, overhead, cores)
      // Rule 4.
      return model === 'event-loop' ? Math.max(ms, calls * scaled.blockMs) : ms
    },
  }
}

function scaleCost(cost: CallCost, scale: number): CallCost {
  return {
    wallMs: cost.wallMs * scale,
    blockMs: cost.blockMs * scale,
    computeMs: cost.computeMs * scale,
    longestMs: cost.longestMs * scale,
  }
}

function fitOverheads(measurements: readonly Measurement[], costIn: (round: number) => CallCost): Overheads {
  const measured = measurements.filter((one) => one.samples.length > 0)
  const of = (model: Model) => measured.filter((one) => one.model === model)
  const hand = (model: Model) => median(of(model).map((one) => one.handoverMs))
  const host = (model: Model) =>
    median(of(model).flatMap((one) => one.samples.map((sample) => sample.blockedMs / sample.calls)))
  // No limit shows best what all calls have to pass one after another.
  const loop = widest(of('event-loop'))?.samples ?? []
  const narrow = median(
    loop.map((sample) => {
      const { wallMs, blockMs } = costIn(sample.round)
      return Math.max(0, sample.wallMs - (wallMs - blockMs)) / sample.calls
    }),
  )
  // Of that, what is not the loop's own work narrows threads and processes just as much.
  const onLoop = median(loop.map((sample) => sample.blockedMs / sample.calls))
  const outside = narrow > 1.5 * onLoop ? narrow : 0
  return {
    sync: NO_OVERHEAD,
    'event-loop': { hand: hand('event-loop'), host: 0, narrow },
    threads: { hand: hand('threads'), host: host('threads'), narrow: outside },
    processes: { hand: hand('processes'), host: host('processes'), narrow: outside },
  }
}

function widest(measurements: readonly Measurement[]): Measurement | undefined {
  return measurements.reduce<Measurement | undefined>(
    (best, one) =>
      best === undefined || (one.workers ?? Infinity) > (best.workers ?? Infinity) ? one : best,
    undefined,
  )
}

/** Straight lines between the points, over log k; beyond them the nearest value. */
function interpolate(points: readonly (readonly [x: number, y: number])[], x: number): number | undefined {
  const sorted = [...points].sort((a, b) => a[0] - b[0])
  const upper = sorted.findIndex((point) => point[0] >= x)
  if (upper === -1) return sorted.at(-1)?.[1]
  const b = sorted[upper]!
  const a = sorted[upper - 1]
  if (a === undefined || b[0] === x) return b[1]
  return a[1] + ((b[1] - a[1]) * (x - a[0])) / (b[0] - a[0])
}

/** Workers start side by side as far as there are cores. */
function startupFor(workers: number, points: readonly Measurement[], cores: number): number {
  const turns = (count: number) => Math.max(1, count / cores)
  const nearest = points.reduce<Measurement | undefined>((best, one) => {
    const off = (measurement: Measurement) => Math.abs(Math.log((measurement.workers ?? 1) / workers))
    return best === undefined || off(one) < off(best) ? one : best
  }, undefined)
  return nearest === undefined ? 0 : (nearest.startupMs * turns(workers)) / turns(nearest.workers ?? 1)
}
