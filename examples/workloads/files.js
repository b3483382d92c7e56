// Real files to work on: the text files of the packages that are installed here.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const TEXT = /\.(js|mjs|cjs|ts|mts|cts|json|md|map|css)$/
const HIDDEN = /(^|\/)\./
const SMALLEST = 24_000
const LARGEST = 400_000

/**
 * An even choice of `count` files below `folder`, each with its length and its SHA-256.
 *
 * @param {string} folder
 * @param {number} count
 * @returns {{ name: string, path: string, length: number, sha256: string }[]} `name` is relative to `folder`, with `/`
 */
export function packageFiles(folder, count) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name: name.replaceAll('\\', '/'), path: join(folder, name) }))
    .filter(({ name }) => TEXT.test(name) && !HIDDEN.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .filter(({ path }) => {
      const { size } = statSync(path)
      return size >= SMALLEST && size <= LARGEST
    })
  if (files.length === 0) throw new Error(`no files to work on in ${folder}: run npm ci first`)
  return Array.from({ length: count }, (_, index) => {
    const file = files[Math.floor((index * files.length) / count)]
    const content = readFileSync(file.path)
    return { ...file, length: content.length, sha256: createHash('sha256').update(content).digest('hex') }
  })
}
