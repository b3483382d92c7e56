import { switches } from './asyncio/a1-switches.bench.ts'
import { processes } from './futures/p1-processes.bench.ts'
import { roundTrip } from './futures/t1-round-trip.bench.ts'
import { burst } from './futures/t2-burst.bench.ts'
import { computing } from './futures/t4-computing.bench.ts'
import type { Row } from './harness/row.ts'

/** In the order of the table. */
export const rows: readonly Row[] = [switches, roundTrip, burst, computing, processes]
