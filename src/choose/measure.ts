// WHAT   Looks at one call, plans what to measure, takes turns measuring it, fits the cost model, and
//        measures what it is about to recommend if it has not yet.
// RULES
//   1. Configurations take turns, round by round and back and forth, so that a disturbance of the machine
//      hits all of them.
//   2. What is recommended has been measured.
//   3. A configuration that cannot run is a row with a problem; the others are still measured.
//   4. Whichever way it ends, every bench is closed.

import { ExceptionGroup, isCancelled, RemoteError } from '../core/index.ts'
import { breakEven } from './break-even.ts'
import { type CallCost, costOf } from './cost-model.ts'
import {
  configurationsFor,
  type Job,
  type Plan,
  planProbes,
  planRow,
  planRows,
  SLOW_CALL_MS,
} from './plan.ts'
import { hintFor, problemOf } from './problem.ts'
import { kindOf, reasonOf } from './reason.ts'
import { type Configuration, labelOf, pick, predictAll } from './recommend.ts'
import type { ChooseResult, RowProblem } from './result.ts'
import { RowFailure } from './row-failure.ts'
import { eligible, fitRows, inOrder, type MeasuredPlan, rowOf, sampleOf, stolenShare, works } from './rows.ts'
import type { Bench, Slice } from './slice.ts'

/** How far the measuring is. */
export interface ChooseProgress {
  /** What is being measured, such as `2 threads`. */
  readonly label: string
  readonly done: number
  readonly total: number
}

/** Makes what measures a configuration. */
export type MakeBench = (configuration: Configuration, traced: boolean) => Bench

/** From this share of the time on, that others took the processor is worth a note. */
const BUSY = 0.15

/** A configuration may take so many times its budget, and then has no further round. */
const MOST_BUDGETS = 2
/** So many configurations are measured because they looked best; then the best of the measured ones is it. */
const MOST_ADDED = 2

/** A first look takes at least this long, or as many calls as a sample may have. */
const LOOK_MS = 50
const LOOK_MOST_CALLS = 50_000

/** Measures, fits and recommends. */
export async function measure(
  makeBench: MakeBench,
  job: Job,
  onProgress: (progress: ChooseProgress) => void,
): Promise<ChooseResult> {
  const run = new Run(makeBench, job, onProgress)
  try {
    const first = await run.look()
    if (first.cost === undefined) await run.probe()
    else await run.takeTurns(planRows(job, first.cost))
    return await run.recommend()
  } finally {
    await run.close()
  }
}

interface RunningRow extends MeasuredPlan {
  bench: Bench | undefined
}

class Run {
  readonly #makeBench: MakeBench
  readonly #job: Job
  readonly #onProgress: (progress: ChooseProgress) => void
  #rows: RunningRow[] = []
  /** The sequence, once its first call came back. */
  #looked: RunningRow | undefined
  /** Calls of the sequence in one round: where the next round begins. */
  #stride = 1
  #computingShare = 1
  #done = 0
  #total = 1

  constructor(makeBench: MakeBench, job: Job, onProgress: (progress: ChooseProgress) => void) {
    this.#makeBench = makeBench
    this.#job = job
    this.#onProgress = onProgress
  }

  /** Calls in sequence until it is known what a call costs; `undefined` if that cannot be found out. */
  async look(): Promise<{ cost: CallCost | undefined }> {
    const plan: Plan = {
      model: 'sync',
      workers: null,
      label: labelOf('sync', null),
      calls: 1,
      rounds: 1,
      warmup: 0,
      traced: true,
    }
    const row = this.#add(plan)
    this.#progress(plan.label)
    try {
      row.bench = this.#makeBench(plan, true)
      await row.bench.open()
      const cold = await this.#slice(row, 0, 1, true)
      let slice = cold
      // The first call also compiles, loads and connects: it tells of the others only if it is too dear to repeat.
      for (let calls = 1; slice === cold ? cold.wallMs < SLOW_CALL_MS : isShort(slice); calls *= 4)
        slice = await this.#slice(row, 0, calls, slice.wallMs / slice.calls >= 1)
      const cost = costOf([sampleOf(0, slice)])
      if (slice === cold) row.slices.push({ round: 0, slice })
      this.#looked = row
      return { cost: { ...cost, wallMs: Math.max(cost.wallMs, 1e-5) } }
    } catch (error) {
      await this.#drop(row, error)
      return { cost: undefined }
    }
  }

  /** All at the same time: of calls that do not come back there is nothing to measure but that. */
  async probe(): Promise<void> {
    const rows = planProbes(this.#job).map((plan) => this.#add(plan))
    this.#total = rows.length + 1
    this.#done = 1
    await Promise.all(rows.map((row) => this.#takeTurn(row, 0)))
  }

  async takeTurns(plans: readonly Plan[]): Promise<void> {
    const [sequence, ...others] = plans
    const first = this.#looked!
    this.#rows = [{ ...first, plan: sequence! }, ...others.map((plan) => emptyRow(plan))]
    this.#stride = sequence!.calls
    this.#total = plans.reduce((sum, plan) => sum + plan.rounds, 0)
    const rounds = Math.max(...plans.map((plan) => plan.rounds))
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? this.#rows : [...this.#rows].reverse()
      for (const row of order) await this.#takeTurn(row, round)
    }
  }

  /** One sample, if the row still has one to take. */
  async #takeTurn(row: RunningRow, round: number): Promise<void> {
    const { plan } = row
    if (row.problem !== undefined || round >= plan.rounds || row.slices.length > round) return
    // A call may turn out dearer than it looked.
    const takenMs = row.slices.reduce((sum, { slice }) => sum + slice.wallMs, 0)
    if (takenMs > MOST_BUDGETS * this.#job.budgetMs) return
    this.#progress(plan.label)
    try {
      if (row.bench === undefined) {
        row.bench = this.#makeBench(plan, plan.traced)
        Object.assign(row, await row.bench.open())
        if (plan.warmup > 0) this.#weigh(row, await this.#slice(row, 0, plan.warmup, plan.traced))
      }
      const slice = await this.#slice(row, round * this.#stride, plan.calls, plan.traced)
      if (plan.warmup === 0) this.#weigh(row, slice)
      if (plan.model === 'sync') this.#computingShare = slice.computingShare
      row.slices.push({ round, slice })
    } catch (error) {
      await this.#drop(row, error)
    }
    this.#done++
    if (row.slices.length >= plan.rounds) await this.#close(row)
  }

  #slice(row: RunningRow, from: number, calls: number, traced: boolean): Promise<Slice> {
    const sizes = row.slices.length === 0
    return row.bench!.slice({ from, calls, traced, sizes, computingShare: this.#computingShare })
  }

  #weigh(row: RunningRow, slice: Slice): void {
    row.bytesIn = slice.bytesIn
    row.bytesOut = slice.bytesOut
  }

  async recommend(): Promise<ChooseResult> {
    const { count, cores } = this.#job
    for (let added = 0; ; added++) {
      if (!this.#rows.some(works)) throw this.#nothingWorks()
      const fitted = fitRows(this.#rows, cores)
      const candidates = eligible(this.#rows).map(({ plan }) => plan)
      const isMeasured = (one: Configuration) =>
        this.#rows.some(({ plan }) => plan.model === one.model && plan.workers === one.workers)
      const configurations = configurationsFor(this.#job, fitted.cost, candidates).filter(
        (one) =>
          !isMeasured(one) ||
          candidates.some((plan) => plan.model === one.model && plan.workers === one.workers),
      )
      const predictions = predictAll(fitted, configurations, count)
      const choices = added < MOST_ADDED ? predictions : predictions.filter(isMeasured)
      const best = pick(choices, (one) => one.predictedMs)!
      if (!isMeasured(best)) {
        await this.#alsoMeasure(best, fitted.cost)
        continue
      }
      const { ms, sentence } = breakEven(fitted, configurations, count)
      const { cost } = fitted
      return {
        recommendation: { model: best.model, workers: best.workers, label: best.label },
        reason: reasonOf(best, predictions, fitted, count),
        measured: inOrder(this.#rows).map((row) => rowOf(row, fitted, count)),
        model: {
          count,
          cores,
          computeMs: Math.min(cost.computeMs, cost.wallMs),
          waitMs: Math.max(0, cost.wallMs - cost.computeMs),
          kind: kindOf(cost),
          predictions,
          breakEvenMs: ms,
          breakEven: sentence,
        },
        ...this.#notes(),
      }
    }
  }

  #notes(): Pick<ChooseResult, 'notes'> {
    const share = stolenShare(this.#rows)
    if (share < BUSY) return {}
    const percent = `${Math.round(share * 100)} %`
    return {
      notes: [
        `The machine was busy: other programs took ${percent} of the time. The predictions are for one that has nothing else to do.`,
      ],
    }
  }

  async #alsoMeasure(configuration: Configuration, cost: CallCost): Promise<void> {
    const row = this.#add(planRow(configuration, this.#job, cost))
    this.#total += row.plan.rounds
    for (let round = 0; round < row.plan.rounds; round++) await this.#takeTurn(row, round)
  }

  /** Every row with its own problem, as one error. */
  #nothingWorks(): ExceptionGroup {
    const errors = inOrder(this.#rows).map((row) => {
      const { name, message, code, hint } = row.problem ?? row.slices[0]!.slice.problem!
      const text = row.problem === undefined ? `every call failed: ${message}` : message
      return new RemoteError({
        name: `${row.plan.label}: ${name}`,
        message: text,
        ...(code === undefined ? {} : { code }),
        fields: hint === undefined ? {} : { hint },
      })
    })
    return new ExceptionGroup(errors, 'no model could run the function')
  }

  #add(plan: Plan): RunningRow {
    const row = emptyRow(plan)
    this.#rows.push(row)
    return row
  }

  async #drop(row: RunningRow, error: unknown): Promise<void> {
    await this.#close(row)
    if (isCancelled(error) || (error instanceof RowFailure && error.failure.kind === 'subject')) throw error
    row.problem = this.#describe(row, error)
  }

  #describe({ plan }: RunningRow, error: unknown): RowProblem {
    const problem = error instanceof RowFailure ? error.failure.problem : problemOf(error)
    const hint = problem.hint ?? hintFor(problem, plan.model)
    return hint === undefined ? problem : { ...problem, hint }
  }

  async #close(row: RunningRow): Promise<void> {
    const { bench } = row
    row.bench = undefined
    await bench?.close()
  }

  async close(): Promise<void> {
    await Promise.all(this.#rows.map((row) => this.#close(row)))
  }

  #progress(label: string): void {
    this.#onProgress({ label, done: this.#done, total: this.#total })
  }
}

function isShort({ calls, wallMs }: Slice): boolean {
  return wallMs < LOOK_MS && calls < LOOK_MOST_CALLS
}

function emptyRow(plan: Plan): RunningRow {
  return {
    plan,
    startupMs: 0,
    stolenMs: 0,
    handoverMs: 0,
    bytesIn: 0,
    bytesOut: 0,
    slices: [],
    bench: undefined,
  }
}
