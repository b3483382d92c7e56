// WHAT   The child process that measures one row: a process of its own, so that an endless loop, an exit, a
//        crash or a full memory in somebody's function costs that row and nothing else, and so that
//        processor time and memory are this row's alone.
// RULES
//   1. Whenever the main thread has time, and before a call if a while has passed, it sends a `beat`: the
//      parent takes a long silence for a call that holds the thread, and ends this process.
//   2. What the function prints goes to this process's own standard output, which the parent counts.
//   3. It ends with its parent (`guard.ts`).

import { Worker } from 'node:worker_threads'
import { setWorkerInfo } from '../workers/index.ts'
import { InPool } from './in-pool.ts'
import { ImportFailure, loadExport } from './load-export.ts'
import { InSequence, OnEventLoop } from './on-this-thread.ts'
import { problemOf, whereOf } from './problem.ts'
import type { Doing, Failure, FromRow, RowTask, ToRow } from './row-messages.ts'
import type { Bench, Opened, Work } from './slice.ts'

const BEAT_MS = 250

let doing: Doing = 'starting'
let lastBeat = 0
let bench: Bench | undefined

function send(message: FromRow): void {
  if (process.connected) process.send!(message)
}

function beat(call?: number): void {
  lastBeat = performance.now()
  send(call === undefined ? { type: 'beat', doing } : { type: 'beat', doing, call })
}

function beatBefore(call: number): void {
  if (performance.now() - lastBeat > BEAT_MS / 2) beat(call)
}

async function open(task: RowTask): Promise<Opened> {
  const { model, workers, traced, reference, argLists, timeoutMs } = task
  if (model === 'threads' || model === 'processes') {
    const work: Work = { fn: () => undefined, argLists, timeoutMs }
    bench = new InPool(work, { model, workers: workers ?? 1, reference, traced })
  } else {
    doing = 'importing'
    beat()
    const work: Work = { fn: await loadExport(reference), argLists, timeoutMs }
    bench = model === 'sync' ? new InSequence(work, beatBefore) : new OnEventLoop(work, beatBefore, workers)
  }
  doing = 'calling'
  return bench.open()
}

async function serve(message: ToRow): Promise<void> {
  switch (message.type) {
    case 'open':
      return send({ type: 'opened', opened: await open(message.task) })
    case 'slice':
      return send({ type: 'sliced', slice: await bench!.slice(message.request) })
    case 'close':
      await bench?.close()
      process.exit(0)
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof ImportFailure) {
    const where = whereOf(error.cause)
    const problem = problemOf(error.cause)
    return {
      kind: 'subject',
      problem: {
        ...problem,
        message:
          where === undefined || problem.message.includes(where)
            ? problem.message
            : `${problem.message} (${where})`,
      },
    }
  }
  if (doing === 'importing') return { kind: 'subject', problem: problemOf(error), wrongCall: true }
  return { kind: 'row', problem: problemOf(error) }
}

// A program that guards its main part by `workerInfo().kind` takes this for a worker, which it is.
setWorkerInfo({ kind: 'process', id: 0, name: 'choose' })
process.on('disconnect', () => process.exit(1))
process.on('uncaughtExceptionMonitor', (error) => {
  // What the module left running after its import may call `choose`, too late for the import to fail.
  const refused = (error as { code?: unknown })?.code === 'PLAIT_INVALID_STATE'
  const failure: Failure = {
    kind: doing === 'importing' || refused ? 'subject' : 'row',
    problem: { ...problemOf(error), message: `outside of any call: ${problemOf(error).message}` },
  }
  send({ type: 'failed', failure })
})
process.on('message', (message: ToRow) => {
  serve(message).catch((error) => send({ type: 'failed', failure: failureOf(error) }))
})

new Worker(new URL('./guard.js', import.meta.url), { workerData: process.ppid, execArgv: [], stdout: true })
  .once('online', () => {
    beat()
    setInterval(beat, BEAT_MS).unref()
  })
  .unref()
