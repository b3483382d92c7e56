import { TimeoutError } from '../core/index.ts'
import { sayTime } from './wording.ts'

/**
 * Limits how long single calls may take, without a timer for each: the oldest one is looked at now and
 * then. It can end the waiting for a call, not the call.
 */
export class Deadline {
  readonly #limitMs: number
  readonly #started = new Map<number, number>()
  #timer: NodeJS.Timeout | undefined
  #expired = false
  #restartedAt = 0

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  /** True once a call took too long. */
  get expired(): boolean {
    return this.#expired
  }

  begin(call: number): void {
    this.#started.set(call, performance.now())
  }

  end(call: number): void {
    this.#started.delete(call)
  }

  /** Gives every call that has begun its whole time anew: something came back, so things go on. */
  restart(): void {
    this.#restartedAt = performance.now()
  }

  /** Runs `body`, which calls {@link begin} and {@link end}. @throws TimeoutError PLAIT_TIMEOUT */
  async guard<T>(body: () => Promise<T>): Promise<T> {
    const { promise, reject } = withReject()
    const look = Math.min(250, Math.max(1, this.#limitMs / 4))
    if (Number.isFinite(this.#limitMs)) {
      this.#timer = setInterval(() => {
        const [oldest] = this.#started
        if (oldest === undefined) return
        if (performance.now() - Math.max(oldest[1], this.#restartedAt) < this.#limitMs) return
        this.#expired = true
        reject(timeoutError(oldest[0], this.#limitMs))
      }, look)
    }
    try {
      return await Promise.race([body(), promise])
    } finally {
      clearInterval(this.#timer)
    }
  }
}

/** The error for a call that did not come back. Calls are counted from 1 for people. */
export function timeoutError(call: number, limitMs: number): TimeoutError {
  return new TimeoutError(`call ${call + 1} did not come back within ${sayTime(limitMs)}`)
}

function withReject(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject!: (error: unknown) => void
  const promise = new Promise<never>((_, no) => {
    reject = no
  })
  promise.catch(() => undefined)
  return { promise, reject }
}
