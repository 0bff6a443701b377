import type { OrchestrationEvent } from '../events.js'
import type { Branch } from './run-state.js'

/** Something that advancers have to say before the turn is over. */
export type Question =
  /** Ask the advancers of the branch's state where its output goes. */
  | { readonly type: 'route'; readonly branch: Branch; readonly output: unknown }
  /** Ask the `onError` advancers of the branch's state. */
  | { readonly type: 'recover'; readonly branch: Branch; readonly error: Error }

/** Something the driver has to do when the turn is recorded; it posts the outcome back as a fact. */
export type Command =
  /** Invoke the state of the branch, or let it wait. */
  | { readonly type: 'start'; readonly branch: Branch }
  /** Tell whatever the branch is doing to stop. */
  | { readonly type: 'abort'; readonly branch: Branch; readonly reason: string }
  /** Open the wait of the branch once more, as it was. */
  | { readonly type: 'reopen'; readonly branch: Branch }
  /** Tell the step whether what it has done is kept. */
  | { readonly type: 'kept'; readonly token: string; readonly name: string; readonly kept: boolean }
  | { readonly type: 'start-join-timer'; readonly barrier: string; readonly ms: number }
  | { readonly type: 'stop-join-timer'; readonly barrier: string }
  /** Wind up: abort what is left, run cleanup hooks, validate the result, then post `ended`. */
  | { readonly type: 'finish' }
  /** Hand out the outcome. */
  | { readonly type: 'settle' }

/** What follows from a fact. Events are built only if somebody wants them. */
export class StepOutput {
  commands: (Command | Question)[] = []
  events: OrchestrationEvent[] = []
  /** Events that were not built; they are counted all the same. */
  unseen = 0
  observed = false
  /** The time of the events; set by whoever applies facts, if somebody observes. */
  at = 0
}
