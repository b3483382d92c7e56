// WHAT       Last duties of a process that ends, in whichever way it still can: a normal end, `process.exit`, or the
//            signal that `asyncio.run` sends to its own process after Ctrl-C (Node's 'exit' event misses that one).

const duties = new Set<() => void>()

/** Calls `duty` when the process ends; it must be synchronous. Returns the way to withdraw it. */
export function onExit(duty: () => void): () => void {
  if (duties.size === 0) process.on('exit', performDuties)
  duties.add(duty)
  return () => {
    if (duties.delete(duty) && duties.size === 0) process.removeListener('exit', performDuties)
  }
}

/** Performs them now, each once. One that throws does not keep the others from theirs. */
export function performDuties(): void {
  const all = [...duties]
  duties.clear()
  process.removeListener('exit', performDuties)
  let failure: { error: unknown } | undefined
  for (const duty of all) {
    try {
      duty()
    } catch (error) {
      failure ??= { error }
    }
  }
  if (failure !== undefined) throw failure.error
}
