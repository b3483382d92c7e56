import type { Figures, Row } from '../harness/row.ts'
import { type OpenPool, type Pool, withPool } from '../peers/pool.ts'
import { python } from '../peers/python.ts'
import { piscina, plait, poolifier, tinypool, workerpoolThreads } from '../peers/threads.ts'
import { knitting } from './t1-round-trip.bench.ts'

/** T2: how many small tasks go through when they all come at once. */
export const burst: Row = {
  id: 'T2',
  area: 'futures',
  work: '100 000 no-op tasks at once, in threads',
  metrics: [{ name: 'all', unit: 'ms' }],
  size: { tasks: 100_000 },
  quickSize: { tasks: 200 },
  subjects: [
    subject('plait', plait),
    subject('piscina', piscina),
    subject('tinypool', tinypool),
    subject('workerpool', workerpoolThreads),
    subject('poolifier', poolifier),
    knitting,
    python('Python ThreadPoolExecutor', 'thread-burst'),
  ],
  goals: [
    { metric: 'all', peer: 'piscina', ratio: 0.1 },
    { metric: 'all', peer: 'knitting', ratio: 1 },
  ],
}

function subject(name: string, open: OpenPool) {
  return {
    name,
    run: ({ tasks }: { tasks?: number }) => withPool(open, (pool) => measureBurst(pool, tasks!)),
  }
}

export async function measureBurst(pool: Pool, tasks: number): Promise<Figures> {
  const start = performance.now()
  const results = await Promise.all(Array.from({ length: tasks }, (_, n) => pool.call('echo', n)))
  const all = performance.now() - start
  const wrong = results.findIndex((result, n) => result !== n)
  if (wrong !== -1) throw new Error(`got ${results[wrong]} instead of ${wrong}`)
  return { all }
}
