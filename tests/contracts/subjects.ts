// The executors as the tests of this folder make them, and a watchdog for every test.
import { test as nodeTest } from 'node:test'
import {
  EventLoopExecutor,
  type Executor,
  type PoolOptions,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
} from 'plait/futures'

/** A test that fails rather than hangs. The limit is far beyond what a loaded machine needs. */
export function test(name: string, body: () => Promise<void> | void): void {
  nodeTest(name, { timeout: 60_000 }, body)
}

export interface Subject {
  readonly name: string
  readonly make: (lanes: number) => Executor
}

export interface PoolSubject extends Subject {
  readonly kind: 'thread' | 'process'
  readonly pool: (options: PoolOptions & { env?: NodeJS.ProcessEnv }) => Executor
}

export const pools: readonly PoolSubject[] = [
  {
    name: 'thread pool executor',
    kind: 'thread',
    make: (lanes) => new ThreadPoolExecutor({ maxWorkers: lanes }),
    pool: (options) => new ThreadPoolExecutor(options),
  },
  {
    name: 'process pool executor',
    kind: 'process',
    make: (lanes) => new ProcessPoolExecutor({ maxWorkers: lanes }),
    pool: (options) => new ProcessPoolExecutor(options),
  },
]

export const executors: readonly Subject[] = [
  { name: 'event loop executor', make: (lanes) => new EventLoopExecutor({ maxConcurrency: lanes }) },
  ...pools,
]

/** Everything that was submitted has ended, one way or another. */
export function settledOf(executor: Executor): number {
  const { completed, failed, cancelled } = executor.stats()
  return completed + failed + cancelled
}
