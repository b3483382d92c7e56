// Runs in a thread of each child of `choose`: ends the child, and whatever it started, when its parent is
// gone, even while the function under measurement holds the main thread for ever.

import { workerData } from 'node:worker_threads'

const LOOK_EVERY_MS = 1_000

setInterval(() => {
  if (process.ppid === workerData) return
  try {
    process.kill(-process.pid, 'SIGKILL')
  } catch {
    process.kill(process.pid, 'SIGKILL')
  }
}, LOOK_EVERY_MS)
