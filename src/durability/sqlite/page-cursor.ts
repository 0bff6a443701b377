import { OptionError } from '../../errors/index.js'

type Position = readonly (string | number)[]

/** The place after an item, as text that means nothing to those who hand it back. */
export function cursorAfter(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/**
 * The place that a cursor stands for.
 * @param pattern what it has to consist of, such as `['number', 'string']`
 * @throws OPTION_INVALID for text that {@link cursorAfter} has not made
 */
export function positionOf(cursor: string, pattern: readonly ('string' | 'number')[]): Position {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (isPosition(position, pattern) && cursorAfter(position) === cursor) return position
  } catch {
    // Said below.
  }
  throw new OptionError('cursor', 'the `next` of the page before', cursor)
}

function isPosition(value: unknown, pattern: readonly ('string' | 'number')[]): value is Position {
  return (
    Array.isArray(value) &&
    value.length === pattern.length &&
    pattern.every((kind, index) => typeof value[index] === kind)
  )
}
