import type { Decision } from './approval.js'
import type { Fact } from './engine/fact.js'
import type { RunState } from './engine/run-state.js'
import type { OrchestrationGraph } from './graph.js'
import type { OpenRequest } from './open-request.js'
import type { RunRecorder } from './recorder.js'

/** An answer that somebody gave to an open request, wherever that was. */
export type GivenAnswer =
  | { readonly kind: 'decision'; readonly approved: boolean; readonly decision: Decision }
  | { readonly kind: 'signal'; readonly payload: unknown }
  /** Its time is up. */
  | { readonly kind: 'expired' }

/** An answer as it arrives. `unreadable`: there is one, but nobody can tell what it says, and the state that waits for it fails. */
export type RequestAnswer = GivenAnswer | { readonly kind: 'unreadable'; readonly error: Error }

/** A run as its journal has it. */
export interface RestoredRun {
  readonly state: RunState
  /** How many events it has had. */
  readonly events: number
  /** The time limit it was started with. */
  readonly timeoutMs: number | undefined
  /** What it and the runs inside it wait for from outside. */
  readonly openRequests: readonly OpenRequest[]
}

/** What a ledger has to know of the run that it keeps. */
export interface LedgerSubject {
  readonly state: RunState
  readonly timeoutMs: number | undefined
  /** Hands an answer to the request that it is for; false if that is not open. */
  accept(requestId: string, answer: RequestAnswer): boolean
}

/** A recorder from which the run can be had back, in this process or in another. */
export interface RunLedger extends RunRecorder {
  /** The run as it was recorded; `undefined` if it is new. */
  readonly restored: RestoredRun | undefined
  /** Tells the ledger which run it keeps, before anything is recorded. */
  attach(subject: LedgerSubject): void
  /**
   * Makes sure that a fact can be recorded, before it is.
   * @throws PAYLOAD_NOT_SERIALIZABLE
   */
  prepare(fact: Fact): void
  /** Gives a request its one answer; false if it has another one already. The answer arrives through `accept`. */
  answer(requestId: string, answer: GivenAnswer): Promise<boolean>
  forChild(runId: string, graph: OrchestrationGraph): RunLedger
  /** The run has ended, or has stopped: nothing is recorded any more. */
  close(): void
}
