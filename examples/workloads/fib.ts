/** CPU-bound: the n-th Fibonacci number, the slow way of the textbooks. */
export function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2)
}
