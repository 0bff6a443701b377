import type { OpenRunRequest, RequestPage, RequestQuery, RunPage, RunQuery, StoredRequest } from '../journal-records.js'
import {
  type PagePlace,
  pageLimit,
  pageOf,
  placeOfRequest,
  placeOfRun,
  requestPlaceAt,
  runPlaceAt,
  statusesOf,
} from '../page-cursor.js'
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

/** The runs that match, the youngest first. @throws OPTION_INVALID */
export function listRuns(runs: Iterable<RunInMemory>, query: RunQuery): RunPage {
  const limit = pageLimit(query.limit)
  statusesOf(query)
  const after = query.cursor === undefined ? undefined : runPlaceAt(query.cursor)
  const found = [...runs]
    .filter(run => runMatches(run, query))
    .map(({ record }) => record)
    .filter(record => after === undefined || byPlace(placeOfRun(record), after) < 0)
    .sort((a, b) => byPlace(placeOfRun(b), placeOfRun(a)))
  const { page, ...next } = pageOf(found, limit, placeOfRun)
  return { runs: page, ...next }
}

/** The open requests that match, the oldest first. @throws OPTION_INVALID */
export function listRequests(runs: Iterable<RunInMemory>, query: RequestQuery): RequestPage {
  const limit = pageLimit(query.limit)
  const after = query.cursor === undefined ? undefined : requestPlaceAt(query.cursor)
  const found = [...runs]
    .flatMap(run => {
      const { runId, orchestration } = run.record
      return unanswered(run).map(request => ({ ...request, runId, orchestration }))
    })
    .filter(request => requestMatches(request, query))
    .filter(request => after === undefined || byPlace(placeOfRequest(request), after) > 0)
    .sort((a, b) => byPlace(placeOfRequest(a), placeOfRequest(b)))
  const { page, ...next } = pageOf(found, limit, placeOfRequest)
  return { requests: page, ...next }
}

function byPlace([at, ...ids]: PagePlace, [otherAt, ...otherIds]: PagePlace): number {
  const orders = ids.map((id, index) => byCodePoints(id, otherIds[index] ?? ''))
  return at - otherAt || (orders.find(order => order !== 0) ?? 0)
}

function unanswered({ requests, answers }: RunInMemory): StoredRequest[] {
  return [...requests.values()].filter(({ requestId }) => !answers.has(requestId))
}

function runMatches(run: RunInMemory, query: RunQuery): boolean {
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

function requestMatches(request: OpenRunRequest, query: RequestQuery): boolean {
  const criteria = ['runId', 'orchestration', 'kind', 'stateName'] as const
  return criteria.every(name => query[name] === undefined || query[name] === request[name])
}
