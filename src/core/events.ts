import type { ErrorCode } from '../errors/index.js'

/** An error as events carry it: plain data that survives JSON. */
export interface EventError {
  readonly name: string
  readonly message: string
  /** Set if the error is one of this package. */
  readonly code?: ErrorCode
  readonly retryable?: boolean
  /** What a server calls the request that failed, for asking its operator. */
  readonly requestId?: string
}

/** What every event has. */
interface EventBase {
  readonly runId: string
  /** Counts the events of a run from 0, without gaps, in the order in which they happened. */
  readonly seq: number
  /** Milliseconds since 1970 on the run's clock. */
  readonly at: number
  /** The names of the enclosing states when the event comes from a sub-orchestration; missing otherwise. */
  readonly path?: readonly string[]
  /**
   * The id of the sub-orchestration's own run, `runId/token` of the state it runs in; missing where `path` is. Two such runs of one
   * state may be under way at once, and then tokens alone do not tell their events apart.
   */
  readonly innerRunId?: string
}

interface StateEventBase extends EventBase {
  readonly stateName: string
  /** Identity of the step, `branch:step`. */
  readonly token: string
}

export interface OrchestrationStartedEvent extends EventBase {
  readonly type: 'orchestration.started'
  readonly orchestration: string
  readonly input: unknown
}
export interface OrchestrationCompletedEvent extends EventBase {
  readonly type: 'orchestration.completed'
  readonly orchestration: string
  readonly output: unknown
  /** How many states were invoked. */
  readonly steps: number
}
export interface OrchestrationFailedEvent extends EventBase {
  readonly type: 'orchestration.failed'
  readonly orchestration: string
  readonly error: EventError
  readonly errorMessage: string
  /** The state that failed, if the failure has one. */
  readonly stateName?: string
}
export interface OrchestrationPausedEvent extends EventBase {
  readonly type: 'orchestration.paused'
  readonly orchestration: string
}
export interface OrchestrationResumedEvent extends EventBase {
  readonly type: 'orchestration.resumed'
  readonly orchestration: string
}
export interface OrchestrationCancelledEvent extends EventBase {
  readonly type: 'orchestration.cancelled'
  readonly orchestration: string
  readonly reason: string
}
export interface StateStartedEvent extends StateEventBase {
  readonly type: 'state.started'
  readonly input: unknown
}
export interface StateCompletedEvent extends StateEventBase {
  readonly type: 'state.completed'
  readonly output: unknown
}
export interface StateFailedEvent extends StateEventBase {
  readonly type: 'state.failed'
  readonly error: EventError
  readonly errorMessage: string
  /** Whether an `onError` route takes over. */
  readonly handled: boolean
}
/** The state will not complete: its branch was cancelled because nobody needs it any more. */
export interface StateSkippedEvent extends StateEventBase {
  readonly type: 'state.skipped'
  readonly reason: string
}
/** No advancer matched, so the state is invoked once more. */
export interface StateRerunEvent extends StateEventBase {
  readonly type: 'state.rerun'
  /** 1 for the first rerun. */
  readonly rerun: number
  /** How many reruns the state may have. */
  readonly reruns: number
}
/** The state waits for a person, a message or a moment. */
export interface StateWaitingEvent extends StateEventBase {
  readonly type: 'state.waiting'
  readonly kind: 'approval' | 'signal' | 'delay'
  /** When it stops waiting, in milliseconds since 1970; missing if it waits for ever. */
  readonly until?: number
}
export interface StateTransitionEvent extends EventBase {
  readonly type: 'state.transition'
  readonly fromState: string
  readonly toState: string
  /** The name of the advancer that decided. */
  readonly advancer: string
  readonly fromToken: string
  readonly toToken: string
}
/** A branch has arrived at a join that needs more of them. */
export interface JoinWaitingEvent extends StateEventBase {
  readonly type: 'join.waiting'
  readonly arrived: number
}
export interface JoinFiredEvent extends StateEventBase {
  readonly type: 'join.fired'
  /** The branches that came together, in declared order. */
  readonly branches: readonly string[]
}
export interface BranchCreatedEvent extends EventBase {
  readonly type: 'branch.created'
  readonly branch: string
  /** The token whose output was fanned out. */
  readonly parent: string
  readonly stateName: string
}
/** How a branch can end. */
export type BranchOutcome = 'completed' | 'joined' | 'ended' | 'failed' | 'cancelled'
export interface BranchCompletedEvent extends EventBase {
  readonly type: 'branch.completed'
  readonly branch: string
  /**
   * `completed`: its last state is terminal; `joined`: a join took it up; `ended`: no next state, as declared; `failed`;
   * `cancelled`: a join or the run no longer needs it.
   */
  readonly outcome: BranchOutcome
  readonly stateName: string
}
export interface ApprovalRequestedEvent extends StateEventBase {
  readonly type: 'approval.requested'
  readonly requestId: string
  readonly message: string
  readonly subject: unknown
}
export interface ApprovalAnsweredEvent extends StateEventBase {
  readonly type: 'approval.answered'
  readonly requestId: string
  readonly outcome: 'approved' | 'rejected' | 'expired'
  readonly by?: string
  readonly comment?: string
}
/** A hook of a state threw at the end of the run; the outcome stands. */
export interface HookFailedEvent extends EventBase {
  readonly type: 'hook.failed'
  readonly stateName: string
  readonly hook: 'cleanup'
  readonly error: EventError
}

/** What user code and policies can put into the stream with `context.emit()`, without what the engine adds. */
export type EmittedEvent =
  | { readonly type: 'custom'; readonly name: string; readonly data?: unknown }
  | { readonly type: 'agent.delta'; readonly agent: string; readonly text: string }
  | {
      /** A piece of what the model lets be seen of its reasoning. */
      readonly type: 'agent.reasoning'
      readonly agent: string
      readonly text: string
    }
  | {
      /** What there is so far of an agent's structured output: plain data, not validated; strings may be cut off. */
      readonly type: 'agent.partial'
      readonly agent: string
      readonly value: unknown
    }
  | {
      /** Another agent goes on with the conversation. */
      readonly type: 'agent.handoff'
      readonly agent: string
      readonly to: string
      readonly reason?: string
    }
  | {
      /** A guardrail has stopped an input, an output or a tool call. */
      readonly type: 'agent.guardrail'
      readonly agent: string
      readonly guardrail: string
      readonly stage: 'input' | 'output' | 'tool'
      readonly reason: string
    }
  | {
      readonly type: 'agent.tool.called'
      readonly agent: string
      readonly tool: string
      readonly callId: string
      readonly arguments: unknown
    }
  | {
      readonly type: 'agent.tool.completed'
      readonly agent: string
      readonly tool: string
      readonly callId: string
      readonly result: string
      readonly failed: boolean
    }
  | {
      /** An attempt has failed, and there will be another one. */
      readonly type: 'state.retrying'
      /** The attempt that failed, from 1. */
      readonly attempt: number
      /** How long until the next one, in milliseconds. */
      readonly delayMs: number
      readonly error: EventError
      readonly errorMessage: string
    }
  | {
      readonly type: 'breaker.changed'
      readonly breaker: string
      readonly from: 'closed' | 'open' | 'half-open'
      readonly to: 'closed' | 'open' | 'half-open'
    }
  | {
      /** A soft limit has been reached, or a hard one. */
      readonly type: 'budget.warning' | 'budget.exceeded'
      readonly budget: string
      /** The id of the run, or the key, whose share of the budget it is. @default the budget has no shares */
      readonly scope?: string
      /** What is limited: money, tokens, calls … */
      readonly limit: string
      readonly spent: number
      readonly max: number
    }

/** The types that `context.emit()` takes; what the engine itself says must not be forged. */
export const emittedTypes: ReadonlySet<string> = new Set(
  Object.keys({
    custom: true,
    'agent.delta': true,
    'agent.reasoning': true,
    'agent.partial': true,
    'agent.handoff': true,
    'agent.guardrail': true,
    'agent.tool.called': true,
    'agent.tool.completed': true,
    'state.retrying': true,
    'breaker.changed': true,
    'budget.warning': true,
    'budget.exceeded': true,
  } satisfies Record<EmittedEvent['type'], true>),
)

/** A piece of work has used something up. */
export interface AgentUsageEvent extends StateEventBase {
  readonly type: 'agent.usage'
  readonly agent: string
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
  /** What it cost, if whoever reported it knows. */
  readonly cost?: number
}

/** An {@link EmittedEvent} as it arrives: with the state and the step it came from. */
export type ForwardedEvent = EmittedEvent & StateEventBase

/** Everything that happens in a run, as one discriminated union. Every event is plain data, apart from the payloads in it. */
export type OrchestrationEvent =
  | OrchestrationStartedEvent
  | OrchestrationCompletedEvent
  | OrchestrationFailedEvent
  | OrchestrationPausedEvent
  | OrchestrationResumedEvent
  | OrchestrationCancelledEvent
  | StateStartedEvent
  | StateCompletedEvent
  | StateFailedEvent
  | StateSkippedEvent
  | StateRerunEvent
  | StateWaitingEvent
  | StateTransitionEvent
  | JoinWaitingEvent
  | JoinFiredEvent
  | BranchCreatedEvent
  | BranchCompletedEvent
  | ApprovalRequestedEvent
  | ApprovalAnsweredEvent
  | HookFailedEvent
  | AgentUsageEvent
  | ForwardedEvent

/** The `type` of an event. */
export type OrchestrationEventName = OrchestrationEvent['type']

/** The event with a given `type`. */
export type EventOfType<T extends OrchestrationEventName> = Extract<OrchestrationEvent, { type: T }>

/** The types of events as constants (S4-24). */
export const OrchestrationEventType = {
  OrchestrationStarted: 'orchestration.started',
  OrchestrationCompleted: 'orchestration.completed',
  OrchestrationFailed: 'orchestration.failed',
  OrchestrationPaused: 'orchestration.paused',
  OrchestrationResumed: 'orchestration.resumed',
  OrchestrationCancelled: 'orchestration.cancelled',
  StateStarted: 'state.started',
  StateCompleted: 'state.completed',
  StateFailed: 'state.failed',
  StateSkipped: 'state.skipped',
  StateRerun: 'state.rerun',
  StateRetrying: 'state.retrying',
  StateWaiting: 'state.waiting',
  StateTransition: 'state.transition',
  JoinWaiting: 'join.waiting',
  JoinFired: 'join.fired',
  BranchCreated: 'branch.created',
  BranchCompleted: 'branch.completed',
  ApprovalRequested: 'approval.requested',
  ApprovalAnswered: 'approval.answered',
  HookFailed: 'hook.failed',
  BreakerChanged: 'breaker.changed',
  BudgetWarning: 'budget.warning',
  BudgetExceeded: 'budget.exceeded',
  Custom: 'custom',
  AgentDelta: 'agent.delta',
  AgentReasoning: 'agent.reasoning',
  AgentPartial: 'agent.partial',
  AgentHandoff: 'agent.handoff',
  AgentGuardrail: 'agent.guardrail',
  AgentToolCalled: 'agent.tool.called',
  AgentToolCompleted: 'agent.tool.completed',
  AgentUsage: 'agent.usage',
} as const satisfies Record<string, OrchestrationEventName>

/** Whether an event is the last of its run. */
export function isTerminalEvent(event: OrchestrationEvent): boolean {
  if (event.path !== undefined) return false
  return (
    event.type === 'orchestration.completed' ||
    event.type === 'orchestration.failed' ||
    event.type === 'orchestration.cancelled'
  )
}
