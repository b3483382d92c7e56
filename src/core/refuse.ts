// WHAT       What a wait gets that begins inside a cancelled scope: the cancellation, again.
// RULES
//   1. The first IMMEDIATE refusals of a task by the same cancellation come at once, so that a task on its way out is quick.
//   2. Later ones come one a turn of Node's event loop: a loop that swallows every one of them cannot be ended
//      from outside (JavaScript cannot unwind it), but everything else goes on beside it.
//   3. At REPORT_AFTER the task is reported, once, as ignoring its cancellation. Another cancellation, such as the next
//      of many timeouts whose cleanups wait, counts anew.

import { probe } from './probe.ts'
import type { Scope } from './scope.ts'
import type { Wait } from './wait.ts'

const IMMEDIATE = 4
const REPORT_AFTER = 16

export function refuse(wait: Wait, scope: Scope): void {
  const error = scope.cancelledError()
  const task = scope.task
  if (task !== undefined) {
    if (task.refusedBy !== scope.source) {
      task.refusedBy = scope.source
      task.refusals = 0
    }
    task.refusals += 1
    if (task.refusals === REPORT_AFTER) {
      probe.cancellationIgnored?.(task)
      process.emitWarning(
        `${task.name} ignores its cancellation: it has caught CancelledError ${REPORT_AFTER} times and goes on waiting. ` +
          'Let the error pass (isCancelled(error) tells it apart), or use shield() for what has to be finished.',
        { type: 'PlaitWarning', code: 'PLAIT_CANCELLATION_IGNORED' },
      )
    }
    if (task.refusals <= IMMEDIATE) {
      wait.fail(error)
      return
    }
  }
  setImmediate(() => wait.fail(error))
}
