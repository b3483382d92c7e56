// Work for the examples with pools. A worker imports the module and calls the export by its name.

/** Computes: the number of primes below `limit`. */
export function countPrimes(limit: number): number {
  const composite = new Uint8Array(limit)
  let count = 0
  for (let n = 2; n < limit; n++) {
    if (composite[n] === 1) continue
    count++
    for (let multiple = n * n; multiple < limit; multiple += n) composite[multiple] = 1
  }
  return count
}

/** Ends the process it runs in, as a crash would, for one of the numbers. */
export function halve(n: number): number {
  if (n === 3) process.kill(process.pid, 'SIGKILL')
  return n / 2
}

/** Refuses odd numbers. */
export function halveEven(n: number): number {
  if (n % 2 === 1) throw new RangeError(`${n} is odd`)
  return n / 2
}

/** Waits, as for an answer from far away. */
export async function ask(n: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return n
}
