import { Worker } from 'node:worker_threads'
import { spin } from '../functions/functions.ts'
import { median } from '../harness/measure.ts'
import type { Figures, Row, Size, Subject } from '../harness/row.ts'
import { type OpenPool, WORKERS, withPool, workerModule } from '../peers/pool.ts'
import { piscina, plait } from '../peers/threads.ts'

/** T4: how much of the machine the work gets when it computes. */
export const computing: Row = {
  id: 'T4',
  area: 'futures',
  work: `tasks that compute for 1 ms (1 000) and 100 ms (20), ${WORKERS} threads`,
  metrics: [
    { name: '1 ms', unit: 'ms' },
    { name: '100 ms', unit: 'ms' },
  ],
  size: { short: 1_000, long: 20 },
  calibrate: () => ({ iterations: millisecond() }),
  quickSize: { short: 10, long: 2, iterations: 10_000 },
  subjects: [
    subject('plait', plait),
    subject('piscina', piscina),
    { name: 'one core alone', run: (size) => measure(size, sequence) },
    { name: 'bare threads, work dealt out before', run: dealtOut },
  ],
  goals: [
    { metric: '1 ms', peer: 'one core alone', ratio: 1 / (0.9 * WORKERS) },
    { metric: '100 ms', peer: 'one core alone', ratio: 1 / (0.95 * WORKERS) },
  ],
}

type Work = (tasks: number, iterations: number) => Promise<number[]>

function subject(name: string, open: OpenPool): Subject {
  return {
    name,
    run: (size) =>
      withPool(open, (pool) =>
        measure(size, (tasks, iterations) =>
          Promise.all(Array.from({ length: tasks }, () => pool.call('spin', iterations))),
        ),
      ),
  }
}

const sequence: Work = async (tasks, iterations) => Array.from({ length: tasks }, () => spin(iterations))

const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads')
  import(workerData).then(({ spin }) => parentPort.on('message', ({ tasks, iterations }) => {
    parentPort.postMessage(Array.from({ length: tasks }, () => spin(iterations)))
  }))`

/** The ceiling of the machine: one message a thread, nothing to schedule. */
async function dealtOut(size: Size): Promise<Figures> {
  const workerData = workerModule('functions').href
  const threads = Array.from({ length: WORKERS }, () => new Worker(THREAD, { eval: true, workerData }))
  const ask = (thread: Worker, tasks: number, iterations: number) =>
    new Promise<number[]>((resolve, reject) => {
      thread.once('message', resolve).once('error', reject)
      thread.postMessage({ tasks, iterations })
    })
  const figures = await measure(size, async (tasks, iterations) => {
    const shares = threads.map((thread, index) =>
      ask(thread, Math.floor((tasks + index) / WORKERS), iterations),
    )
    return (await Promise.all(shares)).flat()
  })
  await Promise.all(threads.map((thread) => thread.terminate()))
  return figures
}

async function measure(size: Size, work: Work): Promise<Figures> {
  const time = async (tasks: number, iterations: number) => {
    const begin = performance.now()
    const results = await work(tasks, iterations)
    const elapsed = performance.now() - begin
    const expected = spin(iterations)
    if (results.length !== tasks || results.some((result) => result !== expected)) {
      throw new Error('wrong result')
    }
    return elapsed
  }
  // Starts the threads and warms them.
  await time(WORKERS * 4, size.iterations!)
  return {
    '1 ms': await time(size.short!, size.iterations!),
    '100 ms': await time(size.long!, 100 * size.iterations!),
  }
}

/** Iterations that take a millisecond on this machine, the same for everybody. */
function millisecond(): number {
  const count = 1_000_000
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now()
    spin(count)
    return performance.now() - start
  })
  return Math.round(count / median(times))
}
