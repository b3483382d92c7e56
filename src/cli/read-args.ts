import { readFileSync } from 'node:fs'
import { Refusal } from './refusal.ts'

const FORM =
  "Give a JSON list with one list of arguments for each call: --args '[[1], [2]]', or --args @FILE."

/**
 * Reads `--args`: JSON, or `@` and the name of a file with JSON.
 *
 * @throws {Refusal} status 2
 */
export function readArgs(text: string): unknown[] {
  const fromFile = text.startsWith('@')
  const json = fromFile ? readArgsFile(text.slice(1)) : text
  const source = fromFile ? text.slice(1) : '--args'
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new Refusal(2, `${source} is not JSON: ${(error as Error).message}`, FORM)
  }
  if (!Array.isArray(value))
    throw new Refusal(
      2,
      `${source}: expected a JSON list, got ${value === null ? 'null' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`}`,
      FORM,
    )
  if (value.length === 0)
    throw new Refusal(
      2,
      `${source} is an empty list: there is nothing to call`,
      "For one call without arguments: --args '[[]]', or leave it out.",
    )
  const lists = value.filter((item) => Array.isArray(item)).length
  if (lists !== 0 && lists !== value.length)
    throw new Refusal(2, `${source}: some items are lists and others are not`, FORM)
  return value
}

function readArgsFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : message
    throw new Refusal(2, `--args: ${path} cannot be read: ${why}`, FORM)
  }
}
