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
  /** A new one. */
  readonly make: (lanes: number) => Executor
  /** One that all tests of a file share, for those that do not count: workers cost time to start. */
  readonly lend: (lanes: number) => Executor
}

export interface PoolSubject extends Subject {
  readonly kind: 'thread' | 'process'
  readonly pool: (options: PoolOptions & { env?: NodeJS.ProcessEnv }) => Executor
}

function lender(make: (lanes: number) => Executor): Pick<Subject, 'make' | 'lend'> {
  const lent = new Map<number, Executor>()
  const lend = (lanes: number): Executor => {
    const executor = lent.get(lanes) ?? make(lanes)
    lent.set(lanes, executor)
    return executor
  }
  return { make, lend }
}

export const pools: readonly PoolSubject[] = [
  {
    name: 'thread pool executor',
    kind: 'thread',
    ...lender((lanes) => new ThreadPoolExecutor({ maxWorkers: lanes })),
    pool: (options) => new ThreadPoolExecutor(options),
  },
  {
    name: 'process pool executor',
    kind: 'process',
    // Without the options that the tests themselves were started with, they start in a third of the time.
    ...lender((lanes) => new ProcessPoolExecutor({ maxWorkers: lanes, execArgv: [] })),
    pool: (options) => new ProcessPoolExecutor({ execArgv: [], ...options }),
  },
]

export const executors: readonly Subject[] = [
  {
    name: 'event loop executor',
    ...lender((lanes) => new EventLoopExecutor({ maxConcurrency: lanes })),
  },
  ...pools,
]

/** Everything that was submitted has ended, one way or another. */
export function settledOf(executor: Executor): number {
  const { completed, failed, cancelled } = executor.stats()
  return completed + failed + cancelled
}
