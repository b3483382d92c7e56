// WHAT       The one place where facts leave the kernel: a record of optional hooks.
// RULES
//   1. Nobody watching costs one branch: `probe.taskCreated?.(task)`.
//   2. Facts flow out, never a decision back: what a hook returns is ignored.
//   3. Hooks run inside the kernel's own steps: they must be fast and must not throw or wait.

import type { Task } from './task.ts'

/** What can be watched. Install a hook by assigning it, remove it with `undefined`. */
export interface Probe {
  /** A task exists; its first step is still to come. */
  taskCreated?: ((task: Task<unknown>) => void) | undefined
  /** A task has ended, in whichever way. */
  taskSettled?: ((task: Task<unknown>) => void) | undefined
  /** A cancelled task has caught its cancellation again and again and goes on. Told once per cancellation. */
  cancellationIgnored?: ((task: Task<unknown>) => void) | undefined
}

export const probe: Probe = {}
