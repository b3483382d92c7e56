// I/O-bound: nearly all of a call is waiting for the network.
import { createHash } from 'node:crypto'
import { signal } from 'plait/asyncio'

/**
 * Downloads a file and makes sure that it arrived whole. Whatever goes wrong is thrown with the address.
 *
 * @param url of the file
 * @param length that it must have, in bytes
 * @param sha256 of its content, in hexadecimal
 * @returns its length
 */
export async function download(url: string, length: number, sha256: string): Promise<number> {
  const response = await fetch(url, { signal: signal() })
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${response.statusText}`)
  const body = new Uint8Array(await response.arrayBuffer())
  if (body.length !== length)
    throw new Error(`GET ${url}: ${body.length} bytes came, ${length} were expected`)
  const hash = createHash('sha256').update(body).digest('hex')
  if (hash !== sha256) throw new Error(`GET ${url}: the content has SHA-256 ${hash}, expected ${sha256}`)
  return body.length
}
