// WHAT       What is to run next: first steps of tasks, resumed runners, callbacks, in order of arrival.
// STATES     idle ──ready()──> armed (a drain is coming) ──drain──> idle, or armed again if more has come
// RULES
//   1. First in, first out. What becomes ready during a drain runs in the next one, behind the promise
//      continuations that were queued meanwhile: both notations share the turns fairly.
//   2. A drain is a microtask, so the first step of a new task happens in the same turn of the event loop.
//   3. The loop of Node gets its share: microtasks that go on for longer than SLICE_MS wait for its next turn.
//      `mustYieldToLoop()` asks the same of async code: a loop around `sleep(0)` starves neither timers nor I/O.
//   4. An entry that throws does not take the others with it: its error is thrown again outside, as uncaught.
// WHY NOT a turn of Node's loop for every switch: it costs about ten times as much as a microtask.

const SLICE_MS = 5
/** How many cheap turns pass between two looks at the clock, which costs more than the turn itself. */
const TURNS_PER_LOOK = 64

/** Something that can be run once: a runner, a task's start, a callback. */
export interface Runnable {
  run(): void
}

let arrivals: Runnable[] = []
let batch: Runnable[] = []
let position = 0
let state: 'idle' | 'armed' = 'idle'

let sliceStart = 0
let sliceOpen = false
let turnsToLook = TURNS_PER_LOOK

/** Queues `entry` to be run later in this turn. */
export function ready(entry: Runnable): void {
  arrivals.push(entry)
  if (state === 'idle') {
    state = 'armed'
    queueMicrotask(drain)
  }
}

function drain(): void {
  if (position === batch.length) {
    batch = arrivals
    arrivals = []
    position = 0
  }
  while (position < batch.length && !mustYieldToLoop()) runOne(batch[position++]!)
  if (position < batch.length) {
    setImmediate(drain)
  } else {
    batch = []
    position = 0
    if (arrivals.length === 0) state = 'idle'
    else queueMicrotask(drain)
  }
}

function runOne(entry: Runnable): void {
  try {
    entry.run()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/** True if whoever is about to take one more turn within the microtasks has to let the event loop go first (rule 3). */
export function mustYieldToLoop(): boolean {
  if (--turnsToLook > 0) return false
  turnsToLook = TURNS_PER_LOOK
  const now = performance.now()
  if (!sliceOpen) {
    sliceOpen = true
    sliceStart = now
    setImmediate(closeSlice)
    return false
  }
  if (now - sliceStart <= SLICE_MS) return false
  turnsToLook = 1 // everybody else in this turn has to yield too
  return true
}

function closeSlice(): void {
  sliceOpen = false
  turnsToLook = TURNS_PER_LOOK
}
