import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How a program ended, and all that it wrote. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A real process that runs a file of `fixtures/`; a watchdog ends it, so that a hang fails instead of lasting. */
export interface Program {
  readonly pid: number
  interrupt(): void
  /** Resolves when `text` has appeared on its standard output; rejects if it ends without. */
  said(text: string): Promise<void>
  readonly ended: Promise<Ending>
}

const WATCHDOG_MS = 20_000

export function startProgram(fixture: string, args: string[] = [], nodeArgs: string[] = []): Program {
  const file = fileURLToPath(new URL(`./fixtures/${fixture}`, import.meta.url))
  const env = { ...process.env }
  // A program started by the test runner must not take itself for a test.
  delete env.NODE_TEST_CONTEXT
  delete env.NODE_OPTIONS
  const child = spawn(process.execPath, [...nodeArgs, file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  })
  const watchdog = setTimeout(() => child.kill('SIGKILL'), WATCHDOG_MS)
  let stdout = ''
  let stderr = ''
  let over = false
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(watchdog)
    over = true
    return { code, signal, stdout, stderr } as Ending
  })
  return {
    pid: child.pid!,
    interrupt: () => {
      child.kill('SIGINT')
    },
    async said(text) {
      while (!stdout.includes(text)) {
        if (over) throw new Error(`the program ended without saying "${text}"; stderr: ${stderr}`)
        await Promise.race([once(child.stdout, 'data'), ended])
      }
    },
    ended,
  }
}

/** Runs a fixture to its end. */
export function runProgram(fixture: string, args: string[] = [], nodeArgs: string[] = []): Promise<Ending> {
  return startProgram(fixture, args, nodeArgs).ended
}
