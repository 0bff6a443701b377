import type { Branch, RecordedUsage, RunState } from '../core/internal.js'
import type { Json } from '../schema/index.js'
import type { StoredRules } from './stored-rules.js'

/** A branch in a stored state. Branches that have forked are stored with the fork, without what they no longer need. */
export interface StoredBranch {
  readonly id: string
  readonly order: readonly number[]
  /** Index in {@link StoredState.forks}. */
  readonly fork: number
  readonly step: number
  state: string
  readonly phase: Branch['phase']
  input?: Json
  output?: Json
  readonly runnable?: Json
  readonly reruns?: number
  readonly failure?: Json
  readonly missed?: readonly string[]
  readonly wait?: Json
  readonly kept?: readonly (readonly [string, Json])[]
  readonly asked?: readonly {
    readonly name: string
    readonly message: string
    readonly subject: Json
    readonly until?: number
  }[]
}

/** A fan-out in a stored state. */
interface StoredFork {
  readonly parent?: StoredBranch
  readonly step: number
  origin?: string
  endedAt?: readonly string[]
  /** Indices in {@link StoredState.failures}; with the name of the state where that was as seen from the fork, if it is another one. */
  failures?: readonly (number | readonly [index: number, state: string])[]
  readonly barriers?: readonly StoredBarrier[]
}

/** What has arrived at a join. */
interface StoredBarrier {
  key: string
  state: string
  readonly arrivals: readonly string[]
  readonly due?: number
}

/** The state of a run as JSON: everything that `step` goes by. Names instead of positions, so that it fits a changed graph too. */
export interface StoredState {
  readonly rules: StoredRules
  readonly phase: RunState['phase']
  readonly pauseAtStart?: true
  readonly ending?: Json
  readonly outcome?: Json
  readonly startedAt: number
  readonly steps: number
  visits: Readonly<Record<string, number>>
  outputs: Readonly<Record<string, Json>>
  results: readonly { state: string; readonly order: readonly number[]; value: Json }[]
  failures: readonly { state: string; readonly failures: readonly Json[]; readonly absorbed: boolean }[]
  properties: readonly (readonly [string, Json, readonly number[]])[]
  readonly usage?: readonly RecordedUsage[]
  readonly forks: readonly StoredFork[]
  readonly branches: readonly StoredBranch[]
  readonly ready: readonly string[]
  readonly nextLayer: readonly string[]
}
