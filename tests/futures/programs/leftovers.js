// Says what is left open after pools of both kinds were used and shut down.
import { readdirSync } from 'node:fs'
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'plait/futures'
import { identity, stuckIfFile } from '../functions.js'

/** The platform closes some of its own a turn later. */
async function descriptors() {
  await new Promise((resolve) => setTimeout(resolve, 50))
  return readdirSync('/proc/self/fd').length
}

let before = 0
for (let round = 0; round < 3; round++) {
  // The first round opens what Node keeps.
  if (round === 1) before = await descriptors()
  for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
    const pool = new Pool({ maxWorkers: 2, cancelGrace: 1 })
    for await (const _ of pool.map(identity, [1, 2, 3, 4]));
    const stuck = pool.with({ timeout: 1 }).submit(stuckIfFile, process.argv[2])
    await stuck.catch(() => {})
    await pool.shutdown()
  }
}
console.log(
  JSON.stringify({
    before,
    after: await descriptors(),
    // What this program has by itself: its output.
    resources: process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap'),
  }),
)
