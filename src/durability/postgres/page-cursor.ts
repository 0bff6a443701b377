import { OptionError } from '../../errors/index.js'

/**
 * The place of an item in a list, by which the next page begins: a time and the ids that tell items of one time apart.
 */
export type PagePlace = readonly [at: number, ...ids: string[]]

/** A place as the text that a caller hands back. */
export function toCursor(place: PagePlace): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** The place that a cursor stands for, of so many ids. @throws OPTION_INVALID if it is none that a page has had */
export function fromCursor(cursor: string, ids: number): PagePlace {
  const place = parsed(cursor)
  if (isPlace(place, ids) && toCursor(place) === cursor) return place
  throw new OptionError('cursor', 'the `next` of the page before', cursor)
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

function isPlace(place: unknown, ids: number): place is PagePlace {
  if (!Array.isArray(place) || place.length !== ids + 1) return false
  const [at, ...rest] = place as unknown[]
  return typeof at === 'number' && rest.every(id => typeof id === 'string')
}
