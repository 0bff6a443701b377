/**
 * Values as a store has them, without what says of which class they are: an instance is an object of its fields, a date a text. That is
 * how runs are read whose definition is not at hand.
 */
export function withoutTags<T>(value: T): T {
  return unwrapped(value) as T
}

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped)
  if (!isRecord(value)) return value
  const { $: tag, v } = value
  if (typeof tag !== 'string') return mapped(value)
  // What is in there may have a key that looks like a tag.
  return tag.startsWith('@') && isRecord(v) ? mapped(v) : unwrapped(v)
}

function mapped(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, unwrapped(value)]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
