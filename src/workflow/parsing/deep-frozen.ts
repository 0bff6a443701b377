/** Freezes plain data, all of it. */
export function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const each of Object.values(value)) deepFrozen(each)
  return Object.freeze(value)
}
