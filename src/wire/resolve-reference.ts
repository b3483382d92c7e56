import { TransferError } from '../core/index.ts'
import type { ExportReference, FunctionReference } from './function-reference.ts'
import { rememberResources, untilImported } from './import-progress.ts'
import { whileImporting } from './importing.ts'
import { exportedFunction, functionsOf, type ModuleExports, type TaskFunction } from './module-exports.ts'
import { globalFunction } from './platform-functions.ts'
import { prepareTypeScript } from './typescript.ts'

const functions = new Map<string, TaskFunction>()
const modules = new Map<string, Promise<ModuleExports>>()

/**
 * Worker side: the function a reference stands for. Imports its module, TypeScript included.
 *
 * **Failure** what the import throws, as it is; its stack says which module was imported and why.
 * **Cost** a map look-up from the second call on, and then the answer is synchronous.
 *
 * @throws {TransferError} PLAIT_TRANSFER if the module does not export such a function here
 * @throws {InvalidStateError} PLAIT_INVALID_STATE if the module's top level waits for ever
 * @throws {NotSupportedError} PLAIT_NOT_SUPPORTED for TypeScript without the means
 */
export function resolveReference(reference: FunctionReference): TaskFunction | Promise<TaskFunction> {
  const key = JSON.stringify(reference)
  return functions.get(key) ?? resolve(reference, key)
}

async function resolve(reference: FunctionReference, key: string): Promise<TaskFunction> {
  const fn =
    reference.kind === 'global'
      ? globalFunction(reference.name)
      : functionIn(await moduleAt(reference.url), reference)
  if (fn === undefined) {
    throw new TransferError(`the function ${reference.name} of the host's Node does not exist in this one`)
  }
  functions.set(key, fn)
  return fn
}

function moduleAt(url: string): Promise<ModuleExports> {
  const known = modules.get(url)
  if (known !== undefined) return known
  const pending = importModule(url)
  modules.set(url, pending)
  return pending
}

async function importModule(url: string): Promise<ModuleExports> {
  rememberResources()
  await prepareTypeScript(url)
  try {
    return await untilImported(
      whileImporting(url, () => import(url) as Promise<ModuleExports>),
      url,
    )
  } catch (error) {
    throw withContext(error, url)
  }
}

/** The module's own error, whose stack may not name a file at all: that of a syntax error does not. */
function withContext(error: unknown, url: string): unknown {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return error
  const note = `    at import of a task's module (${url})`
  if (!error.stack.endsWith(note)) Reflect.set(error, 'stack', `${error.stack}\n${note}`)
  return error
}

function functionIn(exports: ModuleExports, reference: ExportReference): TaskFunction {
  const { url, name, text } = reference
  const fn = text === undefined ? exportedFunction(exports, name) : functionLike(exports, name, text)
  if (fn !== undefined) return fn
  throw new TransferError(
    text === undefined
      ? `${url} has no export '${name}' when a worker imports it; it has ${namesIn(exports)}`
      : `a worker cannot tell which export of ${url} is the function '${name}': the program submits it while ` +
          'the module itself is still running, and not exactly one export has its text. ' +
          `Export it once, or move it to a module of its own. The module exports ${namesIn(exports)}`,
  )
}

/** The one function with that text; several names of the same function are one. */
function functionLike(exports: ModuleExports, name: string, text: string): TaskFunction | undefined {
  const matches = new Set<TaskFunction>()
  for (const [, fn] of functionsOf(exports)) {
    if (fn.name === name && Function.prototype.toString.call(fn) === text) matches.add(fn)
  }
  return matches.size === 1 ? [...matches][0] : undefined
}

function namesIn(exports: ModuleExports): string {
  const names = Object.keys(exports)
  return names.length === 0 ? 'no exports' : names.slice(0, 20).join(', ') + (names.length > 20 ? ', …' : '')
}
