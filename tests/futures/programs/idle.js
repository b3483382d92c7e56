// Leaves its pools idle, and shuts none of them down: it has to end by itself.
import { EventLoopExecutor, ProcessPoolExecutor, ThreadPoolExecutor } from 'plait/futures'
import { where } from '../functions.js'

const pools = [
  new EventLoopExecutor(),
  new ThreadPoolExecutor({ maxWorkers: 2, minWorkers: 2 }),
  new ProcessPoolExecutor({ maxWorkers: 2, minWorkers: 2 }),
]
const pids = []
for (const pool of pools) pids.push((await pool.submit(where)).pid)
console.log(pids.filter((pid) => pid !== process.pid).join(' '))
