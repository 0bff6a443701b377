import type { Logger, RunStatus } from '../core/index.js'
import { ensureError, OptionError } from '../errors/index.js'
import type { RunQuery, RunRecord } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { checkStatuses, storedRunStatuses } from './page-cursor.js'
import type { SessionRecord, SessionRecords } from './session-record.js'

/** What a session is doing: what its latest run does, `pending` if it has none, `paused` if it was taken back to a checkpoint. */
export type SessionStatus = RunStatus

/** What a list of sessions says about each (S1-33). */
export interface SessionEntry {
  readonly sessionId: string
  readonly status: SessionStatus
  readonly paused: boolean
  readonly task: unknown
  readonly context: Readonly<Record<string, unknown>>
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** When it, or its latest run, last changed, likewise. */
  readonly updatedAt: number
  /** Its latest run. */
  readonly runId?: string
  /** The name of the orchestration of that run. */
  readonly orchestration?: string
  /** The names of the states that the branches of that run are at, each once. */
  readonly states: readonly string[]
}

/** Which sessions are wanted; every criterion that is given has to hold (S3-32). */
export interface SessionQuery {
  /** Whether those that are paused are among them. @default true */
  readonly includePaused?: boolean
  /** One of these. */
  readonly status?: readonly SessionStatus[]
  /** The name of the orchestration of the latest run. */
  readonly orchestration?: string
  /** A branch of the latest run is at this state. */
  readonly state?: string
  /** The latest run has an open request of this kind that nobody has answered; `true`: of any kind, `false`: none. */
  readonly openRequest?: 'approval' | 'signal' | boolean
  /** Bounds in milliseconds since 1970; `from` is inclusive, `to` is not. */
  readonly created?: RunQuery['created']
  readonly updated?: RunQuery['updated']
  /** The id of the last session of the page before. */
  readonly after?: string
  /** How many at most: a whole number from 1 on. @default all */
  readonly limit?: number
}

/** How many sessions are looked at together. */
const pageSize = 100

/** Sessions that match, in the order of their ids. One that cannot be read is left out, and the logger is told. @throws OPTION_INVALID */
export async function listSessions(
  store: JournalStore,
  records: SessionRecords,
  query: SessionQuery,
  logger: Logger,
): Promise<readonly SessionEntry[]> {
  const { limit = Infinity, status } = query
  if (limit !== Infinity && !(Number.isInteger(limit) && limit >= 1)) {
    throw new OptionError('limit', 'a whole number from 1 on', limit)
  }
  if (status !== undefined) checkStatuses<SessionStatus>(status, ['pending', ...storedRunStatuses])
  const found: SessionEntry[] = []
  let { after } = query
  for (;;) {
    const page = await records.list(after, pageSize)
    const entries = await Promise.all(
      page.map(async record => {
        if ('unread' in record) {
          logger.warn('A session is left out of a list', ensureError(record.unread))
          return undefined
        }
        const entry = await entryOf(store, record)
        return (await matches(store, entry, query)) ? entry : undefined
      }),
    )
    for (const entry of entries) if (entry !== undefined && found.length < limit) found.push(entry)
    after = page.at(-1)?.sessionId
    if (page.length < pageSize || found.length >= limit) return found
  }
}

/** A session as a list has it. */
export async function entryOf(store: JournalStore, session: SessionRecord): Promise<SessionEntry> {
  const { sessionId, task, context, createdAt, updatedAt, runId, restored } = session
  const common = { sessionId, task, context, createdAt }
  if (restored !== undefined) {
    const { orchestration, states } = restored
    return { ...common, status: 'paused', paused: true, updatedAt, runId: restored.runId, orchestration, states }
  }
  const run = runId === undefined ? undefined : await store.get(runId)
  if (run === undefined) return { ...common, status: 'pending', paused: false, updatedAt, states: [] }
  return { ...common, ...ofRun(run), updatedAt: Math.max(updatedAt, run.updatedAt) }
}

function ofRun({
  runId,
  status,
  orchestration,
  states,
}: RunRecord): Pick<SessionEntry, 'runId' | 'status' | 'paused' | 'orchestration' | 'states'> {
  return { runId, status, paused: status === 'paused', orchestration, states }
}

async function matches(store: JournalStore, entry: SessionEntry, query: SessionQuery): Promise<boolean> {
  const { includePaused = true, status, orchestration, state, openRequest, created, updated } = query
  if (entry.paused && !includePaused) return false
  if (status !== undefined && !status.includes(entry.status)) return false
  if (orchestration !== undefined && entry.orchestration !== orchestration) return false
  if (state !== undefined && !entry.states.includes(state)) return false
  if (!isWithin(entry.createdAt, created) || !isWithin(entry.updatedAt, updated)) return false
  return openRequest === undefined || hasOpenRequest(store, entry, openRequest)
}

function isWithin(time: number, { from = -Infinity, to = Infinity }: NonNullable<RunQuery['created']> = {}): boolean {
  return time >= from && time < to
}

async function hasOpenRequest(
  store: JournalStore,
  { runId }: SessionEntry,
  wanted: NonNullable<SessionQuery['openRequest']>,
): Promise<boolean> {
  if (runId === undefined) return wanted === false
  const kind = typeof wanted === 'string' ? { kind: wanted } : {}
  const { requests } = await store.requests({ runId, ...kind, limit: 1 })
  return requests.length > 0 === (wanted !== false)
}
