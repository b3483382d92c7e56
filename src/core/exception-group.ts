import { describeValue, PlaitError } from './errors.ts'

const BRANDED = Symbol.for('plait.error')

/**
 * Several failures that belong together: what a task group throws when its children fail.
 *
 * An `AggregateError`, so whatever prints or walks those handles this too. `errors` holds the failures in
 * the order in which they came (of a task group: the body's last), `cause` is the first, `message` names
 * each in one line.
 *
 * @example
 * try {
 *   await taskGroup(async (tg) => { … })
 * } catch (error) {
 *   if (!(error instanceof ExceptionGroup)) throw error
 *   const [timeouts, rest] = error.split((e) => e instanceof TimeoutError)
 *   if (rest) throw rest
 * }
 *
 * Python: `ExceptionGroup` (PEP 654).
 */
export class ExceptionGroup extends AggregateError {
  declare readonly code: 'PLAIT_EXCEPTION_GROUP'
  declare cause?: unknown

  /**
   * @param errors at least one
   * @param message put before the list of failures; default: how many there are
   * @throws {RangeError} PLAIT_INVALID_ARGUMENT if there is no error in the list
   */
  constructor(errors: Iterable<unknown>, message?: string) {
    const list = [...errors]
    if (list.length === 0) {
      throw Object.assign(new RangeError('errors: expected at least one error, got none'), {
        code: 'PLAIT_INVALID_ARGUMENT',
      })
    }
    super(list, summary(list, message), { cause: list[0] })
    // What derived groups repeat before their own list (see `subgroup`).
    Object.defineProperty(this, 'heading', { value: message })
  }

  /**
   * The failures for which `predicate` holds, with the nesting kept, or `undefined` if there are none.
   * The predicate is asked about groups first: one that matches is taken whole.
   */
  subgroup(predicate: (error: unknown) => boolean): ExceptionGroup | undefined {
    return this.split(predicate)[0]
  }

  /** Both halves at once: those for which `predicate` holds, and the rest; each a group or `undefined`. */
  split(predicate: (error: unknown) => boolean): [ExceptionGroup | undefined, ExceptionGroup | undefined] {
    if (predicate(this)) return [this, undefined]
    const match: unknown[] = []
    const rest: unknown[] = []
    for (const error of this.errors) {
      if (error instanceof ExceptionGroup) {
        const [inside, outside] = error.split(predicate)
        if (inside !== undefined) match.push(inside)
        if (outside !== undefined) rest.push(outside)
      } else if (predicate(error)) {
        match.push(error)
      } else {
        rest.push(error)
      }
    }
    if (rest.length === 0) return [this, undefined]
    const heading = (this as { heading?: string }).heading
    return [
      match.length === 0 ? undefined : new ExceptionGroup(match, heading),
      match.length === 0 ? this : new ExceptionGroup(rest, heading),
    ]
  }
}

function summary(errors: readonly unknown[], message: string | undefined): string {
  const heading = message ?? (errors.length === 1 ? '1 failure' : `${errors.length} failures`)
  return `${heading}: ${errors.map(oneLine).join('; ')}`
}

function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return describeValue(error)
  const first = String(error.message).split('\n', 1)[0]
  return first === '' ? error.name : `${error.name}: ${first}`
}

// Recognised across two copies of the library like every error of ours (errors.ts, rule 2), although it
// cannot extend PlaitError: it is an AggregateError.
Object.defineProperties(ExceptionGroup.prototype, {
  [BRANDED]: { value: 'plait.ExceptionGroup' },
  name: { value: 'ExceptionGroup', configurable: true, writable: true },
  code: { value: 'PLAIT_EXCEPTION_GROUP', configurable: true, writable: true },
})
Object.defineProperty(ExceptionGroup, Symbol.hasInstance, {
  value: Object.getOwnPropertyDescriptor(PlaitError, Symbol.hasInstance)!.value,
})
