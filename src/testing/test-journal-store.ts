import { journalStoreContract } from './store-contract/journal-store-contract.js'
import type { OpenStore } from './store-contract/store-trial.js'

/** What {@link testJournalStore} needs. */
export interface JournalStoreTest {
  /** Heads the tests. @default 'the contract of JournalStore' */
  readonly name?: string
  readonly open: OpenStore
  /** `describe` of the test runner. */
  readonly describe: (name: string, body: () => void) => unknown
  /** `it` of the test runner. */
  readonly it: (name: string, body: () => Promise<void>) => unknown
}

/**
 * Declares one test for each claim of the contract of `JournalStore`, with the `describe` and `it` of the test runner at hand:
 * vitest, mocha and `node:test` all do.
 *
 * ```ts
 * import { describe, it } from 'vitest'
 *
 * const directory = mkdtempSync(join(tmpdir(), 'store-'))
 * testJournalStore({ name: 'my store', open: () => new MyStore(directory), describe, it })
 * ```
 *
 * All tests may use the same data, and there may be other data beside theirs: each makes up names of its own. Nothing is
 * cleared up afterwards. What takes the death of a process to see (that what was written is still there, that its claims
 * have ended) is not asked for. Without a test runner, go through {@link journalStoreContract}.
 */
export function testJournalStore({
  name = 'the contract of JournalStore',
  open,
  describe,
  it,
}: JournalStoreTest): void {
  describe(name, () => {
    for (const claim of journalStoreContract) it(claim.name, () => claim.check(open))
  })
}
