import type { ApprovalQuestion } from '../approval.js'
import type { ResolvedRunOptions } from '../orchestration-options.js'
import type { TargetDirectory } from '../target-directory.js'
import type { EventHub } from './event-hub.js'
import type { Fact, StepEvent } from './fact.js'
import type { RunState } from './run-state.js'

/** What the parts of a run's driver share: the run as it stands, and the way back into its mailbox. */
export interface RunHost {
  readonly state: RunState
  readonly directory: TargetDirectory
  readonly options: ResolvedRunOptions
  readonly hub: EventHub
  /** Puts a fact into the mailbox. */
  post(fact: Fact): void
  /** Says something of a step: at once, or, of a run that is recorded, when that has been recorded. */
  emit(event: StepEvent): void
  /** Stops the run where it is: what follows could not be kept. */
  halt(error: Error): void
  /** Does something that a step must not do twice, unless it has been done. */
  once(branch: string, step: number, name: string, work: () => unknown): Promise<unknown>
  /** What a person says to a question of a state at work. */
  ask(branch: string, step: number, name: string, question: ApprovalQuestion<unknown>): Promise<unknown>
  /** The signal of a step; already aborted if the step is over. */
  signalOf(branch: string, step: number): AbortSignal
}
