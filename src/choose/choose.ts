// WHAT   The two doors: a function at hand, or one named by its module and export.
// RULES
//   1. A function that its module exports is measured in child processes, one for each row, so that nothing
//      it does can harm this process. Another one, or one whose arguments are live objects, is measured here.
//   2. A module that calls `choose` while it is imported to be measured is not measured from within.

import { availableParallelism } from 'node:os'
import {
  CancelledError,
  currentScope,
  type Duration,
  invalidArgument,
  RemoteError,
  toMilliseconds,
} from '../core/index.ts'
import { type FunctionReference, referenceOf, refuseWhileImporting } from '../wire/index.ts'
import { argumentLists, mixed } from './argument-lists.ts'
import { crossesUnchanged } from './crosses-unchanged.ts'
import { InPool } from './in-pool.ts'
import { type ChooseProgress, type MakeBench, measure } from './measure.ts'
import { InSequence, OnEventLoop } from './on-this-thread.ts'
import type { Job } from './plan.ts'
import type { ChooseResult } from './result.ts'
import { type Printed, RowChild } from './row-child.ts'
import { RowFailure } from './row-failure.ts'
import type { Bench, Work } from './slice.ts'
import { sayBytes, sayCount } from './wording.ts'

/** Options of {@link choose}. */
export interface ChooseOptions {
  /** Calls of the whole job; default: one for each list of arguments. */
  count?: number
  /** Worker counts to measure threads and processes with; default: as many as there are cores. */
  workers?: number | readonly number[]
  /** How long one call may take; default `'30s'`. */
  timeout?: Duration
  /** How long each configuration is sampled, about; default `'1s'`. Less is faster and less certain. */
  budget?: Duration
  /** Aborted: workers are ended, and `choose` rejects with `CancelledError`. */
  signal?: AbortSignal
  /** Told now and then what is being measured. */
  onProgress?(progress: ChooseProgress): void
}

const DEFAULT_TIMEOUT: Duration = '30s'
const DEFAULT_BUDGET: Duration = '1s'

interface Settings {
  readonly argLists: readonly (readonly unknown[])[]
  readonly count: number
  readonly workers: readonly number[]
  readonly timeoutMs: number
  readonly budgetMs: number
  readonly onProgress: (progress: ChooseProgress) => void
}

/**
 * Finds out by measurement how to run many calls of a function: in sequence, on the event loop, in threads
 * or in processes, and how many at a time.
 *
 * It really makes calls, some seconds long, more of them than the job has if they are short. Whether the
 * work waits or computes is read from the clocks, not guessed. Use it before you decide; in a running
 * program decide once and use the executor it names.
 *
 * **Cancellation** ends all workers. **Failure** of some calls is counted in the rows; only if no model
 * could run the function does it reject.
 *
 * **Cost** about ten seconds, less with a smaller budget, and a few calls' length if a call takes seconds. An exported function is
 * measured in processes of its own; any other one in this process, where an endless loop cannot be ended.
 *
 * @param fn to be called; exported by a module for threads and processes to be measured as well
 * @param args a list of arguments for each call, `[[1], [2]]`; items that are no lists count as one
 *   argument each; used again from the start if the job has more calls
 * @throws {TypeError} or {RangeError} PLAIT_INVALID_ARGUMENT
 * @throws {ExceptionGroup} PLAIT_EXCEPTION_GROUP if no model could run the function, with a reason from each
 * @throws {InvalidStateError} PLAIT_INVALID_STATE if called by a module while that is being measured
 *
 * @example
 * import { choose } from 'plait/choose'
 * import { download } from './download.ts'
 *
 * const { recommendation, reason } = await choose(download, urls.map((url) => [url]))
 * console.log(reason)
 */
export async function choose(
  fn: (...args: any[]) => unknown,
  args?: readonly unknown[],
  options: ChooseOptions = {},
): Promise<ChooseResult> {
  if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn)
  const settings = settingsOf(args, options)
  refuseWhileImporting('choose()')
  return underSignal(options.signal, async (signal) => {
    const named = await reference(fn)
    if (named.reference === undefined || !crossesUnchanged(settings.argLists))
      return measureHere(fn, named, settings, signal)
    try {
      return await measureInChildren(named.reference, settings, signal)
    } catch (error) {
      // The module cannot be imported a second time, as a program that calls `choose` itself; here it is.
      if (!(error instanceof RowFailure)) throw error
      return measureHere(fn, { reference: undefined, error: errorOf(error) }, settings, signal)
    }
  })
}

/**
 * As {@link choose}, for a function named by its module and export; what the command `plait choose` calls.
 * The module is imported by the children only.
 *
 * @param url of the module, `file:`
 * @throws {TypeError} PLAIT_INVALID_ARGUMENT also if there is no such export or it is no function
 * @throws {RemoteError} PLAIT_REMOTE if the module cannot be imported
 */
export async function chooseExport(
  url: string | URL,
  name: string,
  args?: readonly unknown[],
  options: ChooseOptions = {},
): Promise<ChooseResult> {
  const settings = settingsOf(args, options)
  refuseWhileImporting('chooseExport()')
  const reference: FunctionReference = { kind: 'export', url: String(url), name }
  return underSignal(options.signal, async (signal) => {
    try {
      return await measureInChildren(reference, settings, signal)
    } catch (error) {
      throw error instanceof RowFailure ? errorOf(error) : error
    }
  })
}

function settingsOf(args: unknown, options: ChooseOptions): Settings {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options)
  const argLists = argumentLists(args, 'args')
  const { count = argLists.length, workers = [], timeout = DEFAULT_TIMEOUT, onProgress } = options
  const budgetMs = toMilliseconds(options.budget ?? DEFAULT_BUDGET, 'budget')
  if (!Number.isFinite(budgetMs)) throw invalidArgument('budget', 'a limited time', options.budget, 'range')
  positive('count', count)
  const counts = typeof workers === 'number' ? [workers] : workers
  if (!Array.isArray(counts))
    throw invalidArgument('workers', 'a number of workers or a list of them', workers)
  for (const one of counts) positive('workers', one)
  const timeoutMs = toMilliseconds(timeout, 'timeout')
  if (timeoutMs === 0) throw invalidArgument('timeout', 'more than no time', timeout, 'range')
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw invalidArgument('onProgress', 'a function', onProgress)
  return {
    argLists: mixed(argLists),
    count,
    workers: counts,
    timeoutMs,
    budgetMs: Math.max(1, budgetMs),
    onProgress: onProgress ?? (() => undefined),
  }
}

function positive(name: string, value: unknown): void {
  if (typeof value !== 'number') throw invalidArgument(name, 'a whole number from 1 on', value)
  if (!Number.isSafeInteger(value) || value < 1)
    throw invalidArgument(name, 'a whole number from 1 on', value, 'range')
}

async function reference(fn: (...args: any[]) => unknown): Promise<Named> {
  try {
    return { reference: await referenceOf(fn) }
  } catch (error) {
    return { reference: undefined, error }
  }
}

type Named =
  | { readonly reference: FunctionReference }
  | { readonly reference: undefined; readonly error: unknown }

/** Runs `body` with a signal that also follows the scope around the call. */
async function underSignal<T>(
  given: AbortSignal | undefined,
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const abort = () => controller.abort(given?.reason)
  if (given?.aborted) abort()
  given?.addEventListener('abort', abort, { once: true })
  const withdraw = currentScope()?.onCancel((reason) => controller.abort(reason))
  try {
    if (controller.signal.aborted) throw new CancelledError(controller.signal.reason)
    return await body(controller.signal)
  } finally {
    withdraw?.()
    given?.removeEventListener('abort', abort)
  }
}

/** @throws {RowFailure} if the module or its export is at fault */
async function measureInChildren(
  reference: FunctionReference,
  settings: Settings,
  signal: AbortSignal,
): Promise<ChooseResult> {
  const { argLists, timeoutMs } = settings
  const printed: Printed = { lines: 0, bytes: 0 }
  const makeBench: MakeBench = ({ model, workers }, traced) =>
    new RowChild({ model, workers, traced, reference, argLists, timeoutMs }, printed, signal)
  const result = await measure(makeBench, jobOf(settings), settings.onProgress)
  const notes = [...(result.notes ?? []), ...notesOf(printed)]
  return notes.length === 0 ? result : { ...result, notes }
}

/** The module is at fault: nothing was measured. */
function errorOf({ failure }: RowFailure): Error {
  const { name, message, code } = failure.problem
  if (failure.wrongCall) return Object.assign(new TypeError(message), { code: 'PLAIT_INVALID_ARGUMENT' })
  return new RemoteError({ name, message, ...(code === undefined ? {} : { code }), fields: {} })
}

function notesOf(printed: Printed): string[] {
  if (printed.bytes === 0) return []
  const amount = printed.lines > 0 ? sayCount(printed.lines, 'line') : sayBytes(printed.bytes)
  return [`While it was measured the function printed ${amount} to standard output, not shown here.`]
}

async function measureHere(
  fn: (...args: unknown[]) => unknown,
  named: Named,
  settings: Settings,
  signal: AbortSignal,
): Promise<ChooseResult> {
  const work: Work = { fn, argLists: settings.argLists, timeoutMs: settings.timeoutMs }
  const beat = () => {
    if (signal.aborted) throw new CancelledError(signal.reason)
  }
  const makeBench: MakeBench = ({ model, workers }, traced) => {
    beat()
    if (model === 'sync') return new InSequence(work, beat)
    if (model === 'event-loop') return new OnEventLoop(work, beat, workers)
    if (named.reference === undefined) return refused(named.error)
    return new InPool(work, { model, workers: workers ?? 1, reference: named.reference, traced })
  }
  return measure(makeBench, jobOf(settings), settings.onProgress)
}

/** Stands for a model that this function cannot cross into. */
function refused(error: unknown): Bench {
  const refuse = (): Promise<never> => Promise.reject(error)
  return { open: refuse, slice: refuse, close: async () => undefined }
}

function jobOf({ count, workers, budgetMs }: Settings): Job {
  return { count, workers, budgetMs, cores: availableParallelism() }
}
