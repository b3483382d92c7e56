// WHAT    Which configurations to measure, and with how many calls. Pure functions.
// RULES
//   1. A sample takes about a seventh of the budget, whatever a call costs, but every lane gets at least one call where
//      lanes can help; a round of a slow function may therefore take as long as one call.
//   2. Samples are repeated in rounds only as long as they fit into the budget: a slow call needs no median.
//   3. Every configuration of a round starts at the same argument list, so that they do the same work.

import { type CallCost, formula } from './cost-model.ts'
import { type Configuration, labelOf } from './recommend.ts'
import type { Model } from './result.ts'

/** One configuration to measure. */
export interface Plan extends Configuration {
  readonly label: string
  /** Calls in one round. */
  readonly calls: number
  readonly rounds: number
  /** Calls made before the first round, not counted. */
  readonly warmup: number
  /** Whether calls are long enough to record which part of each computed and which waited. */
  readonly traced: boolean
}

/** So many samples at most, tiny ones more: the median of few would follow every burst of the machine. */
const ROUNDS = 7
const TINY_ROUNDS = 15
const TINY = 0.03
/** A call longer than this needs no warm-up. */
export const SLOW_CALL_MS = 1_000
/** Calls at least this long are traced: the hooks cost a few microseconds a call. */
const TRACED_MS = 1
/** Every worker compiles for itself. */
const WARMUP_MS = 100
const LIMIT = 8
const MOST_CALLS: Readonly<Record<Model, number>> = {
  sync: 50_000,
  'event-loop': 5_000,
  threads: 5_000,
  processes: 5_000,
}
/** What a call may cost to hand over, for the size of the sample only. Milliseconds. */
const HANDOVER_MS: Readonly<Record<Model, number>> = {
  sync: 0,
  'event-loop': 0.005,
  threads: 0.05,
  processes: 0.1,
}

/** What the plan depends on. */
export interface Job {
  readonly count: number
  readonly cores: number
  /** Worker counts asked for; all cores if none were. */
  readonly workers: readonly number[]
  /** How long to sample one configuration, in milliseconds. */
  readonly budgetMs: number
}

/** What to measure at first: each model, the event loop with and without a limit. */
export function planRows(job: Job, cost: CallCost): Plan[] {
  const configurations: Configuration[] = [{ model: 'sync', workers: null }]
  if (job.count > 2)
    configurations.push({ model: 'event-loop', workers: Math.min(LIMIT, Math.ceil(job.count / 2)) })
  configurations.push({ model: 'event-loop', workers: null })
  const counts = new Set(
    (job.workers.length === 0 ? [job.cores] : job.workers).map((one) => Math.min(one, job.count)),
  )
  for (const model of ['threads', 'processes'] as const)
    for (const workers of [...counts].sort((a, b) => a - b)) configurations.push({ model, workers })
  return configurations.map((configuration) => planRow(configuration, job, cost))
}

/** What to measure when nothing is known of a call, since it did not come back in sequence. */
export function planProbes(job: Job): Plan[] {
  const workers = Math.min(job.count, ...(job.workers.length === 0 ? [job.cores] : job.workers))
  const probe = (model: Model, limit: number | null): Plan => ({
    model,
    workers: limit,
    label: labelOf(model, limit),
    calls: Math.min(job.count, limit ?? 2),
    rounds: 1,
    warmup: 0,
    traced: true,
  })
  return [probe('event-loop', null), probe('threads', workers), probe('processes', workers)]
}

/** How many calls to sample for one configuration, and how often. */
export function planRow(configuration: Configuration, job: Job, cost: CallCost): Plan {
  const { model, workers } = configuration
  const time = (calls: number) =>
    formula(
      model,
      workers,
      calls,
      cost,
      { hand: HANDOVER_MS[model], host: HANDOVER_MS[model] / 5, narrow: 0 },
      job.cores,
    )
  const sliceMs = job.budgetMs / ROUNDS
  const most = Math.min(job.count, MOST_CALLS[model])
  let calls = Math.min(most, fewest(configuration, cost))
  while (calls < most && time(Math.min(most, calls * 2)) <= sliceMs) calls = Math.min(most, calls * 2)
  if (calls < most && time(calls) < sliceMs / 2) calls = Math.min(most, Math.round(calls * 1.5))
  const lanes = workers ?? 1
  const threads = model === 'event-loop' ? 1 : lanes
  if (calls > lanes && calls < job.count) calls -= calls % lanes
  return {
    model,
    workers,
    label: labelOf(model, workers),
    calls,
    rounds: roundsFor(time(calls) / job.budgetMs),
    warmup:
      cost.wallMs > SLOW_CALL_MS
        ? 0
        : Math.min(MOST_CALLS[model], threads * Math.ceil(WARMUP_MS / cost.wallMs)),
    traced: cost.wallMs >= TRACED_MS,
  }
}

/** As many as the budget holds, `share` being what one takes of it. */
function roundsFor(share: number): number {
  if (share < TINY) return TINY_ROUNDS
  return Math.max(1, Math.min(ROUNDS, Math.round(1 / share)))
}

/** Enough to fill the lanes, where lanes can help; two calls tell of a loop that is held as much as eight. */
function fewest({ model, workers }: Configuration, cost: CallCost): number {
  if (model === 'sync') return 1
  if (model === 'event-loop') {
    const held = cost.blockMs > cost.wallMs / 2
    if (held) return cost.wallMs > SLOW_CALL_MS ? 1 : 2
    return 2 * (workers ?? LIMIT)
  }
  return cost.wallMs > SLOW_CALL_MS ? (workers ?? 1) : 2 * (workers ?? 1)
}

/**
 * Every configuration worth predicting: powers of two up to the cores and the counts that were measured;
 * beyond the cores only where a call waits, since waiting needs no core.
 */
export function configurationsFor(
  job: Job,
  cost: CallCost,
  measured: readonly Configuration[],
): Configuration[] {
  const waits = cost.computeMs < cost.wallMs / 2
  const result: Configuration[] = []
  for (const model of ['sync', 'event-loop', 'threads', 'processes'] as const) {
    const own = measured.filter((one) => one.model === model)
    if (own.length === 0) continue
    const most = Math.min(
      job.count,
      model === 'event-loop' ? 64 : waits && job.workers.length === 0 ? Math.max(32, job.cores) : job.cores,
    )
    const counts = new Set<number | null>(own.map((one) => one.workers))
    if (model !== 'sync')
      for (let workers = model === 'event-loop' ? 2 : 1; workers <= most; workers *= 2) {
        if (workers < job.count || model !== 'event-loop') counts.add(workers)
      }
    for (const workers of [...counts].sort((a, b) => (a ?? Infinity) - (b ?? Infinity)))
      result.push({ model, workers })
  }
  return result
}
