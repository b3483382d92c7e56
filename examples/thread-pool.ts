// A function that computes, on every core, without blocking the event loop.
import { ThreadPoolExecutor } from 'plait/futures'
import { countPrimes } from './functions/numbers.ts'

await using pool = new ThreadPoolExecutor()

const few = pool.submit(countPrimes, 1_000)
const many = pool.submit(countPrimes, 1_000_000)
console.log('below a thousand:', await few)
console.log('below a million:', await many)

// Output:
// below a thousand: 168
// below a million: 78498
