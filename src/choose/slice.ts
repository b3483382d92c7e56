import type { Lane, RowProblem } from './result.ts'

/** The function and what to call it with. */
export interface Work {
  readonly fn: (...args: unknown[]) => unknown
  /** Argument lists; call i takes number i modulo their count. */
  readonly argLists: readonly (readonly unknown[])[]
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number
}

/** Starting workers and importing modules may take this long at least, however short calls have to be. */
const STARTUP_MS = 15_000

/** How long starting and importing may take, in milliseconds. */
export function startupLimit(timeoutMs: number): number {
  return Math.max(timeoutMs, STARTUP_MS)
}

/** One sample to take. */
export interface SliceRequest {
  /** Number of the first call. */
  readonly from: number
  readonly calls: number
  readonly traced: boolean
  /** Whether to find out the sizes of arguments and results, which costs a serialization of each. */
  readonly sizes: boolean
  /** Which part of the time that a call holds its thread it really computes, from 0 to 1. */
  readonly computingShare: number
}

/** What one sample showed. Milliseconds and bytes; spans count from the begin of the sample. */
export interface Slice {
  readonly calls: number
  readonly failed: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly blockedMs: number
  /** Of `wallMs`, what other programs took: the calls were ready and did not get a processor. */
  readonly stolenMs: number
  /** As `blockedMs`, without what others took of it. */
  readonly heldMs: number
  readonly longestMs: number
  readonly memoryBytes: number
  /** Mean sizes per call, if they were asked for. */
  readonly bytesIn: number
  readonly bytesOut: number
  /** See {@link SliceRequest.computingShare}. */
  readonly computingShare: number
  readonly lanes: readonly Lane[]
  /** Of the first call that failed. */
  readonly problem?: RowProblem
}

/** What it takes to have a configuration ready, and to hand it a call. Milliseconds. */
export interface Opened {
  /** Until every worker had the function in its hands. */
  readonly startupMs: number
  /** Of that, what other programs took. */
  readonly stolenMs: number
  /** Per call, for calls with these arguments that do nothing. */
  readonly handoverMs: number
}

/** Takes samples of one configuration. */
export interface Bench {
  open(): Promise<Opened>
  slice(request: SliceRequest): Promise<Slice>
  close(): Promise<void>
}

export function argsOf(work: Work, call: number): readonly unknown[] {
  return work.argLists[call % work.argLists.length]!
}
