// A retry loop that catches everything cannot survive its own deadline: once the scope is cancelled,
// every wait inside it throws.
import { run, sleep, TimeoutError, timeout } from 'plait/asyncio'

async function connect(): Promise<string> {
  await sleep('5ms')
  throw new Error('connection refused')
}

async function connectWhateverHappens() {
  for (;;) {
    try {
      return await connect()
    } catch {
      await sleep('5ms')
    }
  }
}

async function main() {
  try {
    await timeout('50ms', connectWhateverHappens)
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('gave up:', error.code)
  }
}

await run(main)

// Output:
// gave up: PLAIT_TIMEOUT
