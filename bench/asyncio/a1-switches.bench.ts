import { checkpoint, gather, run } from 'plait/asyncio'
import type { Row, Size } from '../harness/row.ts'
import { python } from '../peers/python.ts'

/** A1: many tasks that only give each other the turn. */
export const switches: Row = {
  id: 'A1',
  area: 'asyncio',
  work: '200 000 tasks × 5 switches, async/await notation',
  metrics: [{ name: 'all', unit: 'ms' }],
  size: { tasks: 200_000, switches: 5 },
  quickSize: { tasks: 200, switches: 5 },
  subjects: [
    { name: 'plait', run: (size) => measure(size, runTasks) },
    { name: 'native Promise.all', run: (size) => measure(size, runPromises) },
    python('Python asyncio', 'switches'),
  ],
  goals: [
    {
      metric: 'all',
      peer: 'native Promise.all',
      ratio: Number(process.versions.node.split('.')[0]) >= 24 ? 1.5 : 2,
    },
  ],
}

type Work = (tasks: number, switches: number) => Promise<number[]>

const runTasks: Work = (tasks, switches) => {
  const task = async () => {
    let turns = 0
    for (; turns < switches; turns++) await checkpoint()
    return turns
  }
  return run(() => gather(Array.from({ length: tasks }, () => task)))
}

const runPromises: Work = (tasks, switches) => {
  const task = async () => {
    let turns = 0
    for (; turns < switches; turns++) await undefined
    return turns
  }
  return Promise.all(Array.from({ length: tasks }, () => task()))
}

async function measure({ tasks, switches }: Size, work: Work) {
  await work(Math.ceil(tasks! / 20), switches!)
  const start = performance.now()
  const results = await work(tasks!, switches!)
  const all = performance.now() - start
  const turns = results.reduce((sum, count) => sum + count, 0)
  if (turns !== tasks! * switches!) throw new Error(`${turns} switches instead of ${tasks! * switches!}`)
  return { all }
}
