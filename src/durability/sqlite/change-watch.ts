import type { SqliteConnection } from './sqlite-connection.js'
import type { SqliteFile } from './sqlite-file.js'

const pollInterval = 50

interface Watcher {
  readonly runId: string
  readonly listener: () => void
  /** The count of changes when it was last looked at; `undefined` before, so that nothing is missed until then. */
  seen?: number
}

/** Tells who watches a run that it has changed: at once of own changes, soon of those of others. */
export class ChangeWatch {
  readonly #file: () => Promise<SqliteFile>
  readonly #watchers = new Map<string, Set<Watcher>>()
  #timer: NodeJS.Timeout | undefined
  #polling = false
  #polled: { readonly connection: SqliteConnection; readonly version: number } | undefined

  constructor(file: () => Promise<SqliteFile>) {
    this.#file = file
  }

  /** Calls `listener` after changes of a run until the function that is returned is called. */
  add(runId: string, listener: () => void): () => void {
    const watcher: Watcher = { runId, listener }
    const watchers = this.#watchers.get(runId) ?? new Set()
    this.#watchers.set(runId, watchers.add(watcher))
    this.#polled = undefined
    this.#timer ??= setInterval(() => void this.#poll(), pollInterval).unref()
    return () => {
      watchers.delete(watcher)
      if (watchers.size > 0 || this.#watchers.get(runId) !== watchers) return
      this.#watchers.delete(runId)
      if (this.#watchers.size === 0) this.stop()
    }
  }

  /** To be called after a change that was made through the connection of this store. */
  changed(runId: string): void {
    for (const watcher of this.#watchers.get(runId) ?? []) this.#tell(watcher)
  }

  /** Nobody is called any more. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#watchers.clear()
  }

  async #poll(): Promise<void> {
    // A look that has to wait for a lock may take longer than it is until the next.
    if (this.#polling) return
    this.#polling = true
    try {
      const file = await this.#file()
      await file.use('read', connection => this.#look(connection))
    } catch {
      // Whoever reads or writes next is told; a later look may succeed.
    } finally {
      this.#polling = false
    }
  }

  #look(connection: SqliteConnection): void {
    const version = Number(connection.get('PRAGMA store.data_version')?.data_version)
    if (this.#polled?.connection === connection && this.#polled.version === version) return
    this.#polled = { connection, version }
    for (const [runId, watchers] of this.#watchers) {
      const changes = Number(connection.get('SELECT changes FROM runs WHERE run_id = ?', runId)?.changes ?? -1)
      for (const watcher of watchers) {
        if (watcher.seen !== changes) this.#tell(watcher)
        watcher.seen = changes
      }
    }
  }

  #tell(watcher: Watcher): void {
    queueMicrotask(() => {
      if (!this.#watchers.get(watcher.runId)?.has(watcher)) return
      try {
        watcher.listener()
      } catch {
        // It is the listener's own trouble: the change is made, and others have to hear of it.
      }
    })
  }
}
