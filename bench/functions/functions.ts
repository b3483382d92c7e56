// What the workers of every peer run.

/** The smallest task: one number in, one number out. */
export function echo(n: number): number {
  return n
}

/** Computes for a time in proportion to `iterations`, with a result that can be checked. */
export function spin(iterations: number): number {
  let x = 1
  for (let i = 0; i < iterations; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0
  return x
}
