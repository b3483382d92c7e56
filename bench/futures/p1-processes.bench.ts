import type { Row, Subject } from '../harness/row.ts'
import { type OpenPool, withPool } from '../peers/pool.ts'
import { jestWorker, plait, tinypool, workerpoolProcesses } from '../peers/processes.ts'
import { python } from '../peers/python.ts'
import { measureTrips } from './t1-round-trip.bench.ts'
import { measureBurst } from './t2-burst.bench.ts'

const PEERS = ['workerpool', 'tinypool', 'jest-worker', 'Python ProcessPoolExecutor']

/** P1: T1 and T2 with processes. */
export const processes: Row = {
  id: 'P1',
  area: 'futures',
  work: 'no-op task in a process and back, one at a time and 20 000 at once',
  metrics: [
    { name: 'p50', unit: 'µs' },
    { name: 'p99', unit: 'µs' },
    { name: 'all', unit: 'ms' },
  ],
  size: { trips: 5_000, tasks: 20_000 },
  quickSize: { trips: 20, tasks: 200 },
  subjects: [
    subject('plait', plait),
    subject('workerpool', workerpoolProcesses),
    subject('tinypool', tinypool),
    subject('jest-worker', jestWorker),
    python('Python ProcessPoolExecutor', 'processes'),
  ],
  goals: PEERS.flatMap((peer) => [
    { metric: 'p50', peer, ratio: 1 },
    { metric: 'all', peer, ratio: 0.1 },
  ]),
}

function subject(name: string, open: OpenPool): Subject {
  return {
    name,
    run: ({ trips, tasks }) =>
      withPool(open, async (pool) => ({
        ...(await measureTrips(pool, trips!)),
        ...(await measureBurst(pool, tasks!)),
      })),
  }
}
