// A worker process that dies takes only its own task with it.
import { ProcessPoolExecutor, WorkerDiedError } from 'plait/futures'
import { halve } from './functions/numbers.ts'

await using pool = new ProcessPoolExecutor({ maxWorkers: 2 })

const futures = [1, 2, 3, 4, 5].map((n) => pool.submit(halve, n))
for (const future of futures) {
  try {
    console.log(await future)
  } catch (error) {
    if (!(error instanceof WorkerDiedError)) throw error
    console.log('the worker died:', error.signal)
  }
}

// Output:
// 0.5
// 1
// the worker died: SIGKILL
// 2
// 2.5
