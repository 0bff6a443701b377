import type {
  JournalEntry,
  JournalSnapshot,
  RunRecord,
  StoredAnswer,
  StoredDocument,
  StoredRequest,
} from '../journal-records.js'

/** What memory holds of one run. */
export interface RunInMemory {
  record: RunRecord
  readonly entries: JournalEntry[]
  snapshot?: JournalSnapshot
  readonly requests: Map<string, StoredRequest>
  /** By request, in the order they came in. */
  readonly answers: Map<string, StoredAnswer>
  /** The store object that has the run, if one has. */
  owner?: object
}

/** What the store objects of one process share. Nothing in it is changed in place but the maps and the journals. */
export class MemoryOfRuns {
  readonly runs = new Map<string, RunInMemory>()
  /** JSON text by fingerprint. */
  readonly definitions = new Map<string, string>()
  /** By collection, then by id. */
  readonly documents = new Map<string, Map<string, StoredDocument>>()
  readonly #listeners = new Map<string, Set<() => void>>()

  /** Calls `listener` after each {@link changed} of a run, until the function that is returned is called. */
  watch(runId: string, listener: () => void): () => void {
    // A function that is handed in twice is called twice, and taken away once.
    const listening = () => listener()
    const listeners = this.#listeners.get(runId) ?? new Set()
    this.#listeners.set(runId, listeners.add(listening))
    return () => {
      listeners.delete(listening)
      if (listeners.size === 0 && this.#listeners.get(runId) === listeners) this.#listeners.delete(runId)
    }
  }

  /** Has the listeners of a run called, once the caller is done. */
  changed(runId: string): void {
    const listeners = this.#listeners.get(runId)
    if (listeners === undefined) return
    queueMicrotask(() => {
      for (const listener of listeners) {
        try {
          listener()
        } catch {
          // It is the listener's own trouble: the change is made, and others have to hear of it.
        }
      }
    })
  }
}
