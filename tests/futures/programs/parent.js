// Has one worker that is idle, computes in a loop that asks, or waits; says their pid, and waits to be ended.
import { run, sleep } from 'plait/asyncio'
import { ProcessPoolExecutor } from 'plait/futures'
import { computeForEver, waitForEver, where } from '../functions.js'

const [, , what, file] = process.argv
await run(async () => {
  const pool = new ProcessPoolExecutor({ maxWorkers: 1 })
  const { pid } = await pool.submit(where)
  if (what === 'computing') pool.submit(computeForEver, file)
  if (what === 'waiting') pool.submit(waitForEver, file)
  console.log(pid)
  await sleep('1h')
})
