import type { TaskResult } from '../task-result.js'

/** What one turn of a loop is given. Plain JSON. */
export interface LoopTurn {
  readonly workflowId: string
  /** From 0. */
  readonly index: number
  /** The item, in a `for_each` loop. */
  readonly item?: unknown
  /** What the steps came to in the turn before; only in a `while` loop. */
  readonly previous: Readonly<Record<string, TaskResult | null>>
}

/** What one turn of a loop has come to. Plain JSON. */
export interface TurnOutcome {
  readonly index: number
  readonly item?: unknown
  readonly results: Readonly<Record<string, TaskResult | null>>
}
