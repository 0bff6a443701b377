import type { OrchestrationEvent } from '../events.js'
import type { ResolvedRunOptions } from '../orchestration-options.js'
import type { TargetDirectory } from '../target-directory.js'
import type { EventHub } from './event-hub.js'
import type { Fact } from './fact.js'
import type { RunState } from './run-state.js'

/** What the parts of a run's driver share: the run as it stands, and the way back into its mailbox. */
export interface RunHost {
  readonly state: RunState
  readonly directory: TargetDirectory
  readonly options: ResolvedRunOptions
  readonly hub: EventHub
  /** Puts a fact into the mailbox. */
  post(fact: Fact): void
  /** Puts an event into the stream, behind those of facts that are being applied or recorded. */
  emit(event: OrchestrationEvent): void
  /** The signal of a step; already aborted if the step is over. */
  signalOf(branch: string, step: number): AbortSignal
}
