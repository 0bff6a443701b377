export { checkDecision } from './approval.js'
export { declareInterceptor } from './class-interceptors.js'
export { afterOthers, sleep } from './clock.js'
export { conversionAdvice, conversionMismatch } from './conversion.js'
export { DelegatingContext } from './delegating-context.js'
export { isAtRest } from './engine/branches.js'
export type {
  AdvancedFact,
  AnsweredFact,
  EditedFact,
  EditedValue,
  EndedFact,
  HookFailure,
  Move,
} from './engine/fact.js'
export { joinScopesOf } from './engine/join-scopes.js'
export { allMatches, firstMatch } from './engine/routing.js'
export {
  type Barrier,
  type Branch,
  type BranchWait,
  createFork,
  createRunState,
  type Ending,
  enclosingFork,
  type Fork,
  questionId,
  type RunState,
  type StepRules,
  tokenOf,
} from './engine/run-state.js'
export { step } from './engine/step.js'
export { StepOutput } from './engine/step-output.js'
export { eventError } from './event-error.js'
export { FunctionAdvancer } from './function-advancer.js'
export { cycleGroups, isCycle } from './graph-cycles.js'
export { graphFaults, missingResult, starvation, starvingJoins } from './graph-faults.js'
export {
  alwaysMatches,
  askedAdvancers,
  askedErrorAdvancers,
  hasFixedTarget,
  leadingTo,
  reachableFrom,
  resultStates,
  waysOn,
} from './graph-ways.js'
export { mostArrivals } from './join-arrivals.js'
export { behaviourNames } from './orchestration-options.js'
export type { RecordedUsage } from './recorded-usage.js'
export { refusedGraphOf } from './refused-graph.js'
export type { RunFailure } from './run-errors.js'
export type { GivenAnswer, LedgerSubject, RequestAnswer, RestoredRun, RunLedger } from './run-ledger.js'
export { checkStore, type DurableDefinition } from './run-store.js'
export { forwarded } from './sub-orchestration.js'
export { directoryOf } from './target-directory.js'
export { compareTokenOrder } from './token-order.js'
export { untilAborted } from './until-aborted.js'
