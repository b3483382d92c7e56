// The same program on the event loop, in threads and in processes: only the executor differs.
import { EventLoopExecutor, type Executor, ProcessPoolExecutor, ThreadPoolExecutor } from 'plait/futures'
import { countPrimes } from './functions/numbers.ts'

async function total(executor: Executor): Promise<number> {
  let sum = 0
  for await (const count of executor.map(countPrimes, [100, 200, 300], { ordered: false })) sum += count
  return sum
}

for (const executor of [new EventLoopExecutor(), new ThreadPoolExecutor(), new ProcessPoolExecutor()]) {
  await using current = executor
  console.log(current.capabilities.model, await total(current))
}

// Output:
// event-loop 133
// threads 133
// processes 133
