import type { JournalEntry, JournalStore, NewRun, RunChange, StoredRequest } from '../../durability/index.js'
import type { StoreTrial } from './store-trial.js'

/** A moment, in milliseconds since 1970; where the moments of samples start. */
export const start = Date.UTC(2024, 0, 1)

/** An entry that happened `seq` milliseconds after {@link start}. */
export function entry(seq: number, data = `{"turn":${seq}}`): JournalEntry {
  return { seq, at: start + seq, data }
}

/** Entries from one number to another, both included. */
export function entries(from: number, to: number): JournalEntry[] {
  return Array.from({ length: to - from + 1 }, (_, index) => entry(from + index))
}

/** A change after which the run is running at one state. */
export function change(wanted: Partial<RunChange> = {}): RunChange {
  return { status: 'running', states: ['Writing'], opened: [], closed: [], ...wanted }
}

/** An approval that never stops waiting. */
export function request(requestId: string, wanted: Partial<StoredRequest> = {}): StoredRequest {
  return {
    ...{ requestId, kind: 'approval', stateName: 'Asking', message: 'May it be printed?' },
    ...{ openedAt: start, input: '{"pages":3}' },
    ...wanted,
  }
}

/** A run of one entry, whose id is the trial's own. */
export function sampleRun(trial: StoreTrial, name: string, wanted: Partial<NewRun> = {}): NewRun {
  return {
    runId: trial.own(name),
    orchestration: trial.own('Publishing'),
    format: 1,
    definition: { fingerprint: trial.own('fingerprint'), version: 1, data: '{"states":["Writing"]}' },
    tags: {},
    createdAt: wanted.entries?.[0]?.at ?? start + 1,
    entries: [entry(1)],
    change: change(),
    ...wanted,
  }
}

/** Puts a sample into a store and says what its id is. */
export async function created(
  store: JournalStore,
  trial: StoreTrial,
  name: string,
  wanted: Partial<NewRun> = {},
): Promise<string> {
  const run = sampleRun(trial, name, wanted)
  await store.create(run)
  return run.runId
}
