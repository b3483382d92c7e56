import type { ForeignSubject } from '../harness/row.ts'
import { WORKERS } from './pool.ts'

/** A row's work in Python: a function of bench/python/rows.py. */
export function python(name: string, work: string): ForeignSubject {
  return {
    name,
    command: 'python3',
    args: (size) => ['bench/python/rows.py', work, JSON.stringify({ ...size, workers: WORKERS })],
  }
}
