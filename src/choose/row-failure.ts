import type { Failure } from './row-messages.ts'

/** A failure that the child of a row reported, or that its end told of. */
export class RowFailure {
  readonly failure: Failure

  constructor(failure: Failure) {
    this.failure = failure
  }
}
