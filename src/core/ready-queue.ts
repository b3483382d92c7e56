// WHAT       What is to run next: first steps of tasks, resumed waits of both notations, callbacks.
// STATES     idle ──ready()──> armed (a drain is coming) ──drain──> idle, or armed again if more has come
// RULES
//   1. First in, first out, across both notations. What becomes ready during a drain runs in the next one.
//   2. A drain is a microtask, so the first step of a new task happens in the same turn of the event loop.
//   3. An entry that goes on in a microtask of its own (the continuation behind a promise) has not run yet when `run`
//      returns. Before one that runs directly, the drain lets those microtasks pass, or fibers would overtake.
//   4. The loop of Node gets its share: after SLICE_MS of microtasks the rest waits for its next turn, so a loop
//      around `sleep(0)` starves neither timers nor I/O. The clock costs as much as a small entry: it is looked at
//      in strides, which double while entries are light and fall to one when they are heavy.
//   5. An entry that throws does not take the others with it: its error is thrown again outside, as uncaught.
// WHY NOT resolve promises where they are completed: what was ready before would run after, and the order of one
//            program would depend on its notation.
// WHY NOT a turn of Node's loop for every switch: it costs about ten times as much as a microtask.

const SLICE_MS = 5
/** At most so many entries run between two looks at the clock. */
const LONGEST_STRIDE = 16
/** Entries are heavy if those of a stride take longer. */
const HEAVY_STRIDE_MS = 1

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
let lastLook = 0
let stride = 1
let entriesToLook = stride

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
  const now = performance.now()
  stride = sliceOpen && now - lastLook > HEAVY_STRIDE_MS ? 1 : Math.min(stride * 2, LONGEST_STRIDE)
  entriesToLook = stride
  lastLook = now
  if (sliceOpen) return now - sliceStart > SLICE_MS
  sliceOpen = true
  sliceStart = now
  setImmediate(closeSlice)
  return false
}

function closeSlice(): void {
  sliceOpen = false
}
