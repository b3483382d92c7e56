import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Refusal } from './refusal.ts'

/**
 * Makes sure that a file can be written before work is spent on what is to stand in it; leaves no trace.
 *
 * @throws {Refusal} status 2
 */
export function checkWritable(option: string, path: string): void {
  const file = resolve(path)
  const isNew = !existsSync(file)
  try {
    closeSync(openSync(file, 'a'))
  } catch (error) {
    throw new Refusal(
      2,
      `${option}: ${path} cannot be written: ${meaning(error, file)}`,
      'Name another place.',
    )
  }
  if (isNew) rmSync(file)
}

function meaning(error: unknown, file: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
      return existsSync(dirname(file)) ? 'no file can be made there' : `there is no folder ${dirname(file)}`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `no permission (${code})`
    case 'EISDIR':
      return 'it is a folder'
    case 'ENOTDIR':
      return `${dirname(file)} is no folder`
    default:
      return message
  }
}
