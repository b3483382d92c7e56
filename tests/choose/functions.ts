// The work that the tests of `choose` measure: small, and each of a nature that no clock can mistake.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export async function nap(ms: number): Promise<void> {
  await sleep(ms)
}

export function compute(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** Waits, but holds its thread meanwhile. */
export function hold(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

export function increment(n: number): number {
  return n + 1
}

export function fail(): never {
  throw new TypeError('this never works')
}

export function failOnOdd(n: number): number {
  if (n % 2 === 1) throw new RangeError(`${n} is odd`)
  return n
}

export function loopForEver(): never {
  for (;;);
}

export async function waitForEver(): Promise<void> {
  await new Promise(() => undefined)
}

export function talk(text: string): string {
  console.log(`{"not": "${text}"}`)
  return text
}

export function leave(): never {
  process.exit(3)
}

export function openServer(): unknown {
  return createServer()
}

export const notAFunction = 5
