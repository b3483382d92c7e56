// WHAT     Host side: which export of which module a function is, so that a worker can import it.
// RULES
//   1. A reference is given only for a function the module really exports: found by identity among the
//      module's exports, never by its name alone.
//   2. The module is imported again to look at its exports. It is loaded, so nothing runs, unless it is still
//      in a top-level `await`, typically of the very future that wants the reference: that import would wait
//      for ever. Then the function goes by name and text, and the worker compares (`text`). Only a function
//      that sees nothing but its module may: of two closures with the same text it could be either.
//   3. Answers are kept per function. Failures are not: the next call may come when the module is ready.
// CHECKED BY tests/wire/function-reference.test.ts, tests/wire/top-level-await.test.ts
import { invalidArgument } from '../core/index.ts'
import { type FunctionLocation, locateFunction } from './function-location.ts'
import { awaitsItself } from './import-progress.ts'
import { whileImporting } from './importing.ts'
import { type AnyFunction, exportedFunction, exportNameOf, type ModuleExports } from './module-exports.ts'
import { globalNameOf } from './platform-functions.ts'
import { isClass, isNative, unsendable } from './unsendable-function.ts'

/** An exported function: the module and the name under which a worker finds it again. */
export interface ExportReference {
  readonly kind: 'export'
  /** URL of the module, as the loader knows it. */
  readonly url: string
  /** Name of the export; `default.name` for a property of the default export (CommonJS). */
  readonly name: string
  /** Source text, only where rule 2 needs it; `name` is then the function's own name. */
  readonly text?: string
}

/** A function of the platform, by its path from the global object: `Math.max`, `JSON.parse`. */
export interface GlobalReference {
  readonly kind: 'global'
  readonly name: string
}

/** What stands for a function on its way to a worker: plain data. */
export type FunctionReference = ExportReference | GlobalReference

const known = new WeakMap<AnyFunction, FunctionReference | Promise<FunctionReference>>()

/**
 * Host side: what stands for the function on its way to a worker.
 *
 * **Cost** the first call of a program 20 to 40 ms (all scripts are listed once), the first of another
 * function about 1 ms; from then on a map look-up, and the answer is synchronous.
 *
 * @throws {TypeError} PLAIT_INVALID_ARGUMENT at once, for anything that is not a function
 * @throws {TransferError} PLAIT_TRANSFER (the promise) for a function that no module exports
 * @throws {NotSupportedError} PLAIT_NOT_SUPPORTED (the promise) if Node was built without its inspector
 */
export function referenceOf(fn: AnyFunction): FunctionReference | Promise<FunctionReference> {
  if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn)
  const answer = known.get(fn)
  if (answer !== undefined) return answer
  const pending = findReference(fn)
  known.set(fn, pending)
  pending.then(
    (reference) => known.set(fn, reference),
    () => known.delete(fn), // rule 3; whoever holds the promise has the error
  )
  return pending
}

async function findReference(fn: AnyFunction): Promise<FunctionReference> {
  const text = Function.prototype.toString.call(fn)
  const native = isNative(text) ? globalNameOf(fn) : undefined
  if (native !== undefined) return { kind: 'global', name: native }
  const location = await locateFunction(fn)
  const { url } = location
  if (location.wraps !== undefined || url === undefined || isClass(text)) throw unsendable(fn, text, location)
  const global = url.startsWith('node:') ? globalNameOf(fn) : undefined
  if (global !== undefined) return { kind: 'global', name: global }
  const exports = await exportsOf(url, fn, text, location)
  if (exports === 'evaluating') {
    if (!location.topLevel) throw unsendable(fn, text, location)
    return { kind: 'export', url, name: fn.name, text }
  }
  const exported = exportNameOf(exports, fn)
  if (exported === undefined) {
    throw unsendable(fn, text, location, { namesake: exportedFunction(exports, fn.name) !== undefined })
  }
  return { kind: 'export', url, name: exported }
}

/** Rule 2. */
async function exportsOf(
  url: string,
  fn: AnyFunction,
  text: string,
  location: FunctionLocation,
): Promise<ModuleExports | 'evaluating'> {
  try {
    const pending = whileImporting(url, () => import(url) as Promise<ModuleExports>)
    return (await awaitsItself(pending)) ? 'evaluating' : await pending
  } catch (cause) {
    throw unsendable(fn, text, location, { cause })
  }
}
