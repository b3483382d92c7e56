// Runs in a worker thread: connects the task runner to the thread's port. The other side is ../thread-worker.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { enclose, type HostMessage } from '../../wire/index.ts'
import { TaskRunner } from '../../workers/index.ts'

const port = parentPort!
const cancelledUpTo = workerData as Int32Array

const runner = new TaskRunner({
  kind: 'thread',
  send: (message) => port.postMessage(enclose(message)),
  cancelledUpTo: () => Atomics.load(cancelledUpTo, 0),
  // A thread's stdout is a stream to the main thread: the end of it waits for what was written.
  end: () => process.stdout.write('', () => process.stderr.write('', () => process.exit(0))),
})

port.on('message', (message: HostMessage) => runner.receive(message))
// A message that cannot be read here: whoever waits for an answer to it must not wait for ever.
port.on('messageerror', (error) => runner.die(error, () => process.exit(1)))

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    // Somebody in the worker who listens as well answers for it, as in any program.
    if (process.listenerCount(event) === 1) runner.die(error, () => process.exit(1))
  })
}
