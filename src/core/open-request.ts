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

/**
 * Names an open approval: the request, the event that announced it, or its id; or the state (by instance, class or name) if only
 * one is open there.
 */
export type ApprovalRef = OpenRequest | RequestAnnouncement | string | AnyApproval | ClassOf<AnyApproval>

/** What an `approval.requested` event says of a request. */
export interface RequestAnnouncement {
  readonly requestId: string
}

/** Names an open signal whose payload is a `TSignal`: its state, by instance or class. */
export type SignalRef<TSignal> = SignalRunnable<never, TSignal> | ClassOf<SignalRunnable<never, TSignal>>

type AnyApproval = ApprovalRunnable<any> // any: what is approved plays no part in naming the approval

type ClassOf<T> = abstract new (...args: any[]) => T // any: a constructor's parameters play no part in naming a class
