// WHAT   Runs calls on this thread: one after another, or on its event loop, some or all at a time.
// RULES
//   1. In sequence nothing stands between two calls that return at once: no turn, no promise.
//   2. On the event loop every call is a task of the `EventLoopExecutor`, which is what a program that
//      follows the recommendation would use. A call takes the lowest free slot; slots are the lanes.
//   3. A call that never comes back ends the sample, not itself: JavaScript cannot end it. Whoever owns
//      this process does.

import { isThenable } from '../core/index.ts'
import { EventLoopExecutor } from '../futures/index.ts'
import { now } from './clock.ts'
import { Deadline } from './deadline.ts'
import { Meter } from './meter.ts'
import { problemOf } from './problem.ts'
import type { RowProblem } from './result.ts'
import { argsOf, type Bench, type Opened, type Slice, type SliceRequest, type Work } from './slice.ts'
import { Spans } from './spans.ts'
import { Trace, Tracer } from './trace.ts'

/** So many calls of nothing show what handing one over costs. */
const EMPTY_CALLS = 1_000

/** Told of every call before it starts. */
export type Beat = (call: number) => void

/** Calls one after another. */
export class InSequence implements Bench {
  readonly #work: Work
  readonly #beat: Beat

  constructor(work: Work, beat: Beat) {
    this.#work = work
    this.#beat = beat
  }

  async open(): Promise<Opened> {
    return { startupMs: 0, stolenMs: 0, handoverMs: 0 }
  }

  async slice(request: SliceRequest): Promise<Slice> {
    return takeSlice(this.#work, request, this.#beat, async (call, goesOn) => {
      for (let i = 0; i < request.calls && goesOn(); i++) {
        const pending = call(request.from + i, 'main thread')
        if (pending !== undefined) await pending
      }
    })
  }

  async close(): Promise<void> {}
}

/** Calls as tasks of the event loop, `limit` at a time; `null` for all at once. */
export class OnEventLoop implements Bench {
  readonly #work: Work
  readonly #beat: Beat
  readonly #limit: number | null

  constructor(work: Work, beat: Beat, limit: number | null) {
    this.#work = work
    this.#beat = beat
    this.#limit = limit
  }

  async open(): Promise<Opened> {
    const executor = this.#executor()
    const nothing = () => undefined
    let handoverMs = 0
    for (const _ of ['warm-up', 'measured']) {
      const meter = new Meter()
      await Promise.all(Array.from({ length: EMPTY_CALLS }, () => executor.submit(nothing)))
      const { wallMs, stolenMs } = meter.read()
      handoverMs = (wallMs - stolenMs) / EMPTY_CALLS
    }
    await executor.shutdown()
    return { startupMs: 0, stolenMs: 0, handoverMs }
  }

  #executor(): EventLoopExecutor {
    return new EventLoopExecutor(this.#limit === null ? {} : { maxConcurrency: this.#limit })
  }

  async slice(request: SliceRequest): Promise<Slice> {
    const free: number[] = []
    let slots = 0
    return takeSlice(this.#work, request, this.#beat, async (call, goesOn) => {
      const executor = this.#executor()
      const task = async (index: number) => {
        if (!goesOn()) return
        const slot = takeLowest(free) ?? ++slots
        await call(request.from + index, `slot ${slot}`)
        free.push(slot)
      }
      await Promise.all(Array.from({ length: request.calls }, (_, index) => executor.submit(task, index)))
      await executor.shutdown()
    })
  }

  async close(): Promise<void> {}
}

function takeLowest(free: number[]): number | undefined {
  if (free.length < 2) return free.pop()
  let at = 0
  for (let i = 1; i < free.length; i++) if (free[i]! < free[at]!) at = i
  const [lowest] = free.splice(at, 1)
  return lowest
}

/** Makes one call; `undefined` if it returned at once, else what ends when the call does. */
type Call = (call: number, lane: string) => Promise<void> | undefined

async function takeSlice(
  work: Work,
  request: SliceRequest,
  beat: Beat,
  run: (call: Call, goesOn: () => boolean) => Promise<void>,
): Promise<Slice> {
  const deadline = new Deadline(work.timeoutMs)
  const tracer = request.traced ? new Tracer() : undefined
  const spans = new Spans()

  const call: Call = (index, lane) => {
    beat(index)
    const trace = tracer === undefined ? undefined : new Trace()
    const start = now()
    const ended = (computing: 'all' | undefined, problem?: RowProblem) => {
      const end = now()
      spans.add({ lane, call: index, start, end, computing: computing ?? trace?.computing(end), problem })
    }
    try {
      const args = argsOf(work, index)
      const value =
        tracer === undefined || trace === undefined
          ? work.fn(...args)
          : tracer.run(trace, () => work.fn(...args))
      if (!isThenable(value)) {
        ended('all')
        return undefined
      }
      deadline.begin(index)
      return Promise.resolve(value).then(
        () => {
          deadline.end(index)
          ended(undefined)
        },
        (error) => {
          deadline.end(index)
          ended(undefined, problemOf(error))
        },
      )
    } catch (error) {
      ended('all', problemOf(error))
      return undefined
    }
  }

  await nextTurn()
  tracer?.start()
  const meter = new Meter()
  try {
    await deadline.guard(() => run(call, () => !deadline.expired))
  } finally {
    tracer?.stop()
  }
  const reading = meter.read()
  return {
    ...reading,
    calls: request.calls,
    failed: spans.failed,
    longestMs: spans.longestMs,
    bytesIn: 0,
    bytesOut: 0,
    lanes: spans.lanes(meter.startedAt, reading.blockedMs, reading.computingShare),
    ...(spans.firstProblem === undefined ? {} : { problem: spans.firstProblem }),
  }
}

/** The loop's clock starts with its first turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
