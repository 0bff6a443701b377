import { OptionError } from '../errors/index.js'
import type { OpenRunRequest, RunQuery, RunRecord, StoredRunStatus } from './journal-records.js'

/** Where an item stands in its list: a time, and the ids that tell items of one time apart. */
export type PagePlace = readonly [at: number, ...ids: string[]]

/** How many items a page has at most. @throws OPTION_INVALID */
export function pageLimit(limit = 100): number {
  if (!Number.isInteger(limit) || limit < 1) throw new OptionError('limit', 'a whole number from 1 on', limit)
  return limit
}

/** Every status that a stored run can have. */
export const storedRunStatuses = Object.keys({
  running: true,
  paused: true,
  completed: true,
  failed: true,
  cancelled: true,
} satisfies Record<StoredRunStatus, true>) as readonly StoredRunStatus[]

/** The statuses that are asked for. @throws OPTION_INVALID for anything but a list of those there are */
export function checkStatuses<T extends string>(status: readonly T[], known: readonly T[]): readonly T[] {
  if (Array.isArray(status) && status.every(each => known.includes(each))) return status
  const wrong: unknown = Array.isArray(status) ? status.find(each => !known.includes(each)) : status
  throw new OptionError('status', `a list of ${known.map(each => `'${each}'`).join(', ')}`, wrong)
}

/** The statuses of the runs that are asked for. @throws OPTION_INVALID */
export function statusesOf({ status }: RunQuery): RunQuery['status'] {
  return status === undefined ? undefined : checkStatuses(status, storedRunStatuses)
}

/** Where a run stands in the list of runs. */
export function placeOfRun({ createdAt, runId }: RunRecord): PagePlace {
  return [createdAt, runId]
}

/** Where a request stands in the list of open requests. */
export function placeOfRequest({ openedAt, runId, requestId }: OpenRunRequest): PagePlace {
  return [openedAt, runId, requestId]
}

/** The place of the last run of the page before. @throws OPTION_INVALID for a cursor that no page has had */
export function runPlaceAt(cursor: string): readonly [at: number, runId: string] {
  const [at, runId = ''] = placeAt(cursor, 1)
  return [at, runId]
}

/** The place of the last request of the page before. @throws OPTION_INVALID for a cursor that no page has had */
export function requestPlaceAt(cursor: string): readonly [at: number, runId: string, requestId: string] {
  const [at, runId = '', requestId = ''] = placeAt(cursor, 2)
  return [at, runId, requestId]
}

/** The page that begins what was found, and the cursor for the next, if more was found than the page holds. */
export function pageOf<T>(
  found: readonly T[],
  limit: number,
  placeOf: (item: T) => PagePlace,
): { readonly page: readonly T[]; readonly next?: string } {
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return found.length > page.length && last !== undefined ? { page, next: cursorAt(placeOf(last)) } : { page }
}

/** A place as text that means nothing to those who hand it back. */
function cursorAt(place: PagePlace): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function placeAt(cursor: string, ids: number): PagePlace {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (isPlace(place, ids) && cursorAt(place) === cursor) return place
  } catch {
    // Said below.
  }
  throw new OptionError('cursor', 'the `next` of the page before', cursor)
}

function isPlace(place: unknown, ids: number): place is PagePlace {
  if (!Array.isArray(place) || place.length !== ids + 1) return false
  const [at, ...rest] = place as unknown[]
  return typeof at === 'number' && rest.every(id => typeof id === 'string')
}
