import type { RunStatus } from '../core/index.js'

/** One turn of a run as it stands in its journal. */
export interface JournalEntry {
  /** 1 for the first entry of a run, then without gaps. */
  readonly seq: number
  /** When it happened, in milliseconds since 1970. */
  readonly at: number
  /** What happened, as JSON text; a store keeps it as it is. */
  readonly data: string
}

/** The state of a run at a place in its journal, so that nobody has to read what comes before it. */
export interface JournalSnapshot {
  /** The last entry that it covers. */
  readonly seq: number
  /** JSON text; a store keeps it as it is. */
  readonly data: string
}

/** The status of a run that a store has; a run is kept from its first turn on, so none is pending. */
export type StoredRunStatus = Exclude<RunStatus, 'pending'>

/** What a store knows of a run without reading its journal. */
export interface RunRecord {
  readonly runId: string
  /** The name of its orchestration. */
  readonly orchestration: string
  /** The version of the definition that it runs under. */
  readonly version: number
  /** Identifies the definition that it runs under; {@link JournalStore.definition} has it in full. */
  readonly fingerprint: string
  /** The format of its entries. */
  readonly format: number
  readonly status: StoredRunStatus
  /** The last entry of its journal. */
  readonly seq: number
  /** The names of the states that its branches are at, each once. */
  readonly states: readonly string[]
  /** When it came into the store, in milliseconds since 1970. */
  readonly createdAt: number
  /** The time of its last entry, in milliseconds since 1970. */
  readonly updatedAt: number
  /** The run it was forked from and the last entry they have in common. */
  readonly parent?: { readonly runId: string; readonly seq: number }
  /** Labels that it was started with. */
  readonly tags: Readonly<Record<string, string>>
}

/** Something that a run waits for from outside. */
export interface StoredRequest {
  /** Unique in its run. */
  readonly requestId: string
  readonly kind: 'approval' | 'signal'
  readonly stateName: string
  /** What a person is asked; empty for a signal. */
  readonly message: string
  /** When it stops waiting, in milliseconds since 1970; missing if never. */
  readonly until?: number
  /** When it was asked for, in milliseconds since 1970. */
  readonly openedAt: number
  /** What the state was given, as JSON text. */
  readonly input: string
}

/** An open request of some run. */
export interface OpenRunRequest extends StoredRequest {
  readonly runId: string
  readonly orchestration: string
}

/** The one answer that a request got. */
export interface StoredAnswer {
  readonly requestId: string
  /** JSON text. */
  readonly data: string
  /** When it was given, in milliseconds since 1970. */
  readonly at: number
}

/** What changes about a run besides its journal, in the same commit. */
export interface RunChange {
  readonly status: StoredRunStatus
  readonly states: readonly string[]
  /** Requests that are open from now on. */
  readonly opened: readonly StoredRequest[]
  /** Requests that are over; they go, together with their answers. */
  readonly closed: readonly string[]
  /** Set when the run goes on under another definition. */
  readonly definition?: RunDefinition
}

/** The definition that a run goes by. */
export interface RunDefinition {
  readonly fingerprint: string
  readonly version: number
  /** The definition as JSON text; kept once for all runs that share the fingerprint. */
  readonly data: string
}

/** A run as it comes into a store. */
export interface NewRun {
  readonly runId: string
  readonly orchestration: string
  readonly format: number
  readonly definition: RunDefinition
  readonly tags: Readonly<Record<string, string>>
  readonly parent?: RunRecord['parent']
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** At least one, from number 1 on. */
  readonly entries: readonly JournalEntry[]
  readonly change: RunChange
}

/** Which runs are wanted; every criterion that is given has to hold. */
export interface RunQuery {
  readonly orchestration?: string
  /** One of these; anything but a list of such names is refused. */
  readonly status?: readonly StoredRunStatus[]
  /** A branch is at this state. */
  readonly state?: string
  /** Has an open request of this kind that nobody has answered; `true`: of any kind, `false`: none. */
  readonly openRequest?: 'approval' | 'signal' | boolean
  /** Bounds in milliseconds since 1970; `from` is inclusive, `to` is not. */
  readonly created?: { readonly from?: number; readonly to?: number }
  readonly updated?: { readonly from?: number; readonly to?: number }
  /** Has all of these labels. */
  readonly tags?: Readonly<Record<string, string>>
  /** How many at most: a whole number from 1 on. @default 100 */
  readonly limit?: number
  /** The `next` of the page before. */
  readonly cursor?: string
}

/** Some of the runs that match a query, the youngest first. */
export interface RunPage {
  readonly runs: readonly RunRecord[]
  /** Set if there are more. */
  readonly next?: string
}

/** Which open requests are wanted; every criterion that is given has to hold. */
export interface RequestQuery {
  readonly runId?: string
  readonly orchestration?: string
  readonly kind?: 'approval' | 'signal'
  readonly stateName?: string
  /** How many at most: a whole number from 1 on. @default 100 */
  readonly limit?: number
  /** The `next` of the page before. */
  readonly cursor?: string
}

/** Some of the open requests that match a query, the oldest first. */
export interface RequestPage {
  readonly requests: readonly OpenRunRequest[]
  readonly next?: string
}

/** A piece of data that is no run: a session, a chat message, the state of a circuit breaker. */
export interface StoredDocument {
  readonly id: string
  /** JSON text. */
  readonly data: string
  /** 1 when it is new, one more with every change. */
  readonly revision: number
}

/** One change of a document. */
export interface DocumentChange {
  readonly collection: string
  readonly id: string
  /** JSON text; `undefined` deletes. */
  readonly data: string | undefined
  /** The revision it must be at; 0: it must not be there. @default whatever it is at */
  readonly revision?: number
}
