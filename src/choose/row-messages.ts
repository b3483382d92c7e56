// The conversation between `choose` and the child process that measures one row. Plain data.

import type { FunctionReference } from '../wire/index.ts'
import type { Model, RowProblem } from './result.ts'
import type { Opened, Slice, SliceRequest } from './slice.ts'

/** What a child is for. */
export interface RowTask {
  readonly model: Model
  readonly workers: number | null
  readonly traced: boolean
  readonly reference: FunctionReference
  readonly argLists: readonly (readonly unknown[])[]
  readonly timeoutMs: number
}

/** What the child was doing when it last had time to say so. */
export type Doing = 'starting' | 'importing' | 'calling'

/** To the child: one `open`, then `slice`s, each after the answer to the one before. */
export type ToRow =
  | { readonly type: 'open'; readonly task: RowTask }
  | { readonly type: 'slice'; readonly request: SliceRequest }
  | { readonly type: 'close' }

/** From the child: `beat`s whenever it has time, and one answer to each `open` and `slice`. */
export type FromRow =
  | { readonly type: 'beat'; readonly doing: Doing; readonly call?: number }
  | { readonly type: 'opened'; readonly opened: Opened }
  | { readonly type: 'sliced'; readonly slice: Slice }
  | { readonly type: 'failed'; readonly failure: Failure }

/** Why something could not be done. `subject`: the module or its export is at fault, in every model alike. */
export interface Failure {
  readonly kind: 'subject' | 'row'
  readonly problem: RowProblem
  /** The call was wrong, not the work: a missing export, or one that is no function. */
  readonly wrongCall?: boolean
}
