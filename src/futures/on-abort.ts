/** What is to be called when a signal is aborted. */
const calls = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `fn` when the signal is aborted, not at once if it is already. Returns the way to withdraw it.
 *
 * A signal gets one listener, however many tasks it is to cancel: Node takes more than ten for a leak, and says so.
 */
export function onAbort(signal: AbortSignal, fn: () => void): () => void {
  const known = calls.get(signal)
  const all = known ?? new Set()
  const call = () => fn() // the same function twice is two
  all.add(call)
  if (known === undefined) {
    calls.set(signal, all)
    signal.addEventListener('abort', callAll, { once: true })
  }
  return () => {
    if (!all.delete(call) || all.size > 0 || calls.get(signal) !== all) return
    calls.delete(signal)
    signal.removeEventListener('abort', callAll)
  }
}

function callAll(event: Event): void {
  const signal = event.target as AbortSignal
  const all = calls.get(signal)
  calls.delete(signal)
  for (const call of all ?? []) call()
}
