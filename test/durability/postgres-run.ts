import type { JournalEntry, NewRun, RunChange } from '../../src/durability/journal-records.js'

/** A run that goes on and waits for nothing. */
export const goesOn: RunChange = { status: 'running', states: ['work'], opened: [], closed: [] }

/** A turn of a journal. */
export function turn(seq: number, data = `"${seq}"`): JournalEntry {
  return { seq, at: 1000 + seq, data }
}

/** A run with one entry. */
export function runOf(runId: string): NewRun {
  return {
    runId,
    orchestration: 'orders',
    format: 1,
    definition: { fingerprint: 'orders-1', version: 1, data: '{}' },
    tags: {},
    createdAt: turn(1).at,
    entries: [turn(1)],
    change: goesOn,
  }
}
