// Runs in a worker process: connects the task runner to the channel. The other side is ../process-worker.ts.
import { readSync } from 'node:fs'
import { enclose, type HostMessage, type WorkerMessage } from '../../wire/index.ts'
import { TaskRunner } from '../../workers/index.ts'

/** The file with the cancel flag: right behind stdin, stdout, stderr and the channel. */
const CANCEL_FD = 4
/** The flag is read at most that often. */
const READ_EVERY_MS = 1

const parent = process.ppid
const flag = new Int32Array(1)
let readAt = Number.NEGATIVE_INFINITY
/** Without a flag (`CancelFile.open`), messages alone have to do. */
const hasFlag = process.argv[3] === 'flag'

function cancelledUpTo(): number {
  const now = performance.now()
  if (now - readAt >= READ_EVERY_MS) {
    readAt = now
    if (process.ppid !== parent) endGroup() // a loop that asks and never yields learns of it here
    if (hasFlag) readSync(CANCEL_FD, flag, 0, 4, 0)
  }
  return flag[0]!
}

/** Resolves once the system has the message: then it survives the death of this process. */
function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    // An error means that the parent is gone: 'disconnect' ends this process.
    process.send!(enclose(message), () => resolve())
  })
}

const runner = new TaskRunner({ kind: 'process', send, cancelledUpTo, end: () => process.exit(0) })

process.on('message', (message: HostMessage) => runner.receive(message))
process.on('SIGINT', () => {}) // the parent's to handle
process.on('disconnect', () => {
  // The parent is gone: nobody wants the work any more, nor what it started.
  process.on('exit', endGroup)
  process.exit(1)
})

/** Ends this process and what it has started: the group is ours alone. */
function endGroup(): void {
  process.kill(-process.pid, 'SIGKILL')
}

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    // Somebody in the worker who listens as well answers for it, as in any program.
    if (process.listenerCount(event) === 1) runner.die(error, () => process.exit(1))
  })
}
