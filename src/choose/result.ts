// The shapes that `choose` returns and that its table, its report and `--json` are made from: plain data.

/** An execution model, from the simplest to the heaviest. */
export type Model = 'sync' | 'event-loop' | 'threads' | 'processes'

/** A stretch of one call: the processor worked for it, or it waited for something. Milliseconds since the row began. */
export interface Segment {
  readonly kind: 'computing' | 'waiting'
  readonly start: number
  readonly end: number
}

/** One call of the function, as it ran. */
export interface Span {
  /** Index of the call in the sample. */
  readonly call: number
  readonly start: number
  readonly end: number
  readonly segments: readonly Segment[]
  /** Message of the error, if the call failed. */
  readonly error?: string
}

/** What one task slot, thread or process did, in order. */
export interface Lane {
  /** Such as `slot 3`, `thread 1`, `process 2`. */
  readonly name: string
  readonly spans: readonly Span[]
}

/** Why a model could not be measured, or why calls in it failed: a sentence, and what to do about it. */
export interface RowProblem {
  readonly name: string
  readonly code?: string
  readonly message: string
  readonly hint?: string
}

/** One way to run the work, measured on the sample. All times in milliseconds, all sizes in bytes. */
export interface Row {
  readonly model: Model
  /** Such as `in sequence`, `event loop, 8 at a time`, `2 threads`. */
  readonly label: string
  /** Threads, processes or tasks at a time; `null` for no limit. */
  readonly workers: number | null
  /** False if this model could not run the work at all; then the figures are 0 and `problem` says why. */
  readonly ok: boolean
  readonly problem?: RowProblem
  /** Calls made and, of those, calls that failed. */
  readonly calls: number
  readonly failed: number
  readonly wallMs: number
  /** Processor time of this process and its workers. */
  readonly cpuMs: number
  /** How long, in all, the main thread's event loop could not serve anything else. */
  readonly loopBlockedMs: number
  /** Arguments and results that crossed to workers and back, in structured-clone form. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** From the creation of the pool to the first answer of its workers. Not part of `wallMs`. */
  readonly startupMs: number
  /** Memory that the workers added. */
  readonly memoryBytes: number
  /**
   * What the fitted model says of this very sample, plus what other programs took of it: the fit, to be held
   * against `wallMs`.
   */
  readonly predictedSampleMs: number
  /** What it says of the whole job on a machine that does nothing else, start-up included. */
  readonly predictedMs: number
  /** Of long samples only the first 2 000 calls, which end before `wallMs` then. */
  readonly lanes: readonly Lane[]
}

/** Predicted time of the whole job for one model at one worker count. */
export interface Prediction {
  readonly model: Model
  readonly workers: number | null
  readonly label: string
  readonly predictedMs: number
}

/** The cost model fitted to the measurements. */
export interface CostModel {
  /** Number of calls of the whole job. */
  readonly count: number
  readonly cores: number
  /** Mean processor time and mean waiting time of one call, measured in sequence. */
  readonly computeMs: number
  readonly waitMs: number
  /** What the work is: waits, computes, or both in parts worth speaking of. */
  readonly kind: 'I/O-bound' | 'CPU-bound' | 'mixed'
  readonly predictions: readonly Prediction[]
  /** Below this length of a call, in milliseconds, in sequence wins; `null` if it always or never does. */
  readonly breakEvenMs: number | null
  /** The break-even as one sentence. */
  readonly breakEven: string
}

export interface ChooseResult {
  readonly recommendation: { readonly model: Model; readonly workers: number | null; readonly label: string }
  /** One plain sentence with the numbers. */
  readonly reason: string
  readonly measured: readonly Row[]
  readonly model: CostModel
  /** What else the reader should know, one sentence each: that the function printed, for instance. */
  readonly notes?: readonly string[]
}
