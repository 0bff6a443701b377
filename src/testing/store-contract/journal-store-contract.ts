import { claimChecks } from './claim-checks.js'
import { closingChecks } from './closing-checks.js'
import { documentChecks } from './document-checks.js'
import { journalChecks } from './journal-checks.js'
import { raceChecks } from './race-checks.js'
import { requestChecks } from './request-checks.js'
import { runChecks } from './run-checks.js'
import { runFilterChecks } from './run-filter-checks.js'
import { runPageChecks } from './run-page-checks.js'
import type { StoreCheck } from './store-check.js'
import { textChecks } from './text-checks.js'
import { watchChecks } from './watch-checks.js'

/** Every claim of the contract of `JournalStore`, as a check of its own; `testJournalStore` makes tests of them. */
export const journalStoreContract: readonly StoreCheck[] = [
  ...runChecks,
  ...journalChecks,
  ...raceChecks,
  ...runFilterChecks,
  ...runPageChecks,
  ...requestChecks,
  ...claimChecks,
  ...documentChecks,
  ...textChecks,
  ...watchChecks,
  ...closingChecks,
]
