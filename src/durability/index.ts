export type { Checkpoint } from './checkpoints.js'
export type { ForkOptions, RunEdits } from './forking-runs.js'
export { type HistoryEntry, Journal } from './journal.js'
export type {
  DocumentChange,
  JournalEntry,
  JournalSnapshot,
  NewRun,
  OpenRunRequest,
  RequestPage,
  RequestQuery,
  RunChange,
  RunDefinition,
  RunPage,
  RunQuery,
  RunRecord,
  StoredAnswer,
  StoredDocument,
  StoredRequest,
  StoredRunStatus,
} from './journal-records.js'
export { JournalStore } from './journal-store.js'
export { MemoryJournalStore } from './memory/memory-journal-store.js'
export type { PostgresConnection, PostgresPool, PostgresQuery, PostgresRow } from './postgres/postgres-driver.js'
export { PostgresJournalStore } from './postgres/postgres-journal-store.js'
export type { PostgresJournalStoreOptions } from './postgres/postgres-store-options.js'
export type { ReplayOptions } from './replaying.js'
export type { RunDifference } from './run-difference.js'
export type { BranchView, RunView } from './run-view.js'
export type { SqliteDriverName } from './sqlite/sqlite-driver.js'
export { SqliteJournalStore, type SqliteJournalStoreOptions } from './sqlite/sqlite-journal-store.js'
export { StoreError, type StoreErrorCode } from './store-error.js'
export { StoredCircuitBreakers } from './stored-circuit-breakers.js'
