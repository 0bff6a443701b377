/** The operators of a `condition` (S2-42). */
export const operators = ['eq', 'neq', 'gt', 'lt', 'gte', 'lte', 'in', 'contains'] as const

/** One of {@link operators}. */
export type Operator = (typeof operators)[number]

/**
 * Compares two JSON values. `eq` and `neq` compare anything, by value; all others are false where one of both is `null` or missing,
 * or where their types cannot be compared.
 */
export function compare(actual: unknown, op: Operator, value: unknown): boolean {
  switch (op) {
    case 'eq':
      return isEqual(actual, value)
    case 'neq':
      return !isEqual(actual, value)
    case 'in':
      return isIn(actual, value)
    case 'contains':
      return isIn(value, actual)
    default:
      return isOrdered(actual, op, value)
  }
}

function isOrdered(actual: unknown, op: 'gt' | 'lt' | 'gte' | 'lte', value: unknown): boolean {
  const numbers = typeof actual === 'number' && typeof value === 'number'
  const texts = typeof actual === 'string' && typeof value === 'string'
  if (!numbers && !texts) return false
  if (op === 'gt') return actual > value
  if (op === 'lt') return actual < value
  return op === 'gte' ? actual >= value : actual <= value
}

/** Whether something is an item of a list, a part of a text, or a key of an object. */
function isIn(item: unknown, whole: unknown): boolean {
  if (item === null || item === undefined) return false
  if (Array.isArray(whole)) return whole.some(each => isEqual(each, item))
  if (typeof item !== 'string') return false
  if (typeof whole === 'string') return whole.includes(item)
  return typeof whole === 'object' && whole !== null && Object.hasOwn(whole, item)
}

/** Whether two JSON values are the same; what is missing is `null`. */
function isEqual(one: unknown, other: unknown): boolean {
  const [a, b] = [one ?? null, other ?? null]
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, at) => isEqual(each, b[at]))
  }
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(key => Object.hasOwn(b, key) && isEqual(Reflect.get(a, key), Reflect.get(b, key)))
}
