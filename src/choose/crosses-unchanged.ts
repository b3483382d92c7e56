import { types } from 'node:util'

/** True if structured clone gives an equal value: plain data, no instances of classes, nothing live. */
export function crossesUnchanged(value: unknown, seen: Set<unknown> = new Set()): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false
  if (typeof value !== 'object' || value === null || seen.has(value)) return true
  seen.add(value)
  if (Array.isArray(value)) return value.every((item) => crossesUnchanged(item, seen))
  if (types.isDate(value) || types.isRegExp(value) || ArrayBuffer.isView(value) || types.isArrayBuffer(value))
    return true
  if (types.isMap(value))
    return [...value].every(([key, item]) => crossesUnchanged(key, seen) && crossesUnchanged(item, seen))
  if (types.isSet(value)) return [...value].every((item) => crossesUnchanged(item, seen))
  const proto = Object.getPrototypeOf(value)
  return (
    (proto === Object.prototype || proto === null) &&
    Object.values(value).every((item) => crossesUnchanged(item, seen))
  )
}
