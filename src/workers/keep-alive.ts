/** Longest delay a timer of the platform takes. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Keeps the program alive while somebody holds it, and only then.
 *
 * Workers are never ref'd themselves: one place decides, instead of every worker at every change of its state
 * (and Node 20 forgets a worker's `unref()` when its first message comes).
 */
export class KeepAlive {
  #timer: NodeJS.Timeout | undefined

  set(held: boolean): void {
    if (held) this.#timer ??= setInterval(() => {}, LONGEST_MS)
    else if (this.#timer !== undefined) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }
}
