// Results as `choose` would give them, from a small simulation of processor cores: deterministic, so that a
// report made of them is always the same.

import type { ReportInfo } from '../../../src/choose/report/index.ts'
import type { ChooseResult, Lane, Model, Prediction, Row, Segment, Span } from '../../../src/choose/result.ts'

/** One phase of a call: it needs a core, or it waits by itself. */
export interface Phase {
  readonly kind: Segment['kind']
  readonly ms: number
}

export interface Work {
  /** The phases of the call with this index. */
  phases(call: number): readonly Phase[]
  /** Message of the error that it fails with. */
  error?(call: number): string | undefined
}

/** Numbers in [0, 1) that look random and never change. */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

/** Runs `calls` calls in `slots` lanes that share `cores` cores, in simulated time. */
export function simulate(work: Work, calls: number, slots: number, cores: number, name: string): Lane[] {
  interface Running {
    readonly call: number
    readonly start: number
    readonly phases: Phase[]
    readonly segments: Segment[]
    readonly lane: number
  }
  const lanes: Span[][] = Array.from({ length: slots }, () => [])
  const events: { time: number; running: Running }[] = []
  const coreFree = new Array<number>(cores).fill(0)
  let next = 0
  const begin = (lane: number, time: number): void => {
    if (next >= calls) return
    const call = next++
    events.push({ time, running: { call, lane, start: time, phases: [...work.phases(call)], segments: [] } })
  }
  for (let lane = 0; lane < slots; lane++) begin(lane, 0)
  while (events.length > 0) {
    events.sort((a, b) => a.time - b.time || a.running.call - b.running.call)
    const { time, running } = events.shift()!
    const phase = running.phases.shift()
    if (phase === undefined) {
      const error = work.error?.(running.call)
      const { call, start, segments } = running
      lanes[running.lane]!.push({ call, start, end: time, segments, ...(error && { error }) })
      begin(running.lane, time)
      continue
    }
    let end = time + phase.ms
    if (phase.kind === 'waiting') running.segments.push({ kind: 'waiting', start: time, end })
    else {
      const core = coreFree.indexOf(Math.min(...coreFree))
      const start = Math.max(time, coreFree[core]!)
      if (start > time) running.segments.push({ kind: 'waiting', start: time, end: start })
      end = start + phase.ms
      coreFree[core] = end
      running.segments.push({ kind: 'computing', start, end })
    }
    events.push({ time: end, running })
  }
  return lanes.map((spans, at) => ({ name: `${name} ${at + 1}`, spans }))
}

const NAMES: Record<Model, string> = {
  sync: 'sequence',
  'event-loop': 'slot',
  threads: 'thread',
  processes: 'process',
}
const STARTUP: Record<Model, number> = { sync: 0, 'event-loop': 0, threads: 24, processes: 92 }

/** A row as it would have been measured. */
export function rowOf(
  work: Work,
  model: Model,
  label: string,
  workers: number | null,
  calls: number,
  predictedMs: number,
  cores: number,
): Row {
  const slots = Math.min(workers ?? calls, calls)
  const lanes = simulate(
    work,
    calls,
    slots,
    model === 'sync' || model === 'event-loop' ? 1 : cores,
    NAMES[model],
  )
  const spans = lanes.flatMap((lane) => lane.spans)
  const wallMs = Math.max(0, ...spans.map((span) => span.end))
  const cpuMs = spans
    .flatMap((span) => span.segments)
    .reduce((sum, segment) => sum + (segment.kind === 'computing' ? segment.end - segment.start : 0), 0)
  const crosses = model === 'threads' || model === 'processes'
  return {
    model,
    label,
    workers,
    ok: true,
    calls,
    failed: spans.filter((span) => span.error !== undefined).length,
    wallMs,
    cpuMs,
    loopBlockedMs: crosses ? wallMs * 0.01 : cpuMs,
    bytesIn: crosses ? calls * 96 : 0,
    bytesOut: crosses ? calls * 210 : 0,
    startupMs: STARTUP[model] * (crosses ? 1 : 0),
    memoryBytes: model === 'threads' ? slots * 6_100_000 : model === 'processes' ? slots * 41_000_000 : 0,
    predictedSampleMs: wallMs * (1 + (label.length % 7) / 100 - 0.03),
    predictedMs,
    lanes,
  }
}

interface Job {
  readonly compute: number
  readonly wait: number
  readonly count: number
  readonly cores: number
}

/** What a plain cost model says of the whole job. */
function predict(job: Job, model: Model, workers: number | null): number {
  const { compute, wait, count, cores } = job
  const parallel = model === 'threads' || model === 'processes' ? Math.min(cores, workers ?? cores) : 1
  const waves = Math.ceil(count / Math.min(workers ?? count, count))
  return Math.max((compute * count) / parallel + wait, waves * (compute + wait)) + STARTUP[model]
}

function predictionsOf(job: Job): Prediction[] {
  const at = (model: Model, workers: number | null, label: string): Prediction => ({
    model,
    workers,
    label,
    predictedMs: predict(job, model, workers),
  })
  return [
    at('sync', 1, 'in sequence'),
    ...[2, 4, 8, 16, 32].map((n) => at('event-loop', n, `event loop, ${n} at a time`)),
    at('event-loop', null, 'event loop, no limit'),
    ...[1, 2, 4].map((n) => at('threads', n, n === 1 ? '1 thread' : `${n} threads`)),
    ...[1, 2, 4].map((n) => at('processes', n, n === 1 ? '1 process' : `${n} processes`)),
  ]
}

/** Downloads: 40 ms of latency, a transfer, a little parsing; three of them fail. */
export function ioResult(calls = 24): ChooseResult {
  const random = randomOf(7)
  const sizes = Array.from({ length: calls }, () => 4 + random() * 46)
  const work: Work = {
    phases: (call) => [
      { kind: 'computing', ms: 0.5 },
      { kind: 'waiting', ms: 40 + sizes[call]! },
      { kind: 'computing', ms: 0.4 + sizes[call]! / 30 },
    ],
    error: (call) =>
      call === 5 || call === 17
        ? 'GET /zlib/README.md: 404 Not Found'
        : call === 11
          ? 'GET /a.js: body is 1 024 bytes, expected 4 096'
          : undefined,
  }
  const job = { compute: 1.9, wait: 66.1, count: 160, cores: 2 }
  const row = (model: Model, label: string, workers: number | null): Row =>
    rowOf(work, model, label, workers, calls, predict(job, model, workers), 2)
  return {
    recommendation: { model: 'event-loop', workers: 32, label: 'event loop, 32 at a time' },
    reason:
      'A call computes for 1.9 ms and waits for 66 ms, so 32 of them can wait at the same time on one thread: the whole job takes about 0.37 s instead of 10.9 s, and more threads or processes would only add their start-up.',
    measured: [
      row('sync', 'in sequence', 1),
      row('event-loop', 'event loop, 8 at a time', 8),
      row('event-loop', 'event loop, 32 at a time', 32),
      row('event-loop', 'event loop, no limit', null),
      row('threads', '2 threads', 2),
      row('processes', '2 processes', 2),
    ],
    model: {
      count: 160,
      cores: 2,
      computeMs: 1.9,
      waitMs: 66.1,
      kind: 'I/O-bound',
      predictions: predictionsOf(job),
      breakEvenMs: 0.08,
      breakEven: 'Below 0.08 ms a call, stay in sequence.',
    },
  }
}

/** Samples of different length, one of them cut, and a fit that is far off: what short calls lead to. */
export function unevenResult(): ChooseResult {
  const result = ioResult(40)
  const [first, ...others] = result.measured
  const lanes = first!.lanes.map((lane) => ({ ...lane, spans: lane.spans.slice(0, 2) }))
  return {
    ...result,
    measured: [
      { ...first!, lanes, calls: 3, wallMs: 214 },
      ...others.map((row) => ({ ...row, predictedSampleMs: row.wallMs * 12.34 })),
    ],
  }
}

/** Compressing files; processes cannot run it. */
export function cpuResult(calls = 20): ChooseResult {
  const random = randomOf(3)
  const costs = Array.from({ length: calls }, () => 60 + random() * 90)
  const work: Work = { phases: (call) => [{ kind: 'computing', ms: costs[call]! }] }
  const job = { compute: 104, wait: 0.02, count: calls, cores: 2 }
  const row = (model: Model, label: string, workers: number | null): Row =>
    rowOf(work, model, label, workers, calls, predict(job, model, workers), 2)
  return {
    recommendation: { model: 'threads', workers: 2, label: '2 threads' },
    reason:
      'A call computes for 104 ms and hardly waits, so only more cores make it faster: 2 threads take 1.06 s for the whole job instead of 2.08 s in sequence, and need less to start than processes.',
    measured: [
      row('sync', 'in sequence', 1),
      row('event-loop', 'event loop, no limit', null),
      row('threads', '2 threads', 2),
      {
        ...row('processes', '2 processes', 2),
        ok: false,
        calls: 0,
        wallMs: 0,
        cpuMs: 0,
        loopBlockedMs: 0,
        bytesIn: 0,
        bytesOut: 0,
        startupMs: 0,
        memoryBytes: 0,
        predictedMs: 0,
        predictedSampleMs: 0,
        lanes: [],
        problem: {
          name: 'TransferError',
          code: 'PLAIT_TRANSFER',
          message: 'argument 0 → .socket: a Socket cannot be sent to another process',
          hint: 'Send the address and open the socket in the worker.',
        },
      },
    ],
    model: {
      count: calls,
      cores: 2,
      computeMs: 104,
      waitMs: 0.02,
      kind: 'CPU-bound',
      predictions: predictionsOf(job),
      breakEvenMs: 0.41,
      breakEven: 'Below 0.41 ms a call, stay in sequence.',
    },
  }
}

/** What the report says about where it was made. */
export const INFO: ReportInfo = {
  title: 'examples/workloads/download.ts#download',
  command:
    'plait choose examples/workloads/download.ts#download --args @urls.json --html reports/download.html',
  createdAt: new Date('2026-01-05T09:30:00Z'),
  node: 'v20.20.2',
  cores: 2,
  cpu: 'Intel Xeon Processor at 2.60 GHz',
}
