import type { Schema } from '../../schema/index.js'
import type { Approved, Expired, Rejected } from '../approval.js'
import type { AgentUsageEvent, EmittedEvent } from '../events.js'
import type { PropertyWrites } from '../properties.js'
import type { RecordedUsage } from '../recorded-usage.js'
import type { RunFailure } from '../run-errors.js'
import type { AnyRunnable } from '../runnable.js'

/** Where an output goes: one target of a decision. */
export interface Move {
  /** The name of the next state. */
  readonly to: string
  readonly input: unknown
  /** The schema that the input is already known to satisfy; not part of what happened, only saves work. */
  readonly checked: Schema | undefined
  /** The fresh instance that an advancer made for this step, if it did. */
  readonly runnable: AnyRunnable | undefined
  /** The name of the advancer that decided. */
  readonly advancer: string
}

interface BranchFact {
  /** The branch, and the step it was at: together the token. A fact about a step that is over changes nothing. */
  readonly branch: string
  readonly step: number
}

export interface StartedFact {
  readonly type: 'started'
  readonly input: unknown
  readonly checked: Schema | undefined
}
export interface CompletedFact extends BranchFact {
  readonly type: 'completed'
  readonly output: unknown
  readonly writes: PropertyWrites | undefined
}
export interface FailedFact extends BranchFact {
  readonly type: 'failed'
  readonly error: Error
  /** What a run inside the step has used up. */
  readonly usage?: readonly RecordedUsage[]
}
/** An advancer decided. No move: the branch ends; one that is not forked: it goes on; else each opens a branch. */
export interface AdvancedFact extends BranchFact {
  readonly type: 'advanced'
  readonly moves: readonly Move[]
  readonly forked: boolean
  readonly writes: PropertyWrites | undefined
}
/** No advancer matched. */
export interface StuckFact extends BranchFact {
  readonly type: 'stuck'
}
export interface WaitingFact extends BranchFact {
  readonly type: 'waiting'
  readonly kind: 'approval' | 'signal' | 'delay' | 'orchestration'
  readonly message: string | undefined
  readonly until: number | undefined
}
/** A wait is over: the outcome of an approval, the payload of a signal, or the input of a delay. */
export interface AnsweredFact extends BranchFact {
  readonly type: 'answered'
  readonly output: unknown
  readonly approval: Approved<unknown> | Rejected<unknown> | Expired<unknown> | undefined
  /** What a run inside the step has used up. */
  readonly usage?: readonly RecordedUsage[]
}
export interface JoinTimedOutFact {
  readonly type: 'join.timed-out'
  /** The barrier whose time is up. */
  readonly barrier: string
}
export interface PauseFact {
  readonly type: 'pause'
}
export interface ResumeFact {
  readonly type: 'resume'
  /** The run has been restored from its journal: what was under way begins again, under the same identity. */
  readonly takenUp?: boolean
}
export interface CancelFact {
  readonly type: 'cancel'
  readonly reason: string
}
/** The run fails for a reason of its own, such as its time limit. */
export interface AbandonFact {
  readonly type: 'abandon'
  readonly failure: RunFailure
}
/** Everything is wound up, hooks included; the run ends as decided, or fails after all. */
export interface EndedFact {
  readonly type: 'ended'
  readonly output: unknown
  readonly failure: RunFailure | undefined
  readonly hookFailures: readonly HookFailure[]
}

/** User code or a policy said something that is no matter of the engine. */
export interface EmittedFact {
  readonly type: 'emitted'
  readonly event: StepEvent
}
/** An event of a step, without what the engine adds. */
export type StepEvent = (EmittedEvent | Omit<AgentUsageEvent, EngineFields>) & {
  readonly stateName: string
  readonly token: string
}
type EngineFields = 'runId' | 'seq' | 'at' | 'stateName' | 'token'

/** A step has done something that it must not do again. */
export interface KeptFact extends BranchFact {
  readonly type: 'kept'
  readonly name: string
  readonly value: unknown
}
/** A state at work asks a person. */
export interface AskedFact extends BranchFact {
  readonly type: 'asked'
  readonly name: string
  readonly message: string
  readonly subject: unknown
  readonly until: number | undefined
}
/** What a state at work has asked is decided. */
export interface RepliedFact extends BranchFact {
  readonly type: 'replied'
  readonly name: string
  readonly approval: Approved<unknown> | Rejected<unknown> | Expired<unknown>
}
/** Somebody has changed the run by hand, as a fork can. */
export interface EditedFact {
  readonly type: 'edited'
  readonly writes: PropertyWrites | undefined
  /** New inputs for steps that have no output yet. */
  readonly inputs: readonly EditedValue[]
  /** Outputs in place of those that steps under way have, or would have had. */
  readonly outputs: readonly EditedValue[]
}
/** What a step gets instead. */
export interface EditedValue {
  readonly branch: string
  readonly step: number
  readonly value: unknown
}

/** A cleanup hook that threw. */
export interface HookFailure {
  readonly stateName: string
  readonly error: Error
}

/** Everything that can happen to a run. The engine's state is a function of the facts, in their order. */
export type Fact =
  | StartedFact
  | CompletedFact
  | FailedFact
  | AdvancedFact
  | StuckFact
  | WaitingFact
  | AnsweredFact
  | JoinTimedOutFact
  | PauseFact
  | ResumeFact
  | CancelFact
  | AbandonFact
  | EndedFact
  | EmittedFact
  | KeptFact
  | AskedFact
  | RepliedFact
  | EditedFact
