/** The type of a value in words, for messages. Never the value itself, which may be a secret. */
export function receivedType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : String(value)
  if (typeof value !== 'object') return typeof value
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'Invalid Date'
  return isPlainObject(value) ? 'object' : className(Object.getPrototypeOf(value)?.constructor)
}

/** Whether a value is an object literal, a parsed JSON object or an object without prototype; of any realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || isForeignObjectPrototype(prototype as object)
}

/** The name of a class, for messages and schemas. */
export function className(value: unknown): string {
  const name = typeof value === 'function' ? value.name : ''
  return name === '' ? '(anonymous class)' : name
}

function isForeignObjectPrototype(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty')
}
