import type { AnyFunction, TaskFunction } from './module-exports.ts'

const OBJECTS = 'Array Atomics BigInt Buffer Date Intl JSON Math Number Object Reflect String URL'.split(' ')

/**
 * `Math.max`, `JSON.parse`, `structuredClone`: the path from the global object, if the function has one under
 * its own name. The names are tried, not listed: reading all globals would load half of the platform.
 */
export function globalNameOf(fn: AnyFunction): string | undefined {
  if (fn.name === '') return undefined
  return [fn.name, ...OBJECTS.map((object) => `${object}.${fn.name}`)].find(
    (name) => globalFunction(name) === fn,
  )
}

/** The function at that path here. */
export function globalFunction(name: string): TaskFunction | undefined {
  let value: unknown = globalThis
  for (const key of name.split('.')) {
    if (value === undefined || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return typeof value === 'function' ? (value as TaskFunction) : undefined
}
