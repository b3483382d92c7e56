import type { Chunk } from './map-slot.ts'

/** A message should carry about that much work: enough to hide its cost, little enough to share out and to cancel. */
const TARGET_MS = 8
const LARGEST = 1_024
/** A chunk grows by that factor at most from one measurement to the next: the first items may be unlike the rest. */
const GROWTH = 4

export interface ChunkSetup {
  readonly chunksize: number | 'auto'
  readonly buffersize: number | undefined
  readonly lanes: number
  /** Number of items, where it is known. */
  readonly length: number | undefined
}

/** How many items go in one message, and how many may be under way. */
export class ChunkSize {
  readonly #setup: ChunkSetup
  /** What measurements say. */
  #wanted = 1
  #left: number

  constructor(setup: ChunkSetup) {
    this.#setup = setup
    this.#left = setup.length ?? Number.POSITIVE_INFINITY
  }

  /** Items for one message: never more than the window holds, and with `'auto'` not so many that a lane stays empty. */
  get chunk(): number {
    const { chunksize, buffersize = Number.POSITIVE_INFINITY, lanes } = this.#setup
    if (chunksize !== 'auto') return Math.min(chunksize, buffersize)
    const share = Math.min(buffersize, this.#left) / (2 * lanes)
    return Math.max(1, Math.min(this.#wanted, Math.ceil(share)))
  }

  /** Items that may be taken and not given out. */
  get window(): number {
    return this.#setup.buffersize ?? 4 * this.#setup.lanes * this.chunk
  }

  /** One item was read. */
  read(): void {
    this.#left -= 1
  }

  /** All items of a chunk have ended. */
  measured(chunk: Chunk): void {
    if (chunk.startedAt === undefined) return
    const each = (performance.now() - chunk.startedAt) / chunk.sent
    const ideal = Math.round(TARGET_MS / Math.max(each, TARGET_MS / LARGEST))
    this.#wanted = Math.max(1, Math.min(ideal, this.#wanted * GROWTH))
  }
}
