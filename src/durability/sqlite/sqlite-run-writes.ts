import type {
  JournalEntry,
  JournalSnapshot,
  NewRun,
  RunChange,
  RunDefinition,
  StoredAnswer,
} from '../journal-records.js'
import { runConflict, runExists, runUnknown } from '../store-error.js'
import type { SqliteConnection } from './sqlite-connection.js'
import type { SqliteOwner } from './sqlite-owner.js'
import { readOfRun } from './sqlite-rows.js'
import { textColumns, textOf } from './stored-text.js'

/** Adds a run, which then belongs to `owner`. */
export function createRun(connection: SqliteConnection, run: NewRun, owner: SqliteOwner): void {
  const { runId, orchestration, format, definition, tags, parent, createdAt, entries, change } = run
  if (connection.get('SELECT 1 FROM runs WHERE run_id = ?', runId) !== undefined) throw runExists(runId)
  keepDefinition(connection, definition)
  connection.run(
    `INSERT INTO runs (run_id, orchestration, version, fingerprint, format, status, seq, states, created_at, updated_at,
      parent_run_id, parent_seq, tags, changes) VALUES (?, ?, ?, ?, ?, ?, 0, '[]', ?, ?, ?, ?, ?, 0)`,
    ...[runId, orchestration, definition.version, definition.fingerprint, format, change.status],
    ...[createdAt, createdAt, parent?.runId ?? null, parent?.seq ?? null, JSON.stringify(tags)],
  )
  const id = rowOf(connection, runId).id
  for (const [name, value] of Object.entries(tags)) {
    connection.run('INSERT INTO run_tags (run, name, value) VALUES (?, ?, ?)', id, name, value)
  }
  appendToRun(connection, runId, 0, entries, change, owner)
  give(connection, id, owner)
}

/** Adds entries at the end that is `expected`. */
export function appendToRun(
  connection: SqliteConnection,
  runId: string,
  expected: number,
  entries: readonly JournalEntry[],
  { status, states, opened, closed, definition }: RunChange,
  owner: SqliteOwner,
): void {
  const run = rowOf(connection, runId)
  if (run.seq !== expected) throw runConflict(runId, expected, run.seq)
  for (const { seq, at, data } of entries) {
    connection.run('INSERT INTO entries (run, seq, at, data) VALUES (?, ?, ?, ?)', run.id, seq, at, data)
  }
  if (status === 'running') owner.hold()
  const last = entries.at(-1)
  connection.run(
    `UPDATE runs SET seq = ?, updated_at = coalesce(?, updated_at), states = ?, owner = ?, changes = changes + 1 WHERE id = ?`,
    ...[
      last?.seq ?? expected,
      last?.at ?? null,
      JSON.stringify(states),
      status === 'running' ? owner.id : null,
      run.id,
    ],
  )
  // On its own, because most steps leave it as it is, and it takes two indexes along.
  if (status !== run.status) connection.run('UPDATE runs SET status = ? WHERE id = ?', status, run.id)
  if (definition !== undefined) {
    keepDefinition(connection, definition)
    const { version, fingerprint } = definition
    connection.run('UPDATE runs SET version = ?, fingerprint = ? WHERE id = ?', version, fingerprint, run.id)
  }
  for (const requestId of closed) {
    connection.run('DELETE FROM requests WHERE run_id = ? AND request_id = ?', runId, requestId)
  }
  for (const { requestId, kind, stateName, message, until, openedAt, input } of opened) {
    connection.run(
      `INSERT OR REPLACE INTO requests (run_id, request_id, orchestration, kind, state_name, message, until, opened_at, input)
        SELECT run_id, ?, orchestration, ?, ?, ?, ?, ?, ? FROM runs WHERE id = ?`,
      ...[requestId, kind, stateName, message, until ?? null, openedAt, input, run.id],
    )
  }
}

/** Keeps a snapshot that covers more than the one before. */
export function keepSnapshot(connection: SqliteConnection, runId: string, { seq, data }: JournalSnapshot): void {
  connection.run(
    `INSERT INTO snapshots (run, seq, data) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET seq = excluded.seq, data = excluded.data WHERE excluded.seq > seq`,
    ...[rowOf(connection, runId).id, seq, data],
  )
}

/** Gives a run to `owner`; false if it has one who is alive. */
export function claimRun(connection: SqliteConnection, runId: string, owner: SqliteOwner): boolean {
  const run = rowOf(connection, runId)
  if (run.owner !== null && owner.isAlive(run.owner)) return false
  give(connection, run.id, owner)
  return true
}

/** Gives a request its answer, if it is open and has none. */
export function answerRequest(
  connection: SqliteConnection,
  runId: string,
  { requestId, data, at }: StoredAnswer,
): 'accepted' | 'taken' | 'unknown' {
  const request = connection.get(
    'SELECT answer IS NULL AS free FROM requests WHERE run_id = ? AND request_id = ?',
    ...[runId, requestId],
  )
  if (request === undefined) return 'unknown'
  if (request.free !== 1) return 'taken'
  connection.run(
    `UPDATE requests SET answer = ?3, answered_at = ?4,
      answer_number = (SELECT 1 + coalesce(max(answer_number), 0) FROM requests WHERE run_id = ?1)
      WHERE run_id = ?1 AND request_id = ?2`,
    ...[runId, requestId, data, at],
  )
  connection.run('UPDATE runs SET changes = changes + 1 WHERE run_id = ?', runId)
  return 'accepted'
}

function give(connection: SqliteConnection, run: number, owner: SqliteOwner): void {
  owner.hold()
  connection.run('UPDATE runs SET owner = ? WHERE id = ?', owner.id, run)
}

function keepDefinition(connection: SqliteConnection, { fingerprint, data }: RunDefinition): void {
  connection.run('INSERT OR IGNORE INTO definitions (fingerprint, data) VALUES (?, ?)', fingerprint, data)
}

interface RunRow {
  readonly id: number
  readonly seq: number
  readonly status: string
  readonly owner: string | null
}

function rowOf(connection: SqliteConnection, runId: string): RunRow {
  const row = connection.get(`SELECT id, seq, ${textColumns('status', 'owner')} FROM runs WHERE run_id = ?`, runId)
  if (row === undefined) throw runUnknown(runId)
  const { owner = null } = row
  return readOfRun(
    () => runId,
    () => 'its record',
    () => ({
      id: Number(row.id),
      seq: Number(row.seq),
      status: textOf(row.status),
      owner: owner === null ? null : textOf(owner),
    }),
  )
}
