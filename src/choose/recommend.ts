import type { Fit } from './cost-model.ts'
import type { Model, Prediction } from './result.ts'

/** From the simplest to the heaviest. */
export const MODELS: readonly Model[] = ['sync', 'event-loop', 'threads', 'processes']

/** A model and how many calls it runs at a time; `null` for no limit. */
export interface Configuration {
  readonly model: Model
  readonly workers: number | null
}

/** A simpler model may be this much slower than the fastest and is still preferred. */
const SIMPLER_MAY_COST = 1.1
/** Fewer workers may be this much slower than the fastest count of the same model. */
const FEWER_MAY_COST = 1.05

/**
 * Picks the configuration to recommend: the simplest model that is within 10 % of the fastest, and of that
 * model the fewest workers within 5 % of its own best.
 *
 * @returns undefined if there is nothing to pick from
 */
export function pick<T extends Configuration>(
  candidates: readonly T[],
  time: (candidate: T) => number,
): T | undefined {
  const timed = candidates.map((candidate) => ({ candidate, ms: time(candidate) }))
  const fastest = Math.min(...timed.map((one) => one.ms))
  for (const model of MODELS) {
    const own = timed.filter((one) => one.candidate.model === model)
    const best = Math.min(...own.map((one) => one.ms))
    if (own.length === 0 || best > fastest * SIMPLER_MAY_COST) continue
    const enough = own.filter(
      (one) => one.ms <= Math.min(best * FEWER_MAY_COST, fastest * SIMPLER_MAY_COST) || one.ms === best,
    )
    return enough.reduce((a, b) =>
      (b.candidate.workers ?? Infinity) < (a.candidate.workers ?? Infinity) ? b : a,
    ).candidate
  }
  return undefined
}

/** Predicted times of the whole job for every configuration, in the order given. */
export function predictAll(fit: Fit, configurations: readonly Configuration[], count: number): Prediction[] {
  return configurations.map(({ model, workers }) => ({
    model,
    workers,
    label: labelOf(model, workers),
    predictedMs: fit.predict(model, workers, count),
  }))
}

/** Such as `in sequence`, `event loop, 8 at a time`, `event loop, no limit`, `2 threads`, `1 process`. */
export function labelOf(model: Model, workers: number | null): string {
  if (model === 'sync') return 'in sequence'
  if (model === 'event-loop')
    return workers === null ? 'event loop, no limit' : `event loop, ${workers} at a time`
  return workers === 1
    ? `1 ${model === 'threads' ? 'thread' : 'process'}`
    : `${workers ?? 'unlimited'} ${model}`
}

/** As {@link labelOf}, to follow "use" in a sentence. */
export function nameOf({ model, workers }: Configuration): string {
  if (model === 'sync') return 'no executor'
  if (model === 'event-loop')
    return workers === null ? 'the event loop without a limit' : `the event loop, ${workers} calls at a time`
  return labelOf(model, workers)
}
