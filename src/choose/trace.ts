// WHAT   Finds out which parts of a call computed and which waited, with the platform's async hooks.
// RULES
//   1. The synchronous begin of a call belongs to it; so does every callback and promise reaction that runs
//      in the call's asynchronous context. Whatever lies between is waiting.
//   2. Hooks are on only while a `Tracer` is started, and only calls of a millisecond and more are traced:
//      a hook costs some tenth of a microsecond for every promise reaction of the process.
//   3. A call has at most `MOST_STRETCHES` stretches: beyond that the narrowest gaps are closed.

import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { now } from './clock.ts'

/** From, to; milliseconds on the clock of `now`. */
export type Stretch = readonly [start: number, end: number]

const MOST_STRETCHES = 40
const NARROW_GAP_MS = 0.05

/** When one call computed. */
export class Trace {
  #depth = 0
  #since = 0
  readonly #stretches: [start: number, end: number][] = []

  enter(): void {
    if (this.#depth++ === 0) this.#since = now()
  }

  leave(): void {
    if (--this.#depth > 0) return
    const last = this.#stretches.at(-1)
    if (last !== undefined && this.#since - last[1] < NARROW_GAP_MS) last[1] = now()
    else this.#stretches.push([this.#since, now()])
  }

  /** The stretches in which the call computed, in order, none after `end`. */
  computing(end: number): Stretch[] {
    let stretches = this.#stretches
    if (this.#depth > 0) stretches = [...stretches, [this.#since, end]]
    const inTime = stretches
      .filter(([start]) => start < end)
      .map(([start, to]) => [start, Math.min(to, end)] as const)
    return joinNarrow(inTime, MOST_STRETCHES)
  }
}

/** Closes the narrowest gaps until at most `most` stretches are left. */
export function joinNarrow(stretches: readonly Stretch[], most: number): Stretch[] {
  if (stretches.length <= most) return [...stretches]
  const gaps = stretches
    .slice(1)
    .map(([start], index) => ({ index: index + 1, width: start - stretches[index]![1] }))
    .sort((a, b) => b.width - a.width)
  const kept = new Set(gaps.slice(0, most - 1).map((gap) => gap.index))
  const joined: [number, number][] = []
  stretches.forEach(([start, end], index) => {
    if (index === 0 || kept.has(index)) joined.push([start, end])
    else joined.at(-1)![1] = end
  })
  return joined
}

/** Watches calls of this thread while it is started. */
export class Tracer {
  readonly #context = new AsyncLocalStorage<Trace>()
  readonly #running: (Trace | undefined)[] = []
  readonly #hook = createHook({
    before: () => {
      const trace = this.#context.getStore()
      this.#running.push(trace)
      trace?.enter()
    },
    after: () => this.#running.pop()?.leave(),
  })

  start(): void {
    this.#hook.enable()
  }

  stop(): void {
    this.#hook.disable()
    this.#context.disable()
  }

  /** Runs `call` in the context of `trace` and gives what it gives. */
  run<T>(trace: Trace, call: () => T): T {
    trace.enter()
    try {
      return this.#context.run(trace, call)
    } finally {
      trace.leave()
    }
  }
}
