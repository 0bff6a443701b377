const retryMs = 1000

/** What the watches of a store need of its database. */
export interface WatchedDatabase {
  /** Has changes of these runs, by others, notified from now on. */
  follow(runIds: readonly string[]): Promise<unknown>
}

/** The listeners of a store object, by run. They are called again after each time the connection was lost. */
export class RunWatches {
  readonly #database: WatchedDatabase
  readonly #listeners = new Map<string, Set<() => void>>()
  #retry: NodeJS.Timeout | undefined

  constructor(database: WatchedDatabase) {
    this.#database = database
  }

  /** Calls `listener` after each change of a run, until the function that is returned is called. */
  add(runId: string, listener: () => void): () => void {
    // A function that is handed in twice is called twice, and taken away once.
    const listening = () => listener()
    const listeners = this.#listeners.get(runId) ?? new Set()
    this.#listeners.set(runId, listeners.add(listening))
    void this.#follow([runId])
    return () => {
      listeners.delete(listening)
      if (listeners.size === 0 && this.#listeners.get(runId) === listeners) this.#listeners.delete(runId)
    }
  }

  /** A run has changed. */
  changed(runId: string): void {
    for (const listener of this.#listeners.get(runId) ?? []) {
      try {
        listener()
      } catch {
        // It is the listener's own trouble: others have to hear of the change too.
      }
    }
  }

  /** A run is there that was not: nobody has marked it yet. */
  created(runId: string): void {
    if (this.#listeners.has(runId)) void this.#follow([runId])
  }

  /** Nothing has come in for a while, and what has changed since then is not known. */
  interrupted(): void {
    if (this.#listeners.size > 0) void this.#follow([...this.#listeners.keys()])
  }

  /** Ends all. */
  close(): void {
    this.#listeners.clear()
    clearTimeout(this.#retry)
  }

  /**
   * Calls the listeners when all that happens later is sure to be notified: what happened before, they see for
   * themselves.
   */
  async #follow(runIds: readonly string[]): Promise<void> {
    try {
      await this.#database.follow(runIds)
      for (const runId of runIds) this.changed(runId)
    } catch {
      this.#tryAgain()
    }
  }

  #tryAgain(): void {
    if (this.#retry !== undefined || this.#listeners.size === 0) return
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.interrupted()
    }, retryMs)
    this.#retry.unref()
  }
}
