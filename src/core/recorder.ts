import type { Fact } from './engine/fact.js'
import type { OrchestrationGraph } from './graph.js'

/**
 * Where a run writes what happened, before it takes effect.
 *
 * `record` gets facts in the order in which they were applied, those that came together in one call (so that they can share
 * one commit), when that was, in milliseconds since 1970, and how many events follow from them. No state that follows from them is
 * started, and no event of them is delivered, before it returns or its promise resolves. If it throws or rejects, the run stops
 * with RECORDER_FAILED: nothing goes on that was not recorded.
 *
 * Feeding the facts, in order, to the same definition gives the same run again, with the same events.
 */
export interface RunRecorder {
  record(facts: readonly Fact[], at: number, events: number): void | Promise<void>
  /** The recorder of a run inside this one, under its own id. Without it, the runs of sub-orchestrations are not recorded. */
  forChild?(runId: string, graph: OrchestrationGraph): RunRecorder
}
