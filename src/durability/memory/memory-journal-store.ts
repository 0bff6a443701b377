import type {
  DocumentChange,
  JournalEntry,
  JournalSnapshot,
  NewRun,
  RequestPage,
  RequestQuery,
  RunChange,
  RunPage,
  RunQuery,
  RunRecord,
  StoredAnswer,
  StoredDocument,
} from '../journal-records.js'
import { JournalStore } from '../journal-store.js'
import { documentConflict, runConflict, runExists, runUnknown, storeClosed } from '../store-error.js'
import { MemoryOfRuns, type RunInMemory } from './memory-of-runs.js'
import { byCodePoints, listRequests, listRuns } from './memory-queries.js'

/**
 * Keeps runs in the memory of the process, for tests and for runs that need not outlive it. It does all that a store does, at
 * once; only that nothing is left when the process ends. What it is given it copies, what it hands out is frozen.
 */
export class MemoryJournalStore extends JournalStore {
  readonly #memory: MemoryOfRuns
  readonly #watches = new Set<() => void>()
  #closed = false

  /** @param shared a store whose data this one works on, with claims of its own; data of its own if not given */
  constructor(shared?: MemoryJournalStore) {
    super()
    this.#memory = shared === undefined ? new MemoryOfRuns() : shared.#memory
  }

  /** Another store object on the same data, as another process would have it; also after this one was closed. */
  reopen(): MemoryJournalStore {
    return new MemoryJournalStore(this)
  }

  override async create(run: NewRun): Promise<void> {
    const { runs, definitions } = this.#open()
    const { runId, orchestration, format, definition, tags, parent, createdAt, entries, change } = run
    if (runs.has(runId)) throw runExists(runId)
    const record: RunRecord = {
      ...{ runId, orchestration, format, createdAt, updatedAt: createdAt, seq: 0 },
      ...{ version: definition.version, fingerprint: definition.fingerprint, status: change.status, states: [] },
      ...(parent === undefined ? {} : { parent: Object.freeze({ runId: parent.runId, seq: parent.seq }) }),
      tags: Object.freeze({ ...tags }),
    }
    const added: RunInMemory = { record, entries: [], requests: new Map(), answers: new Map(), owner: this }
    definitions.set(definition.fingerprint, definition.data)
    runs.set(runId, added)
    this.#commit(added, entries, change)
  }

  override async get(runId: string): Promise<RunRecord | undefined> {
    return this.#open().runs.get(runId)?.record
  }

  override async definition(fingerprint: string): Promise<string | undefined> {
    return this.#open().definitions.get(fingerprint)
  }

  override async list(query: RunQuery = {}): Promise<RunPage> {
    return listRuns(this.#open().runs.values(), query)
  }

  override async append(
    runId: string,
    expected: number,
    entries: readonly JournalEntry[],
    change: RunChange,
  ): Promise<void> {
    const run = this.#run(runId)
    if (run.record.seq !== expected) throw runConflict(runId, expected, run.record.seq)
    if (change.status === 'running') run.owner = this
    else delete run.owner
    this.#commit(run, entries, change)
  }

  #commit(
    run: RunInMemory,
    entries: readonly JournalEntry[],
    { status, states, opened, closed, definition }: RunChange,
  ) {
    for (const { seq, at, data } of entries) run.entries.push(Object.freeze({ seq, at, data }))
    for (const requestId of closed) {
      run.requests.delete(requestId)
      run.answers.delete(requestId)
    }
    for (const request of opened) run.requests.set(request.requestId, Object.freeze({ ...request }))
    if (definition !== undefined) this.#memory.definitions.set(definition.fingerprint, definition.data)
    const { fingerprint, version } = definition ?? run.record
    const { seq, at: updatedAt } = run.entries.at(-1) ?? { seq: 0, at: run.record.updatedAt }
    const changed = { status, seq, updatedAt, fingerprint, version, states: Object.freeze([...states]) }
    run.record = Object.freeze({ ...run.record, ...changed })
    this.#memory.changed(run.record.runId)
  }

  override async read(runId: string, from = 1, limit = Number.POSITIVE_INFINITY): Promise<readonly JournalEntry[]> {
    const start = Math.max(0, from - 1)
    return (
      this.#open()
        .runs.get(runId)
        ?.entries.slice(start, start + limit) ?? []
    )
  }

  override async saveSnapshot(runId: string, { seq, data }: JournalSnapshot): Promise<void> {
    const run = this.#run(runId)
    if (seq > (run.snapshot?.seq ?? 0)) run.snapshot = Object.freeze({ seq, data })
  }

  override async snapshot(runId: string): Promise<JournalSnapshot | undefined> {
    return this.#open().runs.get(runId)?.snapshot
  }

  override async delete(runId: string): Promise<boolean> {
    const deleted = this.#open().runs.delete(runId)
    if (deleted) this.#memory.changed(runId)
    return deleted
  }

  override async claim(runId: string): Promise<boolean> {
    const run = this.#run(runId)
    if (run.owner !== undefined) return false
    run.owner = this
    return true
  }

  override async release(runId: string): Promise<void> {
    const run = this.#open().runs.get(runId)
    if (run?.owner === this) delete run.owner
  }

  override async requests(query: RequestQuery = {}): Promise<RequestPage> {
    return listRequests(this.#open().runs.values(), query)
  }

  override async answer(
    runId: string,
    { requestId, data, at }: StoredAnswer,
  ): Promise<'accepted' | 'taken' | 'unknown'> {
    const run = this.#open().runs.get(runId)
    if (!run?.requests.has(requestId)) return 'unknown'
    if (run.answers.has(requestId)) return 'taken'
    run.answers.set(requestId, Object.freeze({ requestId, data, at }))
    this.#memory.changed(runId)
    return 'accepted'
  }

  override async answers(runId: string): Promise<readonly StoredAnswer[]> {
    return [...(this.#open().runs.get(runId)?.answers.values() ?? [])]
  }

  override async document(collection: string, id: string): Promise<StoredDocument | undefined> {
    return this.#open().documents.get(collection)?.get(id)
  }

  override async documents(
    collection: string,
    after?: string,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<readonly StoredDocument[]> {
    return [...(this.#open().documents.get(collection)?.values() ?? [])]
      .filter(({ id }) => after === undefined || byCodePoints(id, after) > 0)
      .sort((a, b) => byCodePoints(a.id, b.id))
      .slice(0, limit)
  }

  override async write(changes: readonly DocumentChange[]): Promise<void> {
    const { documents } = this.#open()
    for (const { collection, id, revision } of changes) {
      const present = documents.get(collection)?.get(id)?.revision ?? 0
      if (revision !== undefined && revision !== present) throw documentConflict(collection, id)
    }
    for (const { collection, id, data } of changes) {
      const present = documents.get(collection) ?? new Map<string, StoredDocument>()
      const revision = (present.get(id)?.revision ?? 0) + 1
      if (data === undefined) present.delete(id)
      else present.set(id, Object.freeze({ id, data, revision }))
      if (present.size === 0) documents.delete(collection)
      else documents.set(collection, present)
    }
  }

  override watch(runId: string, listener: () => void): () => void {
    const end = this.#open().watch(runId, listener)
    this.#watches.add(end)
    return () => {
      this.#watches.delete(end)
      end()
    }
  }

  override async close(): Promise<void> {
    this.#closed = true
    for (const end of this.#watches) end()
    this.#watches.clear()
    for (const run of this.#memory.runs.values()) if (run.owner === this) delete run.owner
  }

  #open(): MemoryOfRuns {
    if (this.#closed) throw storeClosed()
    return this.#memory
  }

  #run(runId: string): RunInMemory {
    const run = this.#open().runs.get(runId)
    if (run === undefined) throw runUnknown(runId)
    return run
  }
}
