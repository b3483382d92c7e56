// WHAT       Failures nobody looks at: reported once, loudly, never lost.
// STATES     of one failure:  unseen ──somebody reads, awaits or handles it──> seen
//                             unseen ──its run ends, it is collected, or the process exits──> reported
// RULES
//   1. Whichever comes first of the end of the run, the collection of the object and the exit of the process reports it.
//   2. The record holds the error and the names, never the task: a task that is forgotten can be collected.
// WHY NOT an unhandled rejection: that comes in the same turn, and a task is often awaited later.

import { inspect } from 'node:util'

export interface Failure {
  state: 'unseen' | 'seen' | 'reported'
  readonly error: unknown
  /** What failed, such as `Task-3`. */
  readonly name: string
  /** Where it was created: stack frames, or nothing if they were not kept. */
  readonly place: string | undefined
  /** Told instead of stderr. */
  readonly handle: ((error: unknown) => void) | undefined
  /** The unseen failures of one run, which reports them when it ends. */
  readonly group: Set<Failure> | undefined
}

const unseen = new Set<Failure>()
const collected = new FinalizationRegistry<Failure>((failure) => reportUnhandled(failure))

/** Notes a failure that nobody has looked at so far. `owner` is the task or future that holds it. */
export function noteFailure(owner: object, failure: Failure): void {
  freezeStack(failure.error)
  if (unseen.size === 0) process.once('exit', reportAll)
  unseen.add(failure)
  failure.group?.add(failure)
  collected.register(owner, failure, failure)
}

/**
 * Until its `stack` is read, an error holds on to the objects whose methods were on it, the task among them, and the
 * task would never be collected.
 */
function freezeStack(error: unknown): void {
  try {
    if (error instanceof Error) void error.stack
  } catch {
    // A getter of the user's that throws holds nothing of ours.
  }
}

/** Somebody has looked. */
export function seeFailure(failure: Failure): void {
  if (failure.state !== 'unseen') return
  failure.state = 'seen'
  forget(failure)
}

/** Hands it to its handler; without one, or if that throws: stderr, and the process will end with status 1. */
export function reportUnhandled(failure: Failure): void {
  if (failure.state !== 'unseen') return
  failure.state = 'reported'
  forget(failure)
  if (failure.handle === undefined) {
    print(failure.name, 'failed, and nobody looked at its error', failure.error, failure.place)
    return
  }
  try {
    failure.handle(failure.error)
  } catch (error) {
    print(failure.name, 'failed, and nobody looked at its error', failure.error, failure.place)
    print('onUnhandled', 'threw while it was told of that', error, undefined)
  }
}

function print(name: string, what: string, error: unknown, place: string | undefined): void {
  process.exitCode ||= 1
  const created = place === undefined ? '' : `\n  it was created\n${place}`
  process.stderr.write(`plait: ${name} ${what}:\n${inspect(error)}${created}\n`)
}

function forget(failure: Failure): void {
  unseen.delete(failure)
  failure.group?.delete(failure)
  collected.unregister(failure)
  if (unseen.size === 0) process.removeListener('exit', reportAll)
}

function reportAll(): void {
  for (const failure of [...unseen]) reportUnhandled(failure)
}
