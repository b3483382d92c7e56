import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Refusal } from './refusal.ts'

/** A function named on the command line. */
export interface Target {
  /** As written: `FILE#FUNCTION`. */
  readonly title: string
  readonly file: string
  readonly url: string
  readonly name: string
}

/**
 * Reads `FILE#FUNCTION` and makes sure that the file is there.
 *
 * @throws {Refusal} status 2
 */
export function readTarget(title: string): Target {
  const hash = title.lastIndexOf('#')
  const path = hash === -1 ? title : title.slice(0, hash)
  const name = hash === -1 ? '' : title.slice(hash + 1)
  if (path === '') throw new Refusal(2, `expected FILE#FUNCTION, got '${title}': the file is missing`)
  const file = resolve(path)
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) throw new Refusal(2, `there is no file ${path}`, `Paths start at ${process.cwd()}.`)
  if (!stat.isFile()) throw new Refusal(2, `${path} is no file`, 'Name the module that exports the function.')
  if (name === '')
    throw new Refusal(
      2,
      `expected FILE#FUNCTION, got '${title}': which export of the file is to be called?`,
      `Such as '${path}#main'; in some shells the # needs the quotes.`,
    )
  return { title, file, url: pathToFileURL(file).href, name }
}
