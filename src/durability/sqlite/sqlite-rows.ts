import { ensureError } from '../../errors/index.js'
import { damagedJournal } from '../damaged-journal.js'
import type {
  JournalSnapshot,
  OpenRunRequest,
  RunRecord,
  StoredAnswer,
  StoredDocument,
  StoredRunStatus,
} from '../journal-records.js'
import { StoreError } from '../store-error.js'
import type { SqliteRow } from './sqlite-driver.js'
import { roughTextOf, textColumns, textOf } from './stored-text.js'

/** What {@link runOf} needs of the table `runs`. */
export const runColumns = `version, format, seq, created_at, updated_at, parent_seq, ${textColumns(
  ...['run_id', 'orchestration', 'fingerprint', 'status', 'states', 'parent_run_id', 'tags'],
)}`

/** A run of the table `runs`. @throws JOURNAL_DAMAGED */
export function runOf(row: SqliteRow): RunRecord {
  const { parent_run_id: parentRunId = null } = row
  return readOfRun(
    () => roughTextOf(row.run_id),
    () => 'its record',
    () => ({
      runId: textOf(row.run_id),
      orchestration: textOf(row.orchestration),
      version: Number(row.version),
      fingerprint: textOf(row.fingerprint),
      format: Number(row.format),
      status: textOf(row.status) as StoredRunStatus,
      seq: Number(row.seq),
      states: JSON.parse(textOf(row.states)),
      createdAt: Number(row.created_at),
      updatedAt: Number(row.updated_at),
      ...(parentRunId === null ? {} : { parent: { runId: textOf(parentRunId), seq: Number(row.parent_seq) } }),
      tags: JSON.parse(textOf(row.tags)),
    }),
  )
}

/** What {@link snapshotOf} needs of the table `snapshots`. */
export const snapshotColumns = `seq, ${textColumns('data')}`

/** The snapshot of a run. @throws JOURNAL_DAMAGED */
export function snapshotOf(runId: string, row: SqliteRow): JournalSnapshot {
  const seq = Number(row.seq)
  return readOfRun(
    () => runId,
    () => `snapshot ${seq}`,
    () => ({ seq, data: textOf(row.data) }),
  )
}

/** What {@link requestOf} needs of the table `requests`. */
export const requestColumns = `until, opened_at, ${textColumns(
  ...['run_id', 'orchestration', 'request_id', 'kind', 'state_name', 'message', 'input'],
)}`

/** A request of the table `requests`. @throws JOURNAL_DAMAGED */
export function requestOf(row: SqliteRow): OpenRunRequest {
  const { until = null } = row
  return readOfRun(
    () => roughTextOf(row.run_id),
    () => `request "${roughTextOf(row.request_id)}"`,
    () => ({
      runId: textOf(row.run_id),
      orchestration: textOf(row.orchestration),
      requestId: textOf(row.request_id),
      kind: textOf(row.kind) as OpenRunRequest['kind'],
      stateName: textOf(row.state_name),
      message: textOf(row.message),
      ...(until === null ? {} : { until: Number(until) }),
      openedAt: Number(row.opened_at),
      input: textOf(row.input),
    }),
  )
}

/** What {@link answerOf} needs of the table `requests`. */
export const answerColumns = `answered_at, ${textColumns('request_id', 'answer')}`

/** The answer to a request of a run. @throws JOURNAL_DAMAGED */
export function answerOf(runId: string, row: SqliteRow): StoredAnswer {
  return readOfRun(
    () => runId,
    () => `the answer to request "${roughTextOf(row.request_id)}"`,
    () => ({ requestId: textOf(row.request_id), data: textOf(row.answer), at: Number(row.answered_at) }),
  )
}

/** A definition of the table `definitions`. @throws STORE_FAILED */
export function definitionOf(fingerprint: string, row: SqliteRow): string {
  return readBesides(`Definition ${fingerprint}`, { fingerprint }, () => textOf(row.data))
}

/** What {@link documentOf} needs of the table `documents`. */
export const documentColumns = `revision, ${textColumns('id', 'data')}`

/** A document of a collection. @throws STORE_FAILED */
export function documentOf(collection: string, row: SqliteRow): StoredDocument {
  const id = roughTextOf(row.id)
  return readBesides(`Document "${id}" of "${collection}"`, { collection, id }, () => ({
    id: textOf(row.id),
    data: textOf(row.data),
    revision: Number(row.revision),
  }))
}

/** What `read` reads of a run. Names are made when something is damaged, because most rows are not. @throws JOURNAL_DAMAGED */
export function readOfRun<T>(runId: () => string, where: () => string, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    throw damagedJournal(runId(), where(), thrown)
  }
}

function readBesides<T>(what: string, details: Readonly<Record<string, string>>, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    const cause = ensureError(thrown)
    const message = `${what} is damaged: ${cause.message} It was left as it is: bring back a copy of the store, or replace what is damaged.`
    throw new StoreError('STORE_FAILED', message, details, cause)
  }
}
