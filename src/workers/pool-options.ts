import { availableParallelism } from 'node:os'
import { type Duration, invalidArgument, toMilliseconds } from '../core/index.ts'

/** What thread pools and process pools have in common. */
export interface PoolOptions {
  /** Most workers at the same time; default: what the machine can run in parallel. */
  maxWorkers?: number
  /** Workers that are kept, started at once and replaced when they die; default 0: started when there is work. */
  minWorkers?: number
  /** How long a worker above `minWorkers` may be idle before it is ended; default `'30s'`, `Infinity` for ever. */
  idleTimeout?: Duration
  /** Called in each worker before its first task; an exported function. */
  initializer?: (...args: any[]) => unknown
  /** Arguments of the initializer. */
  initargs?: readonly unknown[]
  /** Called in each worker that ends by itself, after its last task; an exported function. */
  finalizer?: () => unknown
  /** A worker is replaced after that many tasks; default: never. */
  maxTasksPerWorker?: number
  /** Tasks that may wait; more are refused with `QueueFull`. Default: no limit. */
  maxQueue?: number
  /** How long a cancelled task may take to end before its worker is ended; default `'1s'`. */
  cancelGrace?: Duration
  /** Shown in errors and in the names of the workers. */
  name?: string
}

/** {@link PoolOptions} as checked. */
export interface PoolPolicy {
  readonly maxWorkers: number
  readonly minWorkers: number
  readonly idleMs: number
  readonly initializer: ((...args: any[]) => unknown) | undefined
  readonly initargs: readonly unknown[]
  readonly finalizer: (() => unknown) | undefined
  readonly maxTasksPerWorker: number
  readonly maxQueue: number
  readonly graceMs: number
  readonly name: string
}

/** @throws {TypeError} or {RangeError} PLAIT_INVALID_ARGUMENT */
export function poolPolicy(options: PoolOptions, defaultName: string): PoolPolicy {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options)
  const { initializer, initargs = [], finalizer, name = defaultName } = options
  const maxWorkers = count('maxWorkers', options.maxWorkers, availableParallelism(), 1)
  const minWorkers = count('minWorkers', options.minWorkers, 0, 0)
  if (minWorkers > maxWorkers)
    throw invalidArgument('minWorkers', `at most maxWorkers (${maxWorkers})`, minWorkers, 'range')
  if (initializer !== undefined && typeof initializer !== 'function')
    throw invalidArgument('initializer', 'a function', initializer)
  if (finalizer !== undefined && typeof finalizer !== 'function')
    throw invalidArgument('finalizer', 'a function', finalizer)
  if (!Array.isArray(initargs)) throw invalidArgument('initargs', 'an array', initargs)
  if (typeof name !== 'string') throw invalidArgument('name', 'a string', name)
  return {
    maxWorkers,
    minWorkers,
    idleMs: toMilliseconds(options.idleTimeout ?? '30s', 'idleTimeout'),
    initializer,
    initargs,
    finalizer,
    maxTasksPerWorker: count('maxTasksPerWorker', options.maxTasksPerWorker, Number.POSITIVE_INFINITY, 1),
    maxQueue: count('maxQueue', options.maxQueue, Number.POSITIVE_INFINITY, 0),
    graceMs: toMilliseconds(options.cancelGrace ?? '1s', 'cancelGrace'),
    name,
  }
}

/** A whole number from `least` on; `byDefault` may be `Infinity`, and is then allowed. */
export function count(name: string, value: number | undefined, byDefault: number, least: number): number {
  if (value === undefined) return byDefault
  if (value === Number.POSITIVE_INFINITY && byDefault === value) return value
  return wholeNumber(name, value, least)
}

/** @throws {TypeError} or {RangeError} PLAIT_INVALID_ARGUMENT unless `value` is a whole number from `least` on */
export function wholeNumber(name: string, value: number, least: number): number {
  if (typeof value !== 'number') throw invalidArgument(name, `a whole number from ${least} on`, value)
  if (!Number.isSafeInteger(value) || value < least)
    throw invalidArgument(name, `a whole number from ${least} on`, value, 'range')
  return value
}
