export type { Checkpoint } from './checkpoints.js'
export type { HostedRun } from './driven-runs.js'
export { FileStorageBackend } from './file-storage-backend.js'
export type { ForkOptions, RunEdits } from './forking-runs.js'
export type { HostedOrchestration } from './hosted-definitions.js'
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
export {
  type HostedRunOptions,
  type HostRecovery,
  RunHost,
  type RunHostOptions,
  type SteeringOptions,
} from './run-host.js'
export type { BranchView, RunView } from './run-view.js'
export { Session } from './session.js'
export type { SessionCheckpoint } from './session-checkpoints.js'
export type { SessionEntry, SessionQuery, SessionStatus } from './session-entry.js'
export type { SessionResumeOptions, SessionRunOptions } from './session-runs.js'
export type { ActiveBranch, CompletedBranch, SessionState } from './session-state.js'
export type { SqliteDriverName } from './sqlite/sqlite-driver.js'
export { SqliteJournalStore, type SqliteJournalStoreOptions } from './sqlite/sqlite-journal-store.js'
export { type NewSession, type RestoredState, StateManager, type StateManagerOptions } from './state-manager.js'
export { StoreError, type StoreErrorCode } from './store-error.js'
export { StoredCircuitBreakers } from './stored-circuit-breakers.js'
