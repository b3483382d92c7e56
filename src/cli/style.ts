import type { WriteStream } from 'node:tty'
import pc from 'picocolors'

/** Colours of one stream: real ones on a terminal, none elsewhere or under `NO_COLOR`. */
export type Style = ReturnType<typeof pc.createColors>

export function styleOf(stream: Pick<WriteStream, 'isTTY'>): Style {
  const plain = (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb'
  return pc.createColors(stream.isTTY === true && !plain)
}
