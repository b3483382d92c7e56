// Workers that print and then end.
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'plait/futures'
import { printAndExit } from '../functions.js'

for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  const pool = new Pool({ maxWorkers: 1 })
  await pool.submit(printAndExit).catch((error) => console.log(error.name))
  await pool.shutdown()
}
