import { median, quantile } from '../harness/measure.ts'
import type { AbsentSubject, Figures, Row } from '../harness/row.ts'
import { type OpenPool, type Pool, withPool } from '../peers/pool.ts'
import { python } from '../peers/python.ts'
import { piscina, plait, poolifier, tinypool, workerpoolThreads } from '../peers/threads.ts'

export const knitting: AbsentSubject = { name: 'knitting', absent: 'not obtainable from npm' }

/** T1: how long one small task takes there and back. */
export const roundTrip: Row = {
  id: 'T1',
  area: 'futures',
  work: 'no-op task in a thread and back, one at a time',
  metrics: [
    { name: 'p50', unit: 'µs' },
    { name: 'p99', unit: 'µs' },
  ],
  size: { trips: 10_000 },
  quickSize: { trips: 20 },
  subjects: [
    subject('plait', plait),
    subject('piscina', piscina),
    subject('tinypool', tinypool),
    subject('workerpool', workerpoolThreads),
    subject('poolifier', poolifier),
    knitting,
    python('Python ThreadPoolExecutor', 'thread-round-trip'),
  ],
  goals: [
    { metric: 'p50', peer: 'piscina', ratio: 0.25 },
    { metric: 'p50', peer: 'knitting', ratio: 1 },
  ],
}

function subject(name: string, open: OpenPool) {
  return {
    name,
    run: ({ trips }: { trips?: number }) => withPool(open, (pool) => measureTrips(pool, trips!)),
  }
}

export async function measureTrips(pool: Pool, trips: number): Promise<Figures> {
  const times: number[] = []
  for (let n = 0; n < trips; n++) {
    const start = performance.now()
    const result = await pool.call('echo', n)
    times.push((performance.now() - start) * 1_000)
    if (result !== n) throw new Error(`got ${result} instead of ${n}`)
  }
  return { p50: median(times), p99: quantile(times, 0.99) }
}
