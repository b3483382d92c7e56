import { Worker as JestWorker } from 'jest-worker'
import { ProcessPoolExecutor } from 'plait/futures'
import Tinypool from 'tinypool'
import workerpool from 'workerpool'
import { echo, spin } from '../functions/functions.ts'
import { type OpenPool, type Pool, workerModule } from './pool.ts'

const FUNCTIONS = { echo, spin }

export const plait: OpenPool = (maxWorkers) => {
  const pool = new ProcessPoolExecutor({ minWorkers: maxWorkers, maxWorkers })
  return { call: (name, n) => pool.submit(FUNCTIONS[name], n), close: () => pool.shutdown() }
}

export const tinypool: OpenPool = (workers) => {
  const pool = new Tinypool({
    runtime: 'child_process',
    filename: workerModule('functions').href,
    minThreads: workers,
    maxThreads: workers,
  })
  return { call: (name, n) => pool.run(n, { name }), close: () => pool.destroy() }
}

export const workerpoolProcesses: OpenPool = (workers) => {
  const pool = workerpool.pool(workerModule('workerpool-worker').pathname, {
    workerType: 'process',
    minWorkers: workers,
    maxWorkers: workers,
  })
  // Its promises are thenables of its own.
  return { call: (name, n) => pool.exec(name, [n]), close: async () => pool.terminate() }
}

export const jestWorker: OpenPool = (numWorkers) => {
  const pool = new JestWorker(workerModule('functions').pathname, {
    exposedMethods: Object.keys(FUNCTIONS),
    numWorkers,
  })
  const methods = pool as unknown as Record<
    string,
    Pool['call'] extends (name: never, n: infer N) => infer R ? (n: N) => R : never
  >
  return { call: (name, n) => methods[name]!(n), close: () => pool.end() }
}
