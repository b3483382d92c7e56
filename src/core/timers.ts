// WHAT       Deadlines: a binary heap of timers above one alarm of the platform.
// RULES
//   1. Timers fire in the order of their deadlines; equal deadlines in the order in which they were set.
//   2. Never early: the platform's alarm may ring up to a millisecond before the clock says so; then it is set again.
//   3. A set timer keeps the program alive, as `setTimeout` does; also one that is infinitely far away.
//   4. They fire outside of every task, whichever set them: what a listener of an abort sees does not depend on chance,
//      and no task is kept in memory by the platform's alarm.
//   5. All time comes through the one Clock, so that tests can put another one in its place.
// WHY NOT one `setTimeout` each: it rounds to whole milliseconds, and two sleeps that were begun in order could
//            end out of order.

import { callIn } from './context.ts'

/** Where time comes from (rule 5). Milliseconds. */
export interface Clock {
  now(): number
  /** Calls `ring` once, `delay` from now. Returns the way to call it off. */
  alarm(delay: number, ring: () => void): () => void
}

const LONGEST_ALARM_MS = 2 ** 31 - 1

const platformClock: Clock = {
  now: () => performance.now(),
  alarm(delay, ring) {
    const length = Math.min(Math.ceil(delay), LONGEST_ALARM_MS)
    const handle = callIn(undefined, () => setTimeout(ring, length)) // rule 4
    return () => clearTimeout(handle)
  },
}

const clock: Clock = platformClock

const NOT_SET = -1
const DUE = -2

/** One deadline. `fire` must not throw. */
export class Timer {
  readonly when: number
  readonly fire: () => void
  /** Position in the heap; NOT_SET, or DUE between the alarm and its turn to fire. */
  index = NOT_SET
  order = 0

  constructor(when: number, fire: () => void) {
    this.when = when
    this.fire = fire
  }
}

const heap: Timer[] = []
let orders = 0
let alarm: { when: number; cancel: () => void } | undefined

/** Monotonic time in milliseconds, the clock of all deadlines. Python: `loop.time()`. */
export function time(): number {
  return clock.now()
}

/** Sets a timer for the point `when` on `time()`. */
export function setTimer(when: number, fire: () => void): Timer {
  const timer = new Timer(when, fire)
  timer.order = orders++
  heap.push(timer)
  place(timer, heap.length - 1)
  up(timer.index)
  arm()
  return timer
}

/** Takes a timer back; does nothing if it has fired. */
export function clearTimer(timer: Timer): void {
  if (timer.index === DUE) timer.index = NOT_SET
  if (timer.index === NOT_SET) return
  remove(timer)
  arm()
}

function ring(): void {
  alarm = undefined
  const now = clock.now()
  // What becomes due while these fire waits for the next alarm, so that timers cannot starve the loop.
  const due: Timer[] = []
  while (heap.length > 0 && heap[0]!.when <= now) {
    const timer = heap[0]!
    remove(timer)
    timer.index = DUE
    due.push(timer)
  }
  for (const timer of due) {
    // One that fired before may have taken this one back.
    if (timer.index !== DUE) continue
    timer.index = NOT_SET
    timer.fire()
  }
  arm()
}

function arm(): void {
  const first = heap[0]
  if (first === undefined) {
    alarm?.cancel()
    alarm = undefined
  } else if (alarm === undefined || first.when < alarm.when) {
    alarm?.cancel()
    alarm = { when: first.when, cancel: clock.alarm(Math.max(0, first.when - clock.now()), ring) }
  }
}

function earlier(a: Timer, b: Timer): boolean {
  return a.when < b.when || (a.when === b.when && a.order < b.order)
}

function place(timer: Timer, index: number): void {
  heap[index] = timer
  timer.index = index
}

function remove(timer: Timer): void {
  const index = timer.index
  timer.index = NOT_SET
  const last = heap.pop()!
  if (last === timer) return
  place(last, index)
  up(index)
  down(last.index)
}

function up(index: number): void {
  const timer = heap[index]!
  while (index > 0) {
    const above = (index - 1) >> 1
    if (!earlier(timer, heap[above]!)) break
    place(heap[above]!, index)
    index = above
  }
  place(timer, index)
}

function down(index: number): void {
  const timer = heap[index]!
  for (;;) {
    let below = 2 * index + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && earlier(heap[below + 1]!, heap[below]!)) below += 1
    if (!earlier(heap[below]!, timer)) break
    place(heap[below]!, index)
    index = below
  }
  place(timer, index)
}
