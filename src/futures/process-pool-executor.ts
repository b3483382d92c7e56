import { invalidArgument } from '../core/index.ts'
import { processBackend } from '../multiprocessing/index.ts'
import { Pool, type PoolOptions, poolPolicy } from '../workers/index.ts'
import { JobExecutor } from './job-executor.ts'

/** Options of {@link ProcessPoolExecutor}. */
export interface ProcessPoolOptions extends PoolOptions {
  /** Environment of the processes; default: the program's. It replaces it: spread `process.env` to add to it. */
  env?: NodeJS.ProcessEnv
  /** Working directory of the processes; default: the program's. */
  cwd?: string
  /** Options of Node for the processes, such as `['--max-old-space-size=512']`; default: the program's. */
  execArgv?: readonly string[]
}

let pools = 0

/**
 * Runs functions in worker processes: for work that computes and may crash, leak or be killed, without harm to the
 * program.
 *
 * Use {@link ThreadPoolExecutor} where that is not needed: threads start faster and values cross faster.
 *
 * **Cost** 50 to 150 ms and about 40 MB a process, started when there is work for it. What a process has started ends
 * with it. An idle pool does not keep the program alive, and none of its processes outlives it.
 *
 * @example
 * await using pool = new ProcessPoolExecutor({ maxWorkers: 4 })
 * for await (const size of pool.map(render, pages)) console.log(size)
 *
 * Python: `concurrent.futures.ProcessPoolExecutor`.
 */
export class ProcessPoolExecutor extends JobExecutor {
  /** @throws {TypeError} or {RangeError} PLAIT_INVALID_ARGUMENT */
  constructor(options: ProcessPoolOptions = {}) {
    const policy = poolPolicy(options, `processes-${pools + 1}`)
    const { env, cwd, execArgv } = options
    if (cwd !== undefined && typeof cwd !== 'string') throw invalidArgument('cwd', 'a path', cwd)
    if (execArgv !== undefined && !Array.isArray(execArgv))
      throw invalidArgument('execArgv', 'an array of strings', execArgv)
    pools += 1
    super(new Pool(policy, processBackend({ env, cwd, execArgv })), {
      model: 'processes',
      parallel: true,
      delivery: 'at-most-once',
      cancel: 'forced',
      functions: 'named',
      values: 'structured-clone',
    })
  }
}
