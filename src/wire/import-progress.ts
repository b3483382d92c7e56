// WHAT     Tells an import that takes its time from one that cannot end.
// RULES
//   1. An import of a module that was evaluated already ends within as many rounds through the loader as
//      any other import takes. One that is still pending after ROUNDS of them waits for the evaluation of
//      the module itself: for a top-level `await`. This needs no clock, however slow the loader or busy the
//      loop is.
//   2. Such an import in a worker is given up once nothing is left that could end it: for GIVE_UP_AFTER
//      checks in a row, the thread had no timer, request, server or other resource that was not there
//      before the first import. Something the platform does not list (a lock held by another thread) could
//      still end it, hence several seconds and not one.
//   3. Where something is left (the program's server listens), nobody can know. The future stays pending, can
//      be cancelled, and a warning says what it waits for.
// CHECKED BY tests/wire/top-level-await.test.ts
import { InvalidStateError } from '../core/index.ts'

const ROUNDS = 4
const CHECK_EVERY_MS = 500
const WARN_AFTER = 4
const GIVE_UP_AFTER = 20

/** True if the import waits for a top-level `await` of the module (rule 1). */
export async function awaitsItself(pending: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = () => {
    settled = true
  }
  pending.then(settle, settle)
  for (let round = 0; round < ROUNDS && !settled; round++) {
    await import('node:url') // rule 1: always evaluated, and takes the same way through the loader
    await new Promise(setImmediate)
  }
  return !settled
}

let before: ReadonlyMap<string, number> | undefined

/** To be called before the first import of a worker, when its own channels are open. */
export function rememberResources(): void {
  before ??= countResources()
}

/**
 * The import, or an error if it cannot end any more (rules 2 and 3).
 *
 * @throws {InvalidStateError} PLAIT_INVALID_STATE
 */
export async function untilImported<T>(pending: Promise<T>, url: string): Promise<T> {
  if (!(await awaitsItself(pending))) return pending
  let stop = () => {}
  const stuck = new Promise<never>((_resolve, reject) => {
    let checks = 0
    let idle = 0
    const timer = setInterval(() => {
      checks++
      idle = nothingIsLeft() ? idle + 1 : 0
      if (checks === WARN_AFTER)
        process.emitWarning(`${waits(url)}.${advice}`, 'PlaitWarning', 'PLAIT_IMPORT_WAITS')
      if (idle === GIVE_UP_AFTER) {
        reject(new InvalidStateError(`${waits(url)}, and nothing is left here that could end it.${advice}`))
      }
    }, CHECK_EVERY_MS)
    timer.unref()
    stop = () => clearInterval(timer)
  })
  try {
    return await Promise.race([pending, stuck])
  } finally {
    stop()
  }
}

function waits(url: string): string {
  return `the import of ${url}, which a worker needs for a task's function, still waits at its top level`
}

const advice =
  ' Move the function to a module of its own, or put what only the program should do under ' +
  "`if (workerInfo().kind === 'main')`"

function nothingIsLeft(): boolean {
  for (const [kind, count] of countResources()) {
    if (count > (before?.get(kind) ?? 0)) return false
  }
  return true
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}
