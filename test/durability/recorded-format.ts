import type {
  JournalEntry,
  JournalSnapshot,
  JournalStore,
  RunRecord,
  StoredAnswer,
  StoredRequest,
} from '../../src/durability/index.js'

/** All that a store has of a run, as it lies in a file. */
export interface RecordedRun {
  readonly record: RunRecord
  readonly definition: unknown
  readonly entries: readonly { readonly seq: number; readonly at: number; readonly data: unknown }[]
  readonly snapshot?: { readonly seq: number; readonly data: unknown }
  readonly requests: readonly StoredRequest[]
  readonly answers: readonly StoredAnswer[]
}

/** Reads a run out of a store. What is JSON text there is JSON here, so that a difference can be read. */
export async function takenOut(store: JournalStore, runId: string): Promise<RecordedRun> {
  const record = (await store.get(runId)) as RunRecord
  const { requests } = await store.requests({ runId })
  const snapshot = await store.snapshot(runId)
  const parsed = <T extends JournalEntry | JournalSnapshot>(part: T) => ({
    ...part,
    data: JSON.parse(part.data) as unknown,
  })
  return {
    record,
    definition: JSON.parse((await store.definition(record.fingerprint)) as string),
    entries: (await store.read(runId)).map(parsed),
    ...(snapshot === undefined ? {} : { snapshot: parsed(snapshot) }),
    requests: requests.map(({ runId: _runId, orchestration: _orchestration, ...request }) => request),
    answers: await store.answers(runId),
  }
}

/** Puts a run into a store as it was taken out of another. */
export async function putIn(
  store: JournalStore,
  { record, definition, entries, snapshot, requests, answers }: RecordedRun,
) {
  const { runId, orchestration, format, fingerprint, version, tags, createdAt, parent, status, states } = record
  await store.create({
    runId,
    orchestration,
    format,
    tags,
    createdAt,
    ...(parent === undefined ? {} : { parent }),
    definition: { fingerprint, version, data: JSON.stringify(definition) },
    entries: entries.map(({ seq, at, data }) => ({ seq, at, data: JSON.stringify(data) })),
    change: { status, states, opened: requests, closed: [] },
  })
  await store.release(runId)
  if (snapshot !== undefined)
    await store.saveSnapshot(runId, { seq: snapshot.seq, data: JSON.stringify(snapshot.data) })
  for (const answer of answers) await store.answer(runId, answer)
}
