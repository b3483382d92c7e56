import { type ThreadSetup, threadBackend } from '../threading/index.ts'
import { Pool, type PoolOptions, poolPolicy } from '../workers/index.ts'
import { JobExecutor } from './job-executor.ts'

/** Options of {@link ThreadPoolExecutor}. */
export interface ThreadPoolOptions extends PoolOptions {
  /** Limits of each thread's memory, as `node:worker_threads` takes them. A thread that passes them dies. */
  resourceLimits?: ThreadSetup['resourceLimits']
  /** Environment of the threads; default: a copy of the program's. */
  env?: NodeJS.ProcessEnv
}

let pools = 0

/**
 * Runs functions in worker threads: for work that computes, with the least cost of starting and of crossing.
 *
 * Use {@link ProcessPoolExecutor} for work that may crash or needs a process of its own, and
 * {@link EventLoopExecutor} for work that only waits.
 *
 * **Cost** about 20 ms and 5 MB a thread, started when there is work for it. An idle pool costs no processor time and
 * does not keep the program alive.
 *
 * @example
 * await using pool = new ThreadPoolExecutor({ maxWorkers: 4 })
 * console.log(await pool.submit(fib, 30))
 *
 * Python: `concurrent.futures.ThreadPoolExecutor`.
 */
export class ThreadPoolExecutor extends JobExecutor {
  /** @throws {TypeError} or {RangeError} PLAIT_INVALID_ARGUMENT */
  constructor(options: ThreadPoolOptions = {}) {
    const policy = poolPolicy(options, `threads-${pools + 1}`)
    pools += 1
    super(new Pool(policy, threadBackend({ resourceLimits: options.resourceLimits, env: options.env })), {
      model: 'threads',
      parallel: true,
      delivery: 'at-most-once',
      cancel: 'forced',
      functions: 'named',
      values: 'structured-clone',
    })
  }
}
