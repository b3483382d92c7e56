import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test as nodeTest } from 'node:test'

/** A test with a watchdog. */
export function test(name: string, body: () => Promise<void> | void): void {
  nodeTest(name, { timeout: 30_000 }, body)
}

const folder = mkdtempSync(join(tmpdir(), 'plait-test-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

/** A path where no file is yet. */
export function newFile(): string {
  files += 1
  return join(folder, `${files}`)
}

export function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
}

/** Turns of the event loop until `condition` holds; the test's own timeout is the watchdog. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** What it fails with; a result is an error. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<any> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new TypeError(`expected a failure, got ${String(value)}`)
}

/** Everything a map gives: values, and errors at their places. */
export async function all(results: AsyncIterator<unknown>): Promise<unknown[]> {
  const seen: unknown[] = []
  for (;;) {
    try {
      const next = await results.next()
      if (next.done) return seen
      seen.push(next.value)
    } catch (error) {
      seen.push(error)
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
