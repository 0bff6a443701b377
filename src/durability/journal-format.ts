import type { StoredNodeState, StoredStart } from './run-tree.js'

/** The format of the journals that this version writes. It reads every format up to this one. */
export const journalFormat = 1

/** What an entry of a journal says: one turn of the run or of one inside it, or the whole run anew. */
export interface StoredTurn {
  /** The tokens that lead to the run; missing for the outermost one. */
  readonly run?: readonly string[]
  /** Set in the first entry of a run. */
  readonly start?: StoredStart
  /** The definition that is in force from here on; set in the first entry, and where it changes. */
  readonly definition?: string
  /** The version of that definition. */
  readonly version?: number
  /** The run anew, where it goes on under another definition. */
  readonly base?: readonly StoredNodeState[]
  readonly facts?: readonly unknown[]
}

/** The whole run at a place in its journal. */
export interface StoredSnapshot {
  /** The definition that it was under. */
  readonly definition: string
  readonly nodes: readonly StoredNodeState[]
}
