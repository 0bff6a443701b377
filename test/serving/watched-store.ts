import { MemoryJournalStore } from '../../src/durability/index.js'

/** A store that counts who watches it. */
export class WatchedStore extends MemoryJournalStore {
  watches = 0

  override watch(runId: string, listener: () => void): () => void {
    const stop = super.watch(runId, listener)
    this.watches++
    let over = false
    return () => {
      if (!over) this.watches--
      over = true
      stop()
    }
  }
}
