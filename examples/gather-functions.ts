// As gather.ts, with the functions instead of their promises: then gather starts them itself, and can
// cancel them if one fails.
import * as asyncio from 'plait/asyncio'

async function task1() {
  for (let i = 0; i < 5; i++) {
    console.log(`Task 1 - Iteration ${i}`)
    await asyncio.sleep('1s')
  }
}

async function task2() {
  for (let i = 0; i < 5; i++) {
    console.log(`Task 2 - Iteration ${i}`)
    await asyncio.sleep('1s')
  }
}

async function main() {
  await asyncio.gather(task1, task2)
}

await asyncio.run(main)

// Output:
// Task 1 - Iteration 0
// Task 2 - Iteration 0
// Task 1 - Iteration 1
// Task 2 - Iteration 1
// Task 1 - Iteration 2
// Task 2 - Iteration 2
// Task 1 - Iteration 3
// Task 2 - Iteration 3
// Task 1 - Iteration 4
// Task 2 - Iteration 4
