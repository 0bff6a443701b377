import type { JournalEntry, NewRun, RunChange } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { runBusy } from './run-busy.js'

/** What is to be known of a run when an entry is written. */
export interface Tidings {
  /** What changes with the entries that are written now. */
  change(): RunChange
  /** Everything there is to know of a new run, but its entries. */
  created(): Omit<NewRun, 'entries' | 'change'>
}

interface Flush {
  readonly seq: number
  readonly resolve: () => void
  readonly reject: (thrown: unknown) => void
}

/**
 * Writes one journal, in order. Entries that come while others are being written go together in the next commit.
 */
export class JournalWriter {
  readonly #store: JournalStore
  readonly #runId: string
  readonly #tidings: Tidings
  #written: number
  #numbered: number
  #isNew: boolean
  #waiting: JournalEntry[] = []
  /** Who waits for which entry, in the order of the entries. */
  #flushes: Flush[] = []
  #writing = false
  #held: boolean
  #failed: { readonly thrown: unknown } | undefined

  /** @param seq the last entry that is there already; `undefined` if the run is not there yet */
  constructor(store: JournalStore, runId: string, seq: number | undefined, tidings: Tidings) {
    this.#store = store
    this.#runId = runId
    this.#tidings = tidings
    this.#isNew = seq === undefined
    this.#held = seq !== undefined
    this.#written = seq ?? 0
    this.#numbered = this.#written
  }

  /** Whether the run belongs to whoever writes, as far as the store has been told. */
  get isHeld(): boolean {
    return this.#held
  }

  /** How many entries wait to be written. */
  get backlog(): number {
    return this.#waiting.length
  }

  /** What writing has failed with; nothing is written any more then. */
  get failure(): { readonly thrown: unknown } | undefined {
    return this.#failed
  }

  /** Puts an entry in line and returns its number. */
  add(at: number, data: string): number {
    const seq = ++this.#numbered
    this.#waiting.push({ seq, at, data })
    return seq
  }

  /**
   * Writes what is in line; resolves when the entry of number `seq` is there, and not before those that wait for an earlier one
   * know: what they tell comes first. @default the last one
   */
  flush(seq = this.#numbered): Promise<void> {
    if (this.#written >= seq) return Promise.resolve()
    if (this.#failed !== undefined) return Promise.reject(this.#failed.thrown)
    return new Promise((resolve, reject) => {
      this.#flushes.push({ seq, resolve, reject })
      if (!this.#writing) void this.#write()
    })
  }

  /** During a pause the run belongs to nobody: somebody else may have taken it up since. */
  async #claim(): Promise<void> {
    if (!(await this.#store.claim(this.#runId))) throw runBusy(this.#runId)
    this.#held = true
  }

  async #write(): Promise<void> {
    this.#writing = true
    try {
      while (this.#flushes.length > 0) {
        if (!this.#isNew && !this.#held) await this.#claim()
        const entries = this.#waiting
        this.#waiting = []
        const change = this.#tidings.change()
        if (this.#isNew) await this.#store.create({ ...this.#tidings.created(), entries, change })
        else await this.#store.append(this.#runId, this.#written, entries, change)
        // A new run is taken for whoever adds it, also if it was paused before it began.
        if (this.#isNew && change.status === 'paused') await this.#store.release(this.#runId)
        this.#isNew = false
        this.#held = change.status === 'running'
        this.#written += entries.length
        const done = this.#flushes.filter(flush => flush.seq <= this.#written)
        this.#flushes = this.#flushes.slice(done.length)
        for (const { resolve } of done) resolve()
      }
    } catch (thrown) {
      this.#failed = { thrown }
      this.#waiting = []
      for (const { reject } of this.#flushes) reject(thrown)
    } finally {
      this.#writing = false
    }
  }
}
