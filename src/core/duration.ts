import { invalidArgument } from './errors.ts'

/**
 * A length of time: a number of milliseconds, or a number with its unit, such as `'50ms'`, `'1.5s'`,
 * `'2m'`, `'1h'`. Negative counts as 0.
 */
export type Duration = number | `${number}ms` | `${number}s` | `${number}m` | `${number}h`

const UNIT_IN_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(ms|s|m|h)$/i

/**
 * Milliseconds of a {@link Duration}, never negative; `Infinity` stays what it is.
 *
 * @param name of the argument, for the message
 * @throws {RangeError} PLAIT_INVALID_ARGUMENT for NaN
 * @throws {TypeError} PLAIT_INVALID_ARGUMENT for anything that is not a duration
 */
export function toMilliseconds(value: Duration, name: string): number {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) throw invalidArgument(name, 'a number of milliseconds', value, 'range')
    return value > 0 ? value : 0
  }
  const match = typeof value === 'string' ? FORM.exec(value) : null
  if (match === null) {
    throw invalidArgument(name, "milliseconds or a duration such as '50ms', '1s', '2m', '1h'", value)
  }
  const unit = match[2]!.toLowerCase() as keyof typeof UNIT_IN_MS
  return Math.max(0, Number(match[1]) * UNIT_IN_MS[unit])
}
