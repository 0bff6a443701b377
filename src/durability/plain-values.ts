import { PayloadCodec } from '../schema/index.js'

const builtIns = new PayloadCodec([])

/**
 * Stored values as plain data, for reading them without the classes that they are of: an instance becomes an object of its fields;
 * dates, maps, sets and the like are what they were.
 */
export function plainOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainOf)
  if (!isRecord(value)) return value
  if (isTagged(value)) return value.$.startsWith('@') ? builtIns.decode(withoutClasses(value)) : plainOf(value.v)
  return mapped(value, plainOf)
}

function withoutClasses(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutClasses)
  if (!isRecord(json)) return json
  if (!isTagged(json)) return mapped(json, withoutClasses)
  const { $: tag, v } = json
  if (!tag.startsWith('@')) return withoutClasses(v)
  if (!isRecord(v)) return { ...json, v: withoutClasses(v) }
  // What is in there may have a key that looks like a tag.
  const content = mapped(v, withoutClasses)
  if (tag === '@error') delete content['class']
  return { $: tag, v: content }
}

function mapped(record: Readonly<Record<string, unknown>>, map: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

function isTagged(value: Readonly<Record<string, unknown>>): value is { readonly $: string; readonly v?: unknown } {
  return typeof value['$'] === 'string'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
