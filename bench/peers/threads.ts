import { Piscina } from 'piscina'
import { ThreadPoolExecutor } from 'plait/futures'
import { FixedThreadPool } from 'poolifier'
import Tinypool from 'tinypool'
import workerpool from 'workerpool'
import { echo, spin } from '../functions/functions.ts'
import { type OpenPool, workerModule } from './pool.ts'

const FUNCTIONS = { echo, spin }

export const plait: OpenPool = (maxWorkers) => {
  const pool = new ThreadPoolExecutor({ minWorkers: maxWorkers, maxWorkers })
  return { call: (name, n) => pool.submit(FUNCTIONS[name], n), close: () => pool.shutdown() }
}

export const piscina: OpenPool = (threads) => {
  const pool = new Piscina({
    filename: workerModule('functions').href,
    minThreads: threads,
    maxThreads: threads,
  })
  return { call: (name, n) => pool.run(n, { name }), close: () => pool.close() }
}

export const tinypool: OpenPool = (threads) => {
  const pool = new Tinypool({
    filename: workerModule('functions').href,
    minThreads: threads,
    maxThreads: threads,
  })
  return { call: (name, n) => pool.run(n, { name }), close: () => pool.destroy() }
}

export const workerpoolThreads: OpenPool = (workers) => {
  const pool = workerpool.pool(workerModule('workerpool-worker').pathname, {
    workerType: 'thread',
    minWorkers: workers,
    maxWorkers: workers,
  })
  // Its promises are thenables of its own.
  return { call: (name, n) => pool.exec(name, [n]), close: async () => pool.terminate() }
}

export const poolifier: OpenPool = (workers) => {
  const pool = new FixedThreadPool<number, number>(workers, workerModule('poolifier-worker').pathname)
  return { call: (name, n) => pool.execute(n, name), close: () => pool.destroy() }
}
