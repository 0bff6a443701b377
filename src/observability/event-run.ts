import type { EventOfType, OrchestrationEvent } from '../core/index.js'

/** The id of the run an event happened in: of the sub-orchestration's own run, if it comes from one. */
export function runOf(event: OrchestrationEvent): string {
  return event.innerRunId ?? event.runId
}

/** What a step is called across all runs. A sub-orchestration's run has the name of the step it runs in as its id. */
export function stepOf(event: OrchestrationEvent & { readonly token: string }): string {
  return `${runOf(event)}/${event.token}`
}

/** The branch that a token belongs to. */
export function branchOf(token: string): string {
  return token.slice(0, token.lastIndexOf(':'))
}

/** The last event of a run, nested or not. */
export type RunEndEvent = EventOfType<'orchestration.completed' | 'orchestration.failed' | 'orchestration.cancelled'>

/** Whether an event is the last of its run, nested or not. */
export function isEnd(event: OrchestrationEvent): event is RunEndEvent {
  const { type } = event
  return type === 'orchestration.completed' || type === 'orchestration.failed' || type === 'orchestration.cancelled'
}
