import { inspect } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import {
  type Coroutine,
  currentScope,
  invalidArgument,
  type OnUnhandled,
  performDuties,
  startRun,
  type Task,
} from '../core/index.ts'
import { requireFunction } from './arguments.ts'

/** Options of {@link run}. */
export interface RunOptions {
  /** Name of the root task, shown in reports and errors. */
  readonly name?: string
  /** Aborted: main is cancelled, with the signal's reason. */
  readonly signal?: AbortSignal
  /**
   * Whether the first Ctrl-C cancels main and waits for its cleanup. Default: on the main thread, when nobody else
   * listens for SIGINT at that time.
   */
  readonly handleSigint?: boolean
  /** Told of failures nobody looked at. Default: they go to stderr, and the process will end with status 1. */
  readonly onUnhandled?: OnUnhandled
}

/**
 * Runs a program: starts `main` as the root task, and gives its result when everything started inside has ended.
 *
 * When main ends, tasks that are still alive are cancelled and awaited; their failures are reported, never lost.
 * Several runs may be alive at once; a `run` inside a task is a child of that task and is cancelled with it.
 *
 * **Cancellation** by `signal`, by Ctrl-C, or by the task around it. The first Ctrl-C cancels main and waits for its
 * cleanup: if main ends by it, the process ends by SIGINT (exit status 130); if main returns, so does `run`. A second
 * Ctrl-C ends the process at once.
 * **Failure** what main throws, as it is.
 *
 * @throws {TypeError} PLAIT_INVALID_ARGUMENT if `main` is no function: give the function, not its promise
 *
 * @example
 * await run(async () => {
 *   await gather(task1, task2)
 * })
 *
 * Python: `asyncio.run`.
 */
export async function run<T>(main: Coroutine<T>, options: RunOptions = {}): Promise<T> {
  requireFunction('main', main)
  const { signal, name, onUnhandled } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgument('signal', 'an AbortSignal', signal)
  }
  const around = currentScope()
  // In a callback that has outlived its own run, nothing is around any more.
  const parent = around?.living === undefined ? undefined : around
  const root = startRun(main, { name, onUnhandled, parent })
  const abort = () => root.cancel(signal!.reason)
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  // Inside of another run that one is told, and cancels this one with it.
  const interruptible = parent === undefined && (options.handleSigint ?? nobodyElseListens())
  if (interruptible) interrupts.add(root)
  // A promise of its own: awaiting the root as a task would be a wait of the scope around, and be cut by it.
  return new Promise<T>((resolve, reject) => {
    root.onSettled(() => {
      signal?.removeEventListener('abort', abort)
      const settle = () => {
        if (root.state === 'done') resolve(root.result())
        // A cancellation that came from the task around is that task's own, not somebody else's.
        else if (root.cancelled() && parent?.cancelled) reject(parent.cancelledError())
        else reject(root.exception())
      }
      if (interruptible) interrupts.leave(root, settle)
      else settle()
    })
  })
}

function nobodyElseListens(): boolean {
  return isMainThread && process.listenerCount('SIGINT') === interrupts.listeners
}

// WHAT       Ctrl-C for all runs that take it.
// STATES     idle ──first run──> listening ──SIGINT──> interrupted ──SIGINT──> the process ends
//              └<───last run ends──┘                       └──last run ends: by SIGINT if a main ended by it, else idle
// RULES
//   1. One listener on SIGINT for all runs; none when none is alive, so that Node's own behaviour is back.
//   2. The process ends by the signal itself, not by `exit(130)`: shells and parents look for that. Nobody else who
//      listens keeps it from that: they have been told by the first one.
//   3. A run whose main ended by Ctrl-C never comes back, since the process ends: its failure, thrown at the top level of
//      a program, would end the process while other runs still clean up.
const interrupts = {
  roots: new Set<Task<any>>(),
  interrupted: new Set<Task<any>>(),
  /** Whether a main has ended by it: then the process will, when the last run has left. */
  fatal: false,

  /** How many of the listeners on SIGINT are ours. */
  get listeners(): number {
    return this.roots.size > 0 ? 1 : 0
  },

  add(root: Task<any>): void {
    if (this.roots.size === 0) process.on('SIGINT', onSigint)
    this.roots.add(root)
  },

  leave(root: Task<any>, settle: () => void): void {
    this.roots.delete(root)
    if (this.roots.size === 0) process.removeListener('SIGINT', onSigint)
    if (this.interrupted.delete(root) && root.cancelled())
      this.fatal = true // rule 3
    else settle()
    if (this.roots.size === 0 && this.fatal) endBySigint()
  },
}

function onSigint(): void {
  if (interrupts.interrupted.size > 0 || interrupts.fatal) {
    endBySigint()
    return
  }
  for (const root of interrupts.roots) {
    interrupts.interrupted.add(root)
    root.cancel('interrupted by Ctrl-C')
  }
}

function endBySigint(): void {
  try {
    performDuties()
  } catch (error) {
    process.stderr.write(`plait: while the process was ending: ${inspect(error)}\n`)
  }
  process.removeAllListeners('SIGINT')
  process.kill(process.pid, 'SIGINT')
}
