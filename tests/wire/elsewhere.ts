import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { decodeError, type EncodedError, type FunctionReference } from '../../src/wire/index.ts'

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly sync?: boolean
  readonly error?: EncodedError
}

/** A real worker to call references in. */
export interface Elsewhere {
  call(reference: FunctionReference, ...args: unknown[]): Promise<unknown>
  /** True if the last answer came from a function that was at hand. */
  wasSync(): boolean
  [Symbol.asyncDispose](): Promise<void>
}

const WORKER = new URL('./fixtures/worker.mjs', import.meta.url)

function caller(
  post: (message: unknown) => void,
  emitter: { on(event: 'message' | 'error', fn: (value: any) => void): unknown },
  end: () => Promise<unknown>,
): Elsewhere {
  let calls = 0
  let sync = false
  const waiting = new Map<number, PromiseWithResolve>()
  emitter.on('message', ({ id, value, error, sync: atHand }: Answer) => {
    sync = atHand === true
    if (error === undefined) waiting.get(id)?.resolve(value)
    else waiting.get(id)?.reject(decodeError(error))
  })
  emitter.on('error', (error) => {
    for (const { reject } of waiting.values()) reject(error)
  })
  return {
    call(reference, ...args) {
      const id = calls++
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        post({ id, reference, args })
      })
    },
    wasSync: () => sync,
    async [Symbol.asyncDispose]() {
      await end()
    },
  }
}

interface PromiseWithResolve {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** With `clean`, nothing of how the tests themselves were started is inherited (no TypeScript loader). */
export function thread(options: { clean?: boolean } = {}): Elsewhere {
  const worker = new Worker(WORKER, options.clean ? { execArgv: [] } : {})
  return caller(
    (message) => worker.postMessage(message),
    worker,
    () => worker.terminate(),
  )
}

export function childProcess(options: { clean?: boolean } = {}): Elsewhere {
  const child = fork(WORKER, { serialization: 'advanced', ...(options.clean ? { execArgv: [] } : {}) })
  const exited = once(child, 'exit')
  return caller(
    (message) => child.send(message as object),
    child,
    () => {
      child.kill('SIGKILL')
      return exited
    },
  )
}

export const KINDS = [
  ['thread', thread],
  ['process', childProcess],
] as const
