// WHAT       What is to run next: first steps of tasks, resumed waits of both notations, callbacks.
// STATES     idle ──ready()──> armed (a drain is coming) ──drain──> idle, or armed again if more has come
// RULES
//   1. First in, first out, across both notations. What becomes ready during a drain runs in the next one.
//   2. A drain is a microtask, so the first step of a new task happens in the same turn of the event loop.
//   3. An entry that goes on in a microtask of its own (the continuation behind a promise) has not run yet when `run`
//      returns. Before one that runs directly, the drain lets those microtasks pass, or fibers would overtake.
//   4. The loop of Node gets its share: after SLICE_MS of microtasks the rest waits for its next turn, so a loop
//      around `sleep(0)` starves neither timers nor I/O.
//   5. An entry that throws does not take the others with it: its error is thrown again outside, as uncaught.
// WHY NOT resolve promises where they are completed: what was ready before would run after, and the order of one
//            program would depend on its notation.
// WHY NOT a turn of Node's loop for every switch: it costs about ten times as much as a microtask.

const SLICE_MS = 5
/** How many entries run between two looks at the clock, which costs as much as a small entry. */
const ENTRIES_PER_LOOK = 64

/** Something that can be run once: a task's start, a resumed runner, a wait behind a promise, a callback. */
export interface Runnable {
  /** Whether what it starts goes on in a microtask of its own (rule 3). */
  readonly viaPromise: boolean
  run(): void
}

let arrivals: Runnable[] = []
let batch: (Runnable | undefined)[] = []
let position = 0
let state: 'idle' | 'armed' = 'idle'

let sliceStart = 0
let sliceOpen = false
let entriesToLook = ENTRIES_PER_LOOK

/** Queues `entry` to be run later in this turn. */
export function ready(entry: Runnable): void {
  arrivals.push(entry)
  if (state === 'idle') {
    state = 'armed'
    queueMicrotask(drain)
  }
}

/** Queues a callback. */
export function readyCallback(fn: () => void): void {
  ready({ viaPromise: false, run: fn })
}

function drain(): void {
  if (position === batch.length) {
    batch = arrivals
    arrivals = []
    position = 0
  }
  let continuationsPending = false
  while (position < batch.length) {
    const entry = batch[position]!
    if (continuationsPending && !entry.viaPromise) {
      queueMicrotask(drain)
      return
    }
    if (sliceIsOver()) {
      setImmediate(drain)
      return
    }
    continuationsPending = entry.viaPromise
    batch[position++] = undefined // what has run can be collected, however long the batch is
    runOne(entry)
  }
  batch = []
  position = 0
  if (arrivals.length === 0) state = 'idle'
  else queueMicrotask(drain)
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

/** Rule 4. The slice begins with the first look after a turn of Node's loop. */
function sliceIsOver(): boolean {
  if (--entriesToLook > 0) return false
  entriesToLook = ENTRIES_PER_LOOK
  const now = performance.now()
  if (sliceOpen) return now - sliceStart > SLICE_MS
  sliceOpen = true
  sliceStart = now
  setImmediate(closeSlice)
  return false
}

function closeSlice(): void {
  sliceOpen = false
}
