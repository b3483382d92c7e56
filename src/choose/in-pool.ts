// WHAT   Runs calls in worker threads or worker processes, through the pools of `plait/futures`.
// RULES
//   1. The sample begins when every worker has imported the module; what that took is start-up.
//   2. Results come the whole way back and are dropped here.
//   3. Whatever cannot run at all in this model (a value that cannot cross, a worker that dies, a call that
//      does not come back) ends the sample; an error of the function itself is counted and goes on.
// WHY NOT `with({ timeout })` for calls that never come back: it costs a message for each call, which would
//         show in the very thing that is measured. Here it is enough to see that nothing comes back at all.

import { availableParallelism } from 'node:os'
import { serialize } from 'node:v8'
import { TimeoutError, TransferError, WorkerDiedError } from '../core/index.ts'
import { ProcessPoolExecutor, ThreadPoolExecutor } from '../futures/index.ts'
import type { FunctionReference } from '../wire/index.ts'
import { Deadline } from './deadline.ts'
import {
  type CallReply,
  greet,
  measureCall,
  prepareWorker,
  skipCall,
  type WorkerReply,
} from './measure-call.ts'
import { Meter } from './meter.ts'
import {
  argsOf,
  type Bench,
  type Opened,
  type Slice,
  type SliceRequest,
  startupLimit,
  type Work,
} from './slice.ts'
import { Spans } from './spans.ts'
import { sayTime } from './wording.ts'

/** Sizes are taken of so many calls; the others count as their mean. */
const MOST_SIZED = 32

/** Calls of nothing: so many, or so long in milliseconds. */
const EMPTY_CALLS = 2_000
const EMPTY_MS = 50

/** From this share on, what others took of the start-up is too much to be told by one thread. */
const BUSY = 0.15

/** Where calls are run and what is known of the function there. */
export interface PoolSetup {
  readonly model: 'threads' | 'processes'
  readonly workers: number
  readonly reference: FunctionReference
  readonly traced: boolean
}

/** Calls in a pool of workers. */
export class InPool implements Bench {
  readonly #work: Work
  readonly #setup: PoolSetup
  readonly #workers = new Map<number, Omit<WorkerReply, 'worker'>>()
  readonly #lanes = new Map<number, string>()
  readonly #memoryBefore = process.memoryUsage.rss()
  #pool: ThreadPoolExecutor | ProcessPoolExecutor | undefined

  constructor(work: Work, setup: PoolSetup) {
    this.#work = work
    this.#setup = setup
  }

  async open(): Promise<Opened> {
    const { model, workers, reference, traced } = this.#setup
    const meter = new Meter()
    const options = {
      maxWorkers: workers,
      minWorkers: workers,
      initializer: prepareWorker,
      initargs: [reference, traced],
      idleTimeout: Infinity,
      name: 'choose',
    }
    this.#pool = model === 'threads' ? new ThreadPoolExecutor(options) : new ProcessPoolExecutor(options)
    await this.#inTime(this.#greetAll(), `the ${model} did not start`)
    const { wallMs: startupMs, stolenMs, cpuMs } = meter.read()
    const ownMs = this.#quietStartup(startupMs, stolenMs, cpuMs)
    const handoverMs = await this.#inTime(this.#handOver(), `the ${model} did not answer`)
    return { startupMs, stolenMs: startupMs - ownMs, handoverMs }
  }

  /**
   * What starting would have taken with nobody else around. It goes back and forth between threads, each of
   * which waits while another one does; where others took much, the processor time says more: one share of
   * it runs here, and the rest in all workers at a time, if all goes well.
   */
  #quietStartup(startupMs: number, stolenHereMs: number, cpuHereMs: number): number {
    const stolenMs = this.#stolen(new Map(), startupMs) + stolenHereMs
    if (stolenMs < BUSY * startupMs) return startupMs
    const cpuMs = [...this.#workers.values()].reduce((sum, worker) => sum + worker.cpuMs, cpuHereMs)
    const workers = Math.min(this.#setup.workers, availableParallelism())
    const quietMs = Math.max(startupMs - stolenMs, cpuMs / (1 + workers))
    return Math.min(startupMs, quietMs, (2 * cpuMs) / (1 + workers))
  }

  async #inTime<T>(promise: Promise<T>, what: string): Promise<T> {
    const limitMs = startupLimit(this.#work.timeoutMs)
    if (!Number.isFinite(limitMs)) return promise
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new TimeoutError(`${what} within ${sayTime(limitMs)}`)),
        Math.min(limitMs, 2 ** 31 - 1),
      )
    })
    try {
      return await Promise.race([promise, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** For a moment, calls of nothing with the real arguments: what handing one over costs. */
  async #handOver(): Promise<number> {
    const work = this.#work
    let perCallMs = 0
    for (const _ of ['warm-up', 'measured']) {
      const began = performance.now()
      let calls = 0
      function* items(): Generator<[call: number, args: readonly unknown[]]> {
        while (calls < EMPTY_CALLS && performance.now() - began < EMPTY_MS)
          yield [calls, argsOf(work, calls++)]
      }
      for await (const _ of this.#pool!.map(skipCall, items(), { ordered: false }));
      perCallMs = (performance.now() - began) / calls
    }
    return perCallMs
  }

  /** Until every worker has answered; each is held a little, so that the first does not take all greetings. */
  async #greetAll(): Promise<void> {
    for (let holdMs = 0; this.#workers.size < this.#setup.workers; holdMs = Math.min(holdMs + 1, 20))
      await this.#greet(holdMs)
  }

  async #greet(holdMs: number): Promise<void> {
    const greetings = Array.from({ length: this.#setup.workers }, () => this.#pool!.submit(greet, holdMs))
    for (const reply of await Promise.all(greetings)) this.#workers.set(reply.worker, reply)
  }

  async slice(request: SliceRequest): Promise<Slice> {
    const work = this.#work
    const spans = new Spans()
    const deadline = new Deadline(work.timeoutMs)
    const sizes = { in: 0, out: 0, calls: 0 }
    const before = new Map(this.#workers)

    function* items(): Generator<[call: number, args: readonly unknown[]]> {
      for (let call = request.from; call < request.from + request.calls; call++) {
        deadline.begin(call)
        yield [call, argsOf(work, call)]
      }
    }
    const answered = (reply: CallReply) => {
      deadline.end(reply.call)
      deadline.restart()
      const known = this.#workers.get(reply.worker)
      this.#workers.set(reply.worker, {
        memoryBytes: known?.memoryBytes ?? 0,
        cpuMs: reply.cpuMs,
        queuedMs: Math.max(reply.queuedMs, known?.queuedMs ?? 0),
      })
      spans.add({ ...reply, lane: this.#laneOf(reply.worker) })
      if (!request.sizes || sizes.calls >= MOST_SIZED) return
      sizes.calls++
      sizes.in += sizeOf(argsOf(work, reply.call))
      sizes.out += sizeOf(reply.value)
    }

    const meter = new Meter()
    await deadline.guard(async () => {
      try {
        for await (const reply of this.#pool!.map(measureCall, items(), { ordered: false })) {
          answered(reply)
          if (deadline.expired) break
        }
      } catch (error) {
        throw inWordsOfTheCall(error, this.#setup.model === 'threads' ? 'thread' : 'process')
      }
    })
    const reading = meter.read()
    const workersCpuMs = [...this.#workers].reduce(
      (sum, [id, { cpuMs }]) => sum + cpuMs - (before.get(id)?.cpuMs ?? 0),
      0,
    )
    const stolenMs = this.#stolen(before, reading.wallMs)
    await this.#inTime(this.#greet(0), 'workers stopped to answer')
    return {
      ...reading,
      calls: request.calls,
      failed: spans.failed,
      cpuMs: reading.cpuMs + workersCpuMs,
      stolenMs,
      heldMs: reading.blockedMs,
      longestMs: spans.longestMs,
      memoryBytes: this.#memory(),
      bytesIn: sizes.in / Math.max(1, sizes.calls),
      bytesOut: sizes.out / Math.max(1, sizes.calls),
      lanes: spans.lanes(meter.startedAt, reading.cpuMs + workersCpuMs, request.computingShare),
      ...(spans.firstProblem === undefined ? {} : { problem: spans.firstProblem }),
    }
  }

  /** Workers are known by the platform's numbers; people count from 1. */
  #laneOf(worker: number): string {
    let lane = this.#lanes.get(worker)
    if (lane === undefined) {
      lane = `${this.#setup.model === 'threads' ? 'thread' : 'process'} ${this.#lanes.size + 1}`
      this.#lanes.set(worker, lane)
    }
    return lane
  }

  /** What others took of the time, in the mean of the workers. More workers than cores take it from each other. */
  #stolen(before: ReadonlyMap<number, { queuedMs: number }>, wallMs: number): number {
    if (this.#setup.workers > availableParallelism()) return 0
    const queued = [...this.#workers].map(([id, { queuedMs }]) => queuedMs - (before.get(id)?.queuedMs ?? 0))
    const mean = queued.reduce((sum, ms) => sum + ms, 0) / Math.max(1, queued.length)
    return Math.max(0, Math.min(mean, wallMs))
  }

  #memory(): number {
    if (this.#setup.model === 'threads') return Math.max(0, process.memoryUsage.rss() - this.#memoryBefore)
    return [...this.#workers.values()].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)
  }

  async close(): Promise<void> {
    await this.#pool?.shutdown({ cancelFutures: true, timeout: 1_000 })
  }
}

function sizeOf(value: unknown): number {
  try {
    return serialize(value).byteLength
  } catch {
    return 0
  }
}

/** What went over was an envelope around the call; people know only the call. */
function inWordsOfTheCall(error: unknown, worker: string): unknown {
  if (error instanceof TransferError) {
    const message = error.message
      .replace('the result → .value', 'the result')
      .replace(/argument 0 → \[1\]\[(\d+)\]/, 'argument $1')
    return new TransferError(message, { cause: error.cause })
  }
  if (error instanceof WorkerDiedError) {
    const { exitCode, signal, outOfMemory } = error
    const how = outOfMemory
      ? 'ran out of memory'
      : signal === null
        ? `exited with status ${exitCode}`
        : `was ended by ${signal}`
    const why = error.cause instanceof Error ? `: ${error.cause.message}` : ''
    return new WorkerDiedError(`a ${worker} ${how} while it made a call${why}`, {
      exitCode,
      signal,
      outOfMemory,
      cause: error.cause,
    })
  }
  return error
}
