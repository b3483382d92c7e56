import type { CallCost, Fit } from './cost-model.ts'
import { type Configuration, nameOf } from './recommend.ts'
import type { CostModel, Prediction } from './result.ts'
import { sayCount, sayTime, sayTimes } from './wording.ts'

/** From this share of a call on it computes, up to the other it waits; in between both matter. */
const MOSTLY_COMPUTES = 0.8
const MOSTLY_WAITS = 0.2

/** What the work is, by processor time against time on the clock. */
export function kindOf(cost: CallCost): CostModel['kind'] {
  const share = cost.wallMs > 0 ? cost.computeMs / cost.wallMs : 1
  return share >= MOSTLY_COMPUTES ? 'CPU-bound' : share <= MOSTLY_WAITS ? 'I/O-bound' : 'mixed'
}

/** The recommendation as one plain sentence with its numbers. */
export function reasonOf(
  best: Configuration,
  predictions: readonly Prediction[],
  fit: Fit,
  count: number,
): string {
  const time = (model: Configuration['model'], workers?: number | null) =>
    Math.min(
      ...predictions
        .filter((one) => one.model === model && (workers === undefined || one.workers === workers))
        .map((one) => one.predictedMs),
    )
  const mine = time(best.model, best.workers)
  const sequence = time('sync')
  const job = sayCount(count, 'call')
  const nature = natureOf(fit.cost)

  if (best.model === 'sync') {
    const rivals = predictions.filter((one) => one.model !== 'sync')
    const rival = rivals.reduce<Prediction | undefined>(
      (a, b) => (a === undefined || b.predictedMs < a.predictedMs ? b : a),
      undefined,
    )
    if (rival === undefined) return `Stay in sequence: ${nature}, and nothing else could run it.`
    return `Stay in sequence: ${nature}, so ${job} ${takes(count)} ${sayTime(mine)}, and the best of the others, ${rival.label}, would need ${sayTime(rival.predictedMs)}.`
  }
  const gain = Number.isFinite(sequence)
    ? ` instead of ${sayTime(sequence)} in sequence${sequence / mine >= 1.15 ? ` (${sayTimes(sequence / mine)} faster)` : ''}`
    : ''
  return `Use ${nameOf(best)}: ${nature}${whyOf(best, fit)}, so ${job} ${takes(count)} ${sayTime(mine)}${gain}.`
}

function takes(count: number): string {
  return count === 1 ? 'takes' : 'take'
}

function natureOf(cost: CallCost): string {
  const wall = sayTime(cost.wallMs)
  const computing = sayTime(Math.min(cost.computeMs, cost.wallMs))
  const waiting = sayTime(Math.max(0, cost.wallMs - cost.computeMs))
  switch (kindOf(cost)) {
    case 'CPU-bound':
      return `a call takes ${wall} and computes ${cost.computeMs / cost.wallMs >= 0.95 ? 'all' : 'nearly all'} that time`
    case 'I/O-bound':
      return `a call takes ${wall}, of which it waits ${waiting} and computes ${computing}`
    case 'mixed':
      return `a call waits ${waiting} and computes ${computing}`
  }
}

function whyOf({ model }: Configuration, fit: Fit): string {
  const { wallMs, blockMs, computeMs } = fit.cost
  if (model === 'event-loop') {
    return blockMs > wallMs / 2 ? '' : computeMs > wallMs / 2 ? ' outside the main thread' : ''
  }
  if (computeMs < wallMs / 2 && blockMs > wallMs / 2) return ', holding its thread while it waits'
  return ` and there ${fit.cores === 1 ? 'is 1 core' : `are ${fit.cores} cores`}`
}
