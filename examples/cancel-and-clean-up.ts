// A cancelled task may still clean up: what has to wait for that goes into a shield.
import { createTask, isCancelled, run, shield, sleep } from 'plait/asyncio'

async function transfer() {
  console.log('begin')
  try {
    await sleep('1h')
    console.log('commit')
  } finally {
    await shield(async () => {
      await sleep('5ms')
      console.log('rolled back')
    })
  }
}

async function main() {
  const task = createTask(transfer)
  await sleep('5ms')
  task.cancel('the user went away')
  try {
    await task
  } catch (error) {
    if (!isCancelled(error)) throw error
    console.log('cancelled:', error.reason)
  }
  console.log('state:', task.state)
}

await run(main)

// Output:
// begin
// rolled back
// cancelled: the user went away
// state: cancelled
