import { type OpenStore, StoreTrial } from './store-trial.js'

/** One claim of the contract of `JournalStore`. */
export interface StoreCheck {
  /** What the store does. */
  readonly name: string
  /** Resolves if the store does so; rejects with an error that says what it did instead. */
  check(open: OpenStore): Promise<void>
}

/** A check of which every run has names of its own, and which closes the stores that it opened. */
export function storeCheck(name: string, body: (trial: StoreTrial) => Promise<void>): StoreCheck {
  return {
    name,
    async check(open) {
      const trial = new StoreTrial(open)
      try {
        await body(trial)
      } catch (failure) {
        await trial.end().catch(() => {})
        throw failure
      }
      await trial.end()
    },
  }
}
