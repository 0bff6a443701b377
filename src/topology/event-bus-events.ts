import type { BranchOutcome } from '../core/index.js'
import type { Said } from './delivery.js'
import type { ExecutionStep } from './execution-trace.js'

/** What every event of an {@link EventBus} has. */
export interface OrchestraEventBase {
  readonly sessionId: string
  readonly runId: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** An event of a branch. */
export interface OrchestraBranchEvent extends OrchestraEventBase {
  /** As in {@link BranchResult}. */
  readonly branchId: string
  /** The agent that the branch is at. */
  readonly agent: string
}

/** An event of a step of an agent. */
export interface OrchestraStepEvent extends OrchestraBranchEvent {
  /** Counts the steps of its branch from 1. */
  readonly step: number
}

/** The events of an {@link EventBus} by name, and what a handler gets (S1-11). */
export interface OrchestraEvents {
  RunStarted: OrchestraEventBase & { readonly task: unknown }
  RunPaused: OrchestraEventBase
  RunResumed: OrchestraEventBase
  RunCompleted: OrchestraEventBase
  RunFailed: OrchestraEventBase & { readonly error: string }
  RunCancelled: OrchestraEventBase & { readonly reason: string }
  /** The first agent of a branch is about to work. */
  BranchCreated: OrchestraBranchEvent & { readonly parent?: string }
  BranchCompleted: OrchestraBranchEvent & { readonly outcome: BranchOutcome }
  StepStarted: OrchestraStepEvent
  /** Told with `StepStarted`: what the agent is given, and by whom. */
  AgentInvoked: OrchestraStepEvent & { readonly received: readonly Said[] }
  StepCompleted: OrchestraStepEvent & Pick<ExecutionStep, 'action' | 'targets' | 'response' | 'durationMs'>
  StepFailed: OrchestraStepEvent & { readonly error: string; readonly durationMs: number }
  /** Branches have come together for an agent, which goes on with all that they have found. */
  ConvergenceReached: OrchestraEventBase & { readonly agent: string; readonly branches: readonly string[] }
  /** A person is asked; `run.approve()` and `run.reject()` answer. */
  UserAsked: OrchestraEventBase & { readonly requestId: string; readonly message: string; readonly subject: unknown }
  ToolCalled: OrchestraEventBase & { readonly agent: string; readonly tool: string; readonly arguments: unknown }
  /** An agent has used up tokens. */
  UsageReported: OrchestraEventBase & {
    readonly agent: string
    readonly model: string
    readonly inputTokens: number
    readonly outputTokens: number
    readonly cost?: number
  }
}

/** The name of an event of an {@link EventBus}. */
export type OrchestraEventName = keyof OrchestraEvents

/** Every name of an event, for telling whether one is known. */
export const orchestraEventNames = Object.keys({
  RunStarted: true,
  RunPaused: true,
  RunResumed: true,
  RunCompleted: true,
  RunFailed: true,
  RunCancelled: true,
  BranchCreated: true,
  BranchCompleted: true,
  StepStarted: true,
  AgentInvoked: true,
  StepCompleted: true,
  StepFailed: true,
  ConvergenceReached: true,
  UserAsked: true,
  ToolCalled: true,
  UsageReported: true,
} satisfies Record<OrchestraEventName, true>) as readonly OrchestraEventName[]

/** An event with its name. */
export type OrchestraNotice = {
  [K in OrchestraEventName]: { readonly name: K; readonly event: OrchestraEvents[K] }
}[OrchestraEventName]
