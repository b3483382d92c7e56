// A worker dies in the middle of a map; nobody shuts the pool down.
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'plait/futures'
import { exitAt500, killAt500, where } from '../functions.js'

const kind = process.argv[2]
const pool =
  kind === 'process' ? new ProcessPoolExecutor({ maxWorkers: 2 }) : new ThreadPoolExecutor({ maxWorkers: 2 })
const results = pool.map(
  kind === 'process' ? killAt500 : exitAt500,
  Array.from({ length: 1000 }, (_, i) => i),
)
let done = 0
const errors = []
for (;;) {
  try {
    if ((await results.next()).done) break
    done += 1
  } catch (error) {
    errors.push(`${error.name} ${error.signal ?? error.exitCode}`)
  }
}
const { pid } = await pool.submit(where)
console.log(JSON.stringify({ done, errors, pid: pid === process.pid ? 0 : pid }))
