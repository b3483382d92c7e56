/** Why a command ends without its answer: one message, what to do about it, and the exit status. */
export class Refusal {
  readonly message: string
  readonly hint: string | undefined
  /** 1: the work failed; 2: the call was wrong. */
  readonly status: 1 | 2

  constructor(status: 1 | 2, message: string, hint?: string) {
    this.status = status
    this.message = message
    this.hint = hint
  }
}
