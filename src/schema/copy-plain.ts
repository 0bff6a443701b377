import { isPlainObject } from './received-type.js'

/**
 * A deep copy of plain objects and arrays. Everything else (dates, maps, instances) is kept by reference, and keys
 * that could reach a prototype are left out.
 */
export function copyPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyPlain)
  if (!isPlainObject(value)) return value
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (key !== '__proto__' && key !== 'constructor') copy[key] = copyPlain(value[key])
  }
  return copy
}
