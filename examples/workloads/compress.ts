// CPU-bound: nearly all of a call is computing, in plain JavaScript. (Node's zlib would compute on threads of
// its own, behind the back of whoever measures.)
import { readFileSync } from 'node:fs'
import { gzipSync } from 'fflate'
import { sha256 } from './sha256.ts'

/** What became of a file. Lengths in bytes. */
export interface Compressed {
  readonly length: number
  readonly packed: number
  readonly sha256: string
}

/** Compresses a file as well as possible and hashes it. */
export function compress(path: string): Compressed {
  const content = readFileSync(path)
  const packed = gzipSync(content, { level: 9, mtime: 0 })
  return { length: content.length, packed: packed.length, sha256: sha256(packed) }
}
