/**
 * Milliseconds on the machine's monotonic clock: comparable between threads and between processes, unlike
 * `performance.now()`, which starts anew in each.
 */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
