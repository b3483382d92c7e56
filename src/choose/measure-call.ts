// What `choose` runs inside the workers it measures: exported functions, so that they cross by name.
// It imports little: what it imports, every worker imports, and that would count as start-up.

import { isMainThread, threadId } from 'node:worker_threads'
import { isThenable } from '../core/index.ts'
import { type FunctionReference, resolveReference } from '../wire/index.ts'
import { now } from './clock.ts'
import { problemOf } from './problem.ts'
import type { RowProblem } from './result.ts'
import { threadTime } from './thread-time.ts'
import { type Stretch, Trace, Tracer } from './trace.ts'

/** Number of this worker, such that no two of a pool have the same. */
const OWN_ID = isMainThread ? process.pid : threadId

/** What a worker says of one call. Times on the clock of `now`. */
export interface CallReply {
  readonly worker: number
  readonly call: number
  readonly start: number
  readonly end: number
  readonly computing: readonly Stretch[] | 'all' | undefined
  /** Processor time of the whole worker since its start, if it is a process. */
  readonly cpuMs: number
  /** How long, since its start, the worker was ready and others had the processor; 0 unless `traced`. */
  readonly queuedMs: number
  /** The result goes the whole way back, as it would in earnest. */
  readonly value?: unknown
  readonly problem?: RowProblem
}

/** What a worker says of itself. */
export interface WorkerReply {
  readonly worker: number
  readonly cpuMs: number
  readonly queuedMs: number
  readonly memoryBytes: number
}

let measured: ((...args: unknown[]) => unknown) | undefined
let tracer: Tracer | undefined

/** Initializer of a worker: imports the module of the function, and watches its calls if `traced`. */
export async function prepareWorker(reference: FunctionReference, traced: boolean): Promise<void> {
  measured = (await resolveReference(reference)) as (...args: unknown[]) => unknown
  tracer?.stop()
  tracer = traced ? new Tracer() : undefined
  tracer?.start()
}

/** Says that the worker is there, after it was held for `holdMs`, so that others get a word in. */
export async function greet(holdMs: number): Promise<WorkerReply> {
  if (holdMs > 0) await new Promise((resolve) => setTimeout(resolve, holdMs))
  return {
    worker: OWN_ID,
    cpuMs: ownCpuMs(),
    queuedMs: threadTime()?.queuedMs ?? 0,
    memoryBytes: process.memoryUsage.rss(),
  }
}

/** Makes one call of the function and says when it computed. Errors of the call are part of the answer. */
export function measureCall([call, args]: readonly [call: number, args: readonly unknown[]]):
  | CallReply
  | Promise<CallReply> {
  const trace = tracer === undefined ? undefined : new Trace()
  const start = now()
  const reply = (
    outcome: { value: unknown } | { problem: RowProblem },
    computing: 'all' | undefined,
  ): CallReply => {
    const end = now()
    return {
      worker: OWN_ID,
      call,
      start,
      end,
      computing: computing ?? trace?.computing(end),
      cpuMs: ownCpuMs(),
      queuedMs: tracer === undefined ? 0 : (threadTime()?.queuedMs ?? 0),
      ...outcome,
    }
  }
  try {
    const run = () => measured!(...args)
    const value = tracer === undefined || trace === undefined ? run() : tracer.run(trace, run)
    if (!isThenable(value)) return reply({ value }, 'all')
    return Promise.resolve(value).then(
      (awaited) => reply({ value: awaited }, undefined),
      (error) => reply({ problem: problemOf(error) }, undefined),
    )
  } catch (error) {
    return reply({ problem: problemOf(error) }, 'all')
  }
}

/** Takes a call and does nothing: what is left is the handing over. */
export function skipCall([call]: readonly [call: number, args: readonly unknown[]]): number {
  return call
}

function ownCpuMs(): number {
  if (!isMainThread) return 0
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
