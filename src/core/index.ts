export { OrchestrationAdvancer } from './advancer.js'
export {
  Advancer,
  type AdvancerDecorator,
  type AdvancerOptions,
  type DeclaredTarget,
  defineAdvancer,
} from './advancer-decorator.js'
export {
  type ApprovalOptions,
  type ApprovalOutcome,
  type ApprovalQuestion,
  ApprovalRunnable,
  Approved,
  type Decision,
  Expired,
  Rejected,
} from './approval.js'
export { type Clock, systemClock, type TimerHandle } from './clock.js'
export type { RunContext } from './context.js'
export { type Delay, DelayRunnable } from './delay.js'
export type { Fact } from './engine/fact.js'
export type { EventHandler } from './event-listeners.js'
export {
  type BranchOutcome,
  type EmittedEvent,
  type EventError,
  type EventOfType,
  isTerminalEvent,
  type OrchestrationEvent,
  type OrchestrationEventName,
  OrchestrationEventType,
} from './events.js'
export type { AdvanceCondition, OutputConverter } from './function-advancer.js'
export type { GraphAdvancer, GraphNode, NodeKind, OrchestrationGraph } from './graph.js'
export type { Attempt, Interceptor, NextCall, ResumedRun, StateCall } from './interceptor.js'
export { CollectRunnable, type JoinOptions, type JoinPolicy, JoinRunnable } from './join.js'
export { consoleLogger, type Logger } from './logger.js'
export type { Migration, StoredRun } from './migration.js'
export type { ApprovalRef, OpenRequest, RequestAnnouncement, SignalRef } from './open-request.js'
export { Orchestration } from './orchestration.js'
export { defineOrchestration, type OrchestrationDecorator, OrchestrationOptions } from './orchestration-decorator.js'
export type {
  OrchestrationBehaviour,
  OrchestrationConfiguration,
  ResumeOptions,
  RunOptions,
  RunRules,
} from './orchestration-options.js'
export type { RunProperties } from './properties.js'
export type { RecordedUsage } from './recorded-usage.js'
export type { RunRecorder } from './recorder.js'
export type { Recovery } from './recovery.js'
export { OrchestrationRun, type RunStatus } from './run.js'
export { OrchestrationCancelledError, OrchestrationFailedError, WiringError } from './run-errors.js'
export type { Durability, DurabilityOptions, RunStore, TakeUpOptions } from './run-store.js'
export { type AnyRunnable, OrchestrationRunnable } from './runnable.js'
export {
  defineRunnable,
  Runnable,
  type RunnableDecorator,
  type RunnableDecoratorOptions,
} from './runnable-decorator.js'
export type { AdvancerClass, AdvancerRef, RunnableBehaviour, RunnableOptions } from './runnable-options.js'
export { type SignalOptions, SignalRunnable } from './signal.js'
export { StateFailure } from './state-failure.js'
export { SubOrchestrationRunnable } from './sub-orchestration.js'
export { type NextRunnable, type RunnableClass, type RunnableRef, SendTo, sendTo } from './target.js'
export type { Usage } from './usage.js'
export type { WiringFault, WiringFaultCode } from './wiring-fault.js'
