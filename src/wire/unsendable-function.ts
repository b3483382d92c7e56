import { TransferError } from '../core/index.ts'
import type { FunctionLocation } from './function-location.ts'
import type { AnyFunction } from './module-exports.ts'

/** Whether the source text is that of a class. */
export function isClass(text: string): boolean {
  return /^class\b/.test(text)
}

/** Whether the source text is what the platform shows of its own and of bound functions. */
export function isNative(text: string): boolean {
  return text.endsWith('{ [native code] }')
}

/** What else is known of a refusal. */
interface Circumstances {
  /** Why its module could not be imported. */
  readonly cause?: unknown
  /** True if its module exports another function under its name. */
  readonly namesake?: boolean
}

/** The error for a function no worker could find: what it is, where it was written, and what to do. */
export function unsendable(
  fn: AnyFunction,
  text: string,
  location: FunctionLocation,
  circumstances: Circumstances = {},
): TransferError {
  const place = location.place()
  const what = `${kindOf(fn, text, location)}${place === undefined ? '' : ` at ${place}`}`
  return new TransferError(
    `${what} cannot be sent to a worker: ${adviceFor(text, location, circumstances)}`,
    'cause' in circumstances ? { cause: circumstances.cause } : undefined,
  )
}

function kindOf(fn: AnyFunction, text: string, { wraps }: FunctionLocation): string {
  const name = fn.name === '' ? '' : ` '${fn.name}'`
  if (wraps === 'bound') return `the bound function${name}`
  if (wraps === 'proxy') return `the Proxy of a function${name}`
  if (isClass(text)) return `the class${name}`
  if (isNative(text)) return `the platform's function${name}`
  if (/^(?:async\s+)?function\b/.test(text)) return `the function${name}`
  return /^(?:async\s*)?(?:\(|[\w$]+\s*=>)/.test(text) ? `the arrow function${name}` : `the method${name}`
}

function adviceFor(text: string, { url, wraps }: FunctionLocation, circumstances: Circumstances): string {
  if (wraps === 'bound') return 'submit the exported function itself, and what was bound to it as arguments'
  if (wraps === 'proxy') return 'submit the exported function behind the Proxy'
  if (isClass(text)) return 'export a function from its module that makes the instance, and submit that'
  if (url === undefined || url.startsWith('node:'))
    return 'no module exports it; call it inside a function of yours that its module exports, and submit that'
  if ('cause' in circumstances) return `its module ${url} cannot be imported (see cause)`
  return circumstances.namesake === true
    ? 'its module exports another function under that name. Submit that one; or, if something other than ' +
        'Node loaded the module (a test runner, a bundler), let Node import the module with the function'
    : 'its module does not export it; export it from there'
}
