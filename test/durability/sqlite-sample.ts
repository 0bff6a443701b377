import type { JournalEntry, NewRun, RunChange } from '../../src/durability/journal-records.js'

export const running: RunChange = { status: 'running', states: ['research'], opened: [], closed: [] }
export const completed: RunChange = { ...running, status: 'completed', states: [] }

/** Entry `seq` of some run. */
export function entry(seq: number, data = `{"step":${seq}}`): JournalEntry {
  return { seq, at: 1_700_000_000_000 + seq, data }
}

/** A run that has just been started. */
export function newRun(runId: string, changes: Partial<NewRun> = {}): NewRun {
  const definition = { fingerprint: 'f1', version: 1, data: '{}' }
  return {
    runId,
    orchestration: 'report',
    format: 1,
    definition,
    tags: {},
    createdAt: entry(1).at,
    entries: [entry(1)],
    change: running,
    ...changes,
  }
}

/** A request for approval that is open from `openedAt` on. */
export function approval(requestId: string, openedAt = 1): RunChange['opened'][number] {
  return { requestId, kind: 'approval', stateName: 'review', message: 'Publish?', openedAt, input: '{}' }
}
