import { invalidArgument } from '../core/index.ts'

/**
 * The argument lists of the calls. A list that contains no list is taken as one argument for each call,
 * `[1, 2]` as `[[1], [2]]`; an empty one, or none, as calls without arguments.
 *
 * @throws {TypeError} PLAIT_INVALID_ARGUMENT if it is no list, or if some of its items are lists and others not
 */
export function argumentLists(args: unknown, name: string): readonly (readonly unknown[])[] {
  if (args === undefined) return [[]]
  if (!Array.isArray(args))
    throw invalidArgument(name, 'a list with one list of arguments for each call, such as [[1], [2]]', args)
  if (args.length === 0) return [[]]
  const lists = args.filter((item) => Array.isArray(item)).length
  if (lists === args.length) return args
  if (lists === 0) return args.map((item) => [item])
  const odd = args.findIndex((item) => Array.isArray(item) !== Array.isArray(args[0]))
  throw invalidArgument(
    `${name}[${odd}]`,
    `${Array.isArray(args[0]) ? 'a list of arguments' : 'one argument that is no list'}, as the item before it (either every item is a list of arguments or none is)`,
    args[odd],
  )
}

/** Sampled argument lists are so many at most. */
const MOST_LISTS = 20_000

/**
 * An even choice of the lists in a mixed order that is always the same: a sample takes the first of them,
 * and what stands first in a job is often special.
 */
export function mixed<T>(lists: readonly T[]): T[] {
  const step = Math.max(1, lists.length / MOST_LISTS)
  const chosen = Array.from(
    { length: Math.min(lists.length, MOST_LISTS) },
    (_, i) => lists[Math.floor(i * step)]!,
  )
  let seed = 1
  for (let i = chosen.length - 1; i > 0; i--) {
    seed = (seed * 48_271) % 2_147_483_647
    const j = seed % (i + 1)
    const kept = chosen[i]!
    chosen[i] = chosen[j]!
    chosen[j] = kept
  }
  return chosen
}
