import type { WorkerMessage } from './protocol.ts'

/**
 * What a worker sends, marked as ours: code that runs in a worker may use the same channel, with messages of its own
 * (`process.send?.('ready')`), and those must not be taken for answers.
 */
export interface Envelope {
  readonly plait: WorkerMessage
}

/** For the worker's side. */
export function enclose(message: WorkerMessage): Envelope {
  return { plait: message }
}

/** For the host's side: the message, or `undefined` if it is none of ours. */
export function open(value: unknown): WorkerMessage | undefined {
  return typeof value === 'object' && value !== null ? (value as Partial<Envelope>).plait : undefined
}
