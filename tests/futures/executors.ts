import {
  EventLoopExecutor,
  type Executor,
  type PoolOptions,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
} from 'plait/futures'

export type AnyPoolOptions = PoolOptions & { env?: NodeJS.ProcessEnv }

/** Without the test runner's own options, which the functions do not need, processes start faster. */
export const pools = {
  'thread pool': (options: AnyPoolOptions): Executor => new ThreadPoolExecutor(options),
  'process pool': (options: AnyPoolOptions): Executor =>
    new ProcessPoolExecutor({ execArgv: [], ...options }),
}

/** The subjects of the executor contract, by the number of tasks that run at a time. */
export const executors: Record<string, (lanes: number) => Executor> = {
  'event loop': (lanes) => new EventLoopExecutor({ maxConcurrency: lanes }),
  'thread pool': (lanes) => pools['thread pool']({ maxWorkers: lanes }),
  'process pool': (lanes) => pools['process pool']({ maxWorkers: lanes }),
}
