import type { JournalStore } from '../../durability/index.js'

/**
 * Opens the store under test. Every call gives another store object on the same data, as another process would open it;
 * the suite closes what it opens.
 */
export type OpenStore = () => JournalStore | Promise<JournalStore>

/** One run of a check: names that nobody else has, and the store objects it has opened. */
export class StoreTrial {
  readonly #open: OpenStore
  readonly #opened: JournalStore[] = []
  readonly #mark = globalThis.crypto.randomUUID().slice(0, 13)

  constructor(open: OpenStore) {
    this.#open = open
  }

  /** Another store object on the same data. */
  async open(): Promise<JournalStore> {
    const store = await this.#open()
    this.#opened.push(store)
    return store
  }

  /** `name`, unlike the same name of any other trial. */
  own(name: string): string {
    return `${this.#mark} ${name}`
  }

  /** Closes what was opened, also what the check has closed already. */
  async end(): Promise<void> {
    await Promise.all(this.#opened.map(store => store.close()))
  }
}
