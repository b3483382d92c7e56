import { CancelledError } from '../core/index.ts'
import type { Job, JobListener } from '../workers/index.ts'

/** Items that went in one message. */
export interface Chunk {
  readonly sent: number
  settled: number
  /** When the first of them began. */
  startedAt: number | undefined
}

/** Whoever gives out the results. */
interface SlotOwner {
  settled(slot: MapSlot): void
}

/**
 * The place of one item among the results of a map.
 *
 *     waiting ──> value, error      settled by its job
 *        └──────> dropped           the map was closed: nobody wants it any more
 */
export class MapSlot implements JobListener {
  readonly #owner: SlotOwner
  state: 'waiting' | 'value' | 'error' | 'dropped' = 'waiting'
  value: unknown
  job: Job | undefined
  chunk!: Chunk

  constructor(owner: SlotOwner) {
    this.#owner = owner
  }

  /** The place of an error that belongs to no item. */
  static failed(owner: SlotOwner, error: unknown): MapSlot {
    const slot = new MapSlot(owner)
    slot.state = 'error'
    slot.value = error
    return slot
  }

  started(): void {
    this.chunk.startedAt ??= performance.now()
  }

  succeeded(value: unknown): void {
    this.#settle('value', value)
  }

  failed(error: unknown): void {
    this.#settle('error', error)
  }

  cancelled(reason: unknown): void {
    this.#settle('error', new CancelledError(reason))
  }

  #settle(state: 'value' | 'error', value: unknown): void {
    this.chunk.settled += 1
    if (this.state === 'waiting') {
      this.state = state
      this.value = value
    }
    this.#owner.settled(this)
  }
}
