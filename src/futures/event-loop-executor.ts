import { invalidArgument } from '../core/index.ts'
import { count } from '../workers/index.ts'
import { EventLoopRunner } from './event-loop-runner.ts'
import { JobExecutor } from './job-executor.ts'

/** Options of {@link EventLoopExecutor}. */
export interface EventLoopOptions {
  /** Most tasks at the same time; default: no limit. */
  maxConcurrency?: number
}

let executors = 0

/**
 * Runs functions as tasks on this event loop: for work that waits, such as downloads and queries.
 *
 * Any function will do, closures included; arguments and results are passed as they are. Work that computes blocks
 * everything else here: give it to {@link ThreadPoolExecutor}.
 *
 * **Cancellation** cooperative: a task ends at its next wait on this library, or when it asks.
 *
 * @example
 * await using executor = new EventLoopExecutor({ maxConcurrency: 8 })
 * for await (const page of executor.map((url) => fetch(url).then((r) => r.text()), urls)) console.log(page.length)
 */
export class EventLoopExecutor extends JobExecutor {
  /** @throws {TypeError} or {RangeError} PLAIT_INVALID_ARGUMENT */
  constructor(options: EventLoopOptions = {}) {
    if (typeof options !== 'object' || options === null)
      throw invalidArgument('options', 'an object', options)
    const lanes = count('maxConcurrency', options.maxConcurrency, Number.POSITIVE_INFINITY, 1)
    executors += 1
    super(new EventLoopRunner(`event-loop-${executors}`, lanes, Number.POSITIVE_INFINITY), {
      model: 'event-loop',
      parallel: false,
      delivery: 'at-most-once',
      cancel: 'cooperative',
      functions: 'any',
      values: 'reference',
    })
  }
}
