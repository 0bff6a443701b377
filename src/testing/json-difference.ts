/** Where two pieces of plain data differ. */
export interface JsonDifference {
  /** `messages[1].content`; the empty string for the whole. */
  readonly path: string
  /** As JSON; `undefined` if there is nothing. */
  readonly one: string | undefined
  readonly other: string | undefined
}

/** Every place at which two pieces of plain data differ, in the order of the first. Absent is the same as `undefined`. */
export function jsonDifferences(one: unknown, other: unknown, path = ''): JsonDifference[] {
  if (Object.is(one, other)) return []
  if (!isComposite(one) || !isComposite(other) || Array.isArray(one) !== Array.isArray(other)) {
    return [{ path, one: JSON.stringify(one), other: JSON.stringify(other) }]
  }
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].flatMap(key => jsonDifferences(one[key], other[key], placeOf(path, key, Array.isArray(one))))
}

function isComposite(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function placeOf(path: string, key: string, isItem: boolean): string {
  if (isItem) return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}
