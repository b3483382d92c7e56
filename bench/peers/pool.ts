import { availableParallelism } from 'node:os'

/** What every peer must be able to do: call one of bench/functions in a worker. */
export interface Pool {
  call(name: 'echo' | 'spin', n: number): PromiseLike<number>
  close(): PromiseLike<unknown>
}

/** Opens a pool with exactly this many workers. */
export type OpenPool = (workers: number) => Pool

/** The same for everybody. */
export const WORKERS = availableParallelism()

/** Where the worker modules lie, as a path and as a URL. */
export function workerModule(name: string): URL {
  return new URL(`../functions/${name}.js`, import.meta.url)
}

/** Opens a pool whose workers have all started and are warm, measures with it, and closes it. */
export async function withPool<T>(open: OpenPool, body: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = open(WORKERS)
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 200 }, (_, n) => pool.call('echo', n)))
  }
  const result = await body(pool)
  await pool.close()
  return result
}
