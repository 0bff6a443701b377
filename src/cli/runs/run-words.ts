import type { RunRecord, StoredRunStatus } from '../../durability/index.js'
import type { Styles } from '../terminal/styles.js'
import { isoTime } from '../terminal/times.js'

/** What a run is doing, as people are told; `waiting` if nothing goes on before somebody answers. */
export type ShownStatus = StoredRunStatus | 'waiting'

/** The colour of a status. */
export function statusStyle(status: ShownStatus, styles: Styles): (text: string) => string {
  const { green, red, yellow, cyan, dim } = styles
  return { running: cyan, paused: yellow, waiting: yellow, completed: green, failed: red, cancelled: dim }[status]
}

/** A run as `--json` writes it. */
export function wireRun(record: RunRecord): Readonly<Record<string, unknown>> {
  const { runId, orchestration, version, status, seq, states, createdAt, updatedAt, parent, tags } = record
  return {
    run_id: runId,
    orchestration,
    version,
    status,
    states,
    seq,
    created_at: isoTime(createdAt),
    updated_at: isoTime(updatedAt),
    ...(parent === undefined ? {} : { parent: { run_id: parent.runId, seq: parent.seq } }),
    tags,
  }
}
