import type {
  JournalEntry,
  OpenRunRequest,
  RunRecord,
  StoredAnswer,
  StoredDocument,
  StoredRunStatus,
} from '../journal-records.js'
import type { SqliteRow } from './sqlite-driver.js'
import { textOf } from './stored-text.js'

/** A run of the table `runs`. */
export function runOf(row: SqliteRow): RunRecord {
  const { parent_run_id: parentRunId = null } = row
  return {
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
  }
}

/** An entry of the table `entries`. */
export function entryOf(row: SqliteRow): JournalEntry {
  return { seq: Number(row.seq), at: Number(row.at), data: textOf(row.data) }
}

/** A request of the table `requests`. */
export function requestOf(row: SqliteRow): OpenRunRequest {
  const { until = null } = row
  return {
    runId: textOf(row.run_id),
    orchestration: textOf(row.orchestration),
    requestId: textOf(row.request_id),
    kind: textOf(row.kind) as OpenRunRequest['kind'],
    stateName: textOf(row.state_name),
    message: textOf(row.message),
    ...(until === null ? {} : { until: Number(until) }),
    openedAt: Number(row.opened_at),
    input: textOf(row.input),
  }
}

/** The answer to a request of the table `requests`. */
export function answerOf(row: SqliteRow): StoredAnswer {
  return { requestId: textOf(row.request_id), data: textOf(row.answer), at: Number(row.answered_at) }
}

/** A document of the table `documents`. */
export function documentOf(row: SqliteRow): StoredDocument {
  return { id: textOf(row.id), data: textOf(row.data), revision: Number(row.revision) }
}
