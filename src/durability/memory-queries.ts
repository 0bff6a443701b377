import { OptionError } from '../errors/index.js'
import type { OpenRunRequest, RequestQuery, RunQuery, RunRecord, StoredRequest } from './journal-records.js'
import type { RunInMemory } from './memory-of-runs.js'

/** Negative if `a` comes before `b` by code points. The `<` of strings goes by UTF-16, where U+1F600 comes before U+FF5E. */
export function byCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    // Where the first difference is inside a surrogate pair, the halves compare as the whole characters do.
    if (a.charCodeAt(at) !== b.charCodeAt(at)) return rank(a.charCodeAt(at)) - rank(b.charCodeAt(at))
  }
  return a.length - b.length
}

function rank(unit: number): number {
  const surrogate = unit >= 0xd800 && unit <= 0xdfff
  return surrogate ? unit + 0x10000 : unit
}

/** The order of a list of runs: the youngest first. */
export function byAge(a: RunRecord, b: RunRecord): number {
  return b.createdAt - a.createdAt || byCodePoints(b.runId, a.runId)
}

/** The order of a list of requests: the oldest first. */
export function byOpening(a: OpenRunRequest, b: OpenRunRequest): number {
  return a.openedAt - b.openedAt || byCodePoints(a.runId, b.runId) || byCodePoints(a.requestId, b.requestId)
}

/** The requests of a run that are open and have no answer. */
export function unanswered({ requests, answers }: RunInMemory): StoredRequest[] {
  return [...requests.values()].filter(({ requestId }) => !answers.has(requestId))
}

/** Whether a run is what a query asks for. */
export function runMatches(run: RunInMemory, query: RunQuery): boolean {
  const { record } = run
  const { orchestration = record.orchestration, status, state, openRequest, created, updated, tags = {} } = query
  return (
    record.orchestration === orchestration &&
    (status === undefined || status.includes(record.status)) &&
    (state === undefined || record.states.includes(state)) &&
    (openRequest === undefined || waits(run, openRequest)) &&
    within(record.createdAt, created) &&
    within(record.updatedAt, updated) &&
    Object.entries(tags).every(([tag, value]) => Object.hasOwn(record.tags, tag) && record.tags[tag] === value)
  )
}

function waits(run: RunInMemory, wanted: 'approval' | 'signal' | boolean): boolean {
  const open = unanswered(run)
  return typeof wanted === 'boolean' ? open.length > 0 === wanted : open.some(({ kind }) => kind === wanted)
}

function within(at: number, { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = {}): boolean {
  return at >= from && at < to
}

/** Whether a request is what a query asks for. */
export function requestMatches(request: OpenRunRequest, query: RequestQuery): boolean {
  const criteria = ['runId', 'orchestration', 'kind', 'stateName'] as const
  return criteria.every(name => query[name] === undefined || query[name] === request[name])
}

/** A page of what is left after the last item of the page before, of which `cursor` is the text. */
export function pageOf<T extends object, Name extends keyof T & string>(
  items: readonly T[],
  order: (a: T, b: T) => number,
  identity: readonly Name[],
  { limit = 100, cursor }: { readonly limit?: number; readonly cursor?: string },
): { readonly page: T[]; readonly next?: string } {
  const after = cursor === undefined ? undefined : readCursor(cursor, identity)
  const rest = items.filter(item => after === undefined || order(item, after as T) > 0).sort(order)
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  if (last === undefined || page.length === rest.length) return { page }
  return { page, next: JSON.stringify(identity.map(name => last[name])) }
}

function readCursor<Name extends string>(cursor: string, identity: readonly Name[]): Record<Name, unknown> {
  try {
    const values: unknown[] = JSON.parse(cursor)
    if (values.length === identity.length) {
      return Object.fromEntries(identity.map((name, index) => [name, values[index]])) as Record<Name, unknown>
    }
  } catch {
    // Said below.
  }
  throw new OptionError('cursor', 'the `next` of the page before', cursor)
}
