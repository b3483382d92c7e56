import { invalidArgument, TransferError } from '../core/index.ts'
import { type FunctionReference, resolveReference } from '../wire/index.ts'
import { closest } from './closest.ts'

/** A module that could not be imported, as against one that was and lacks the export. */
export class ImportFailure {
  readonly cause: unknown

  constructor(cause: unknown) {
    this.cause = cause
  }
}

/**
 * Imports the module and gives the function.
 *
 * @throws {ImportFailure} if the module cannot be imported
 * @throws {TypeError} PLAIT_INVALID_ARGUMENT if it has no such export, or one that is no function
 */
export async function loadExport(reference: FunctionReference): Promise<(...args: unknown[]) => unknown> {
  try {
    return await resolveReference(reference)
  } catch (error) {
    if (!(error instanceof TransferError) || reference.kind !== 'export') throw new ImportFailure(error)
    throw await missing(reference.url, reference.name)
  }
}

/** The module has been imported: what else does it export? */
async function missing(url: string, name: string): Promise<unknown> {
  const exports: Record<string, unknown> = await import(url).catch((error) => {
    throw new ImportFailure(error)
  })
  const functions = Object.keys(exports).filter((key) => typeof exports[key] === 'function')
  const list = functions.length === 0 ? 'It exports no function.' : `It exports: ${functions.join(', ')}.`
  const near = closest(name, functions)
  const hint = near === undefined ? list : `Did you mean ${near}? ${list}`
  if (name in exports) return invalidArgument(`export ${name}`, `a function (${hint})`, exports[name])
  const error = new TypeError(`there is no export named ${name}. ${hint}`)
  return Object.assign(error, { code: 'PLAIT_INVALID_ARGUMENT' })
}
