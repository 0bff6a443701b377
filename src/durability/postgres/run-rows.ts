import type { JournalEntry, OpenRunRequest, RunRecord, StoredRunStatus } from '../journal-records.js'
import type { PostgresRow } from './postgres-driver.js'
import { fromStored } from './stored-text.js'

/** Labels as the rows have them. */
export function toTags(tags: Readonly<Record<string, string>>): string[] {
  return Object.entries(tags).map(tag => JSON.stringify(tag))
}

/** What is selected of a run for {@link runOf}. */
export const runColumns =
  'run_id, orchestration, version, fingerprint, format, status, seq, ' +
  'to_json(states) as states, to_json(tags) as tags, created_at, updated_at, parent_run_id, parent_seq'

/** The run of a row. */
export function runOf(row: PostgresRow): RunRecord {
  return {
    runId: text(row, 'run_id'),
    orchestration: text(row, 'orchestration'),
    version: number(row, 'version'),
    fingerprint: text(row, 'fingerprint'),
    format: number(row, 'format'),
    status: text(row, 'status') as StoredRunStatus,
    seq: number(row, 'seq'),
    states: list(row, 'states').map(fromStored),
    createdAt: number(row, 'created_at'),
    updatedAt: number(row, 'updated_at'),
    ...(row['parent_run_id'] === null
      ? {}
      : { parent: { runId: text(row, 'parent_run_id'), seq: number(row, 'parent_seq') } }),
    tags: Object.fromEntries(list(row, 'tags').map(tag => JSON.parse(tag) as [string, string])),
  }
}

/** The open request of a row. */
export function requestOf(row: PostgresRow): OpenRunRequest {
  return {
    runId: text(row, 'run_id'),
    orchestration: text(row, 'orchestration'),
    requestId: text(row, 'request_id'),
    kind: text(row, 'kind') as OpenRunRequest['kind'],
    stateName: text(row, 'state_name'),
    message: text(row, 'message'),
    ...(row['wait_until'] === null ? {} : { until: number(row, 'wait_until') }),
    openedAt: number(row, 'opened_at'),
    input: text(row, 'input'),
  }
}

/** The entry of a row. */
export function entryOf(row: PostgresRow): JournalEntry {
  return { seq: number(row, 'seq'), at: number(row, 'at'), data: text(row, 'data') }
}

/** A column that is text. */
export function text(row: PostgresRow, column: string): string {
  return fromStored(row[column] ?? '')
}

/** A column that is a number. */
export function number(row: PostgresRow, column: string): number {
  return Number(row[column])
}

function list(row: PostgresRow, column: string): string[] {
  return JSON.parse(row[column] ?? '[]') as string[]
}
