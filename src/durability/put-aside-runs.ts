import type { JournalStore } from './journal-store.js'

const collection = 'run-host/put-aside'

/** Runs that were paused only because their host was closed, so that the next one goes on with them. */
export class PutAsideRuns {
  readonly #store: JournalStore

  constructor(store: JournalStore) {
    this.#store = store
  }

  /** To be called before they are paused: a process may die in between. */
  add(runIds: readonly string[]): Promise<void> {
    return this.#store.write(runIds.map(id => ({ collection, id, data: '{}' })))
  }

  /** Somebody has paused it, or it goes on. */
  forget(id: string): Promise<void> {
    return this.#store.write([{ collection, id, data: undefined }])
  }

  /** The ids of those that wait for a host. */
  async list(): Promise<readonly string[]> {
    const found: string[] = []
    for (const { id } of await this.#store.documents(collection)) {
      const status = (await this.#store.get(id))?.status
      if (status === 'paused') found.push(id)
      // One that is still running is just being put aside by a host that closes.
      else if (status !== 'running') await this.forget(id)
    }
    return found
  }
}
