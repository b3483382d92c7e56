// map is lazy and ordered: it takes numbers only as results are read, so that the input may be endless.
// An item that fails throws at its place, and the iterator goes on.
import { ThreadPoolExecutor } from 'plait/futures'
import { countPrimes, halveEven } from './functions/numbers.ts'

await using pool = new ThreadPoolExecutor({ maxWorkers: 2 })

function* limits() {
  for (let limit = 100; ; limit += 100) yield limit
}
for await (const count of pool.map(countPrimes, limits())) {
  console.log(count)
  if (count > 60) break
}

const halves = pool.map(halveEven, [2, 3, 4])
for (let i = 0; i < 3; i++) {
  try {
    console.log((await halves.next()).value)
  } catch (error) {
    console.log(String(error))
  }
}

// Output:
// 25
// 46
// 62
// 1
// RangeError: 3 is odd
// 2
