import type { RunnableClass } from './target.js'
import type { OrchestrationRunnable } from './runnable.js'
import type { ApprovalRunnable } from './approval.js'
import type { SignalRunnable } from './signal.js'

/** Something a run waits for from outside. */
export interface OpenRequest {
  /** Unique in the run; what `approve`, `reject` and `signal` take when several are open for one state. */
  readonly id: string
  readonly kind: 'approval' | 'signal'
  readonly stateName: string
  /** What the state was given: for an approval, the subject. */
  readonly input: unknown
  /** What a person is asked; empty for a signal. */
  readonly message: string
  /** When it stops waiting, in milliseconds since 1970; `undefined` if never. */
  readonly until: number | undefined
}

/** Names an open approval: the request or its id, or the state (by instance, class or name) if only one is open there. */
export type ApprovalRef =
  | OpenRequest
  | string
  // any: what is approved plays no part in naming the approval
  | ApprovalRunnable<any>
  | (abstract new (
      ...args: any[]
    ) => ApprovalRunnable<any>) // any: likewise

/** Names an open signal whose payload is a `TSignal`. */
export type SignalRef<TSignal> =
  | SignalRunnable<never, TSignal>
  | (abstract new (
      ...args: any[]
    ) => SignalRunnable<never, TSignal>) // any: a constructor's parameters play no part

/** A state by which a request can be named. */
export type RequestState = OrchestrationRunnable<never, unknown> | RunnableClass<never>
