import { invalidArgument } from '../core/index.ts'
import { type FunctionReference, importModule } from '../wire/index.ts'
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
  const module = await importModule(reference.url).catch((error) => {
    throw new ImportFailure(error)
  })
  const found = module[reference.name]
  if (typeof found === 'function') return found as (...args: unknown[]) => unknown
  const functions = Object.keys(module).filter((name) => typeof module[name] === 'function')
  const list = functions.length === 0 ? 'It exports no function.' : `It exports: ${functions.join(', ')}.`
  const near = closest(reference.name, functions)
  const hint = near === undefined ? list : `Did you mean ${near}? ${list}`
  throw reference.name in module
    ? invalidArgument(`export ${reference.name}`, `a function (${hint})`, found)
    : Object.assign(new TypeError(`there is no export named ${reference.name}. ${hint}`), {
        code: 'PLAIT_INVALID_ARGUMENT',
      })
}
