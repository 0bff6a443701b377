export { EventRecorder, type EventSource, type ExpectedEvent } from './event-recorder.js'
export { Exploration, ExploredPath, type PathCoverage, type RecordedRun, type Share } from './exploration.js'
export { type ExploreOptions, explore } from './explore.js'
export { FactRecorder, type RecordedTurn } from './fact-recorder.js'
export { FailingRunnable, type FailingRunnableOptions } from './failing-runnable.js'
export { ManualClock } from './manual-clock.js'
export { RecordedModel, type RecordModelOptions, recordModel } from './record-model.js'
export {
  type ScriptedAnswer,
  ScriptedModel,
  type ScriptedReply,
  type ScriptedToolCall,
} from './scripted-model.js'
export { journalStoreContract } from './store-contract/journal-store-contract.js'
export type { StoreCheck } from './store-contract/store-check.js'
export type { OpenStore } from './store-contract/store-trial.js'
export { StubFailure, type StubOutputs } from './stub-outputs.js'
export { type JournalStoreTest, testJournalStore } from './test-journal-store.js'
