import { performance } from 'node:perf_hooks'
import { now } from './clock.ts'
import { threadTime } from './thread-time.ts'

/** What a {@link Meter} shows. Milliseconds and bytes. */
export interface Reading {
  readonly wallMs: number
  /** Processor time of this process, every thread of it. */
  readonly cpuMs: number
  /** How long this thread's event loop was not waiting for events. */
  readonly blockedMs: number
  /** Of `wallMs`, how long this thread was ready and others had the processor. */
  readonly stolenMs: number
  /** As `blockedMs`, without what others took of it. */
  readonly heldMs: number
  /** Which part of `heldMs` this thread computed; the rest of it slept in a blocking call. */
  readonly computingShare: number
  readonly memoryBytes: number
}

/** Below this, the clocks of threads are too coarse to tell computing from sleeping. */
const COARSE_MS = 20
/** A thread that computed at least this share of its busy time did not sleep in it. */
const ALL_COMPUTED = 0.8

/** Measures from its creation what this process and this thread use. */
export class Meter {
  /** On the clock of {@link now}. */
  readonly startedAt: number
  readonly #memory = process.memoryUsage.rss()
  readonly #thread = threadTime()
  readonly #cpu = process.cpuUsage()
  readonly #loop = performance.eventLoopUtilization()

  constructor() {
    this.startedAt = now()
  }

  read(): Reading {
    const wallMs = now() - this.startedAt
    const loop = performance.eventLoopUtilization(this.#loop)
    const usage = process.cpuUsage(this.#cpu)
    const thread = threadTime()
    const cpuMs = (usage.user + usage.system) / 1000
    const blockedMs = Math.min(wallMs, loop.active)
    let heldMs = blockedMs
    let stolenMs = 0
    let computingShare = 1
    if (thread !== undefined && this.#thread !== undefined) {
      const ranMs = thread.cpuMs - this.#thread.cpuMs
      stolenMs = Math.max(0, Math.min(thread.queuedMs - this.#thread.queuedMs, wallMs - ranMs))
      // Ready to go on after a wait belongs to the wait; ready in the midst of its work does not.
      heldMs -= Math.max(0, Math.min(stolenMs, blockedMs - ranMs))
      if (heldMs >= COARSE_MS && ranMs / heldMs < ALL_COMPUTED) computingShare = Math.max(0, ranMs / heldMs)
    }
    const memoryBytes = Math.max(0, process.memoryUsage.rss() - this.#memory)
    return { wallMs, cpuMs, blockedMs, stolenMs, heldMs, computingShare, memoryBytes }
  }
}
