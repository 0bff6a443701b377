import { checkStore } from '../core/internal.js'
import { OrchestrationError } from '../errors/index.js'
import type { JournalStore } from './journal-store.js'

const collection = 'breakers'

/**
 * Keeps the state of circuit breakers in a journal store, under their names, so that it outlives the process and other processes
 * go by it: what one has found to be down, none of the others calls.
 *
 * ```ts
 * const storage = new StoredCircuitBreakers(store)
 * const search = new CircuitBreaker({ name: 'search', storage })
 * ```
 */
export class StoredCircuitBreakers {
  readonly #store: JournalStore

  /** @throws OPTION_INVALID */
  constructor(store: JournalStore) {
    this.#store = checkStore(store)
  }

  /** What was saved last under a name, and which revision that is. */
  async load(name: string): Promise<{ readonly snapshot: unknown; readonly revision: number } | undefined> {
    const stored = await this.#store.document(collection, name)
    return stored && { snapshot: JSON.parse(stored.data) as unknown, revision: stored.revision }
  }

  /** Keeps a snapshot in place of revision `previous` (0: of nothing). False if that is not the last one any more. */
  async save(name: string, snapshot: object, previous: number): Promise<boolean> {
    try {
      await this.#store.write([{ collection, id: name, data: JSON.stringify(snapshot), revision: previous }])
      return true
    } catch (thrown) {
      if (OrchestrationError.isInstance(thrown) && thrown.code === 'DOCUMENT_CONFLICT') return false
      throw thrown
    }
  }
}
