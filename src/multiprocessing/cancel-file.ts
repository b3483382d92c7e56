import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * One number that a process can read without its event loop: a file without a name, open in both.
 *
 * A read costs about a microsecond, needs no native code, and cannot block. WHY NOT a pipe: reading an empty one
 * either blocks or makes an error each time. WHY NOT a signal: Node handles signals on the event loop.
 */
export class CancelFile {
  readonly fd: number
  readonly #bytes = new Int32Array(1)

  private constructor(fd: number) {
    this.fd = fd
  }

  /** `undefined` where no temporary file can be made: a busy process then learns of a cancel only when it yields. */
  static open(): CancelFile | undefined {
    try {
      const folder = mkdtempSync(join(tmpdir(), 'plait-'))
      try {
        const file = new CancelFile(openSync(join(folder, 'cancel'), 'wx+', 0o600))
        file.write(0)
        return file
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    } catch {
      return undefined
    }
  }

  write(value: number): void {
    this.#bytes[0] = value
    writeSync(this.fd, this.#bytes, 0, 4, 0)
  }

  close(): void {
    closeSync(this.fd)
  }
}
