import type { AnyFunction, TaskFunction } from './module-exports.ts'

const OBJECTS = [
  'Array',
  'Atomics',
  'BigInt',
  'Buffer',
  'Date',
  'Intl',
  'JSON',
  'Math',
  'Number',
  'Object',
  'Reflect',
  'String',
  'URL',
  'WebAssembly',
  'crypto',
]

let names: Map<AnyFunction, string> | undefined

/** `Math.max`, `JSON.parse`, `structuredClone`: the path from the global object, if it has one. */
export function globalNameOf(fn: AnyFunction): string | undefined {
  names ??= collectNames()
  const name = names.get(fn)
  return name !== undefined && globalFunction(name) === fn ? name : undefined
}

/** The function at that path here. */
export function globalFunction(name: string): TaskFunction | undefined {
  let value: unknown = globalThis
  for (const key of name.split('.')) value = (value as Record<string, unknown> | undefined)?.[key]
  return typeof value === 'function' ? (value as TaskFunction) : undefined
}

function collectNames(): Map<AnyFunction, string> {
  const found = new Map<AnyFunction, string>()
  const global = globalThis as Record<string, unknown>
  for (const object of OBJECTS) addFrom(global[object], `${object}.`, found)
  addFrom(globalThis, '', found)
  return found
}

function addFrom(object: unknown, prefix: string, found: Map<AnyFunction, string>): void {
  if (object === undefined || object === null) return
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
    if (typeof value === 'function' && !found.has(value)) found.set(value, prefix + key)
  }
}
