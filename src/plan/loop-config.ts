/** All steps once for each item (S3-15). */
export interface ForEachLoop {
  readonly type: 'for_each'
  /**
   * The items, or an expression that gives a list, for example `metadata.cities`. The steps find the item of their turn
   * in the task's context. Such an expression reads the plan's `metadata` only: nothing has run yet.
   */
  readonly items: readonly unknown[] | string
  /**
   * How many turns there may be. A longer list is refused: none of its items is left out silently.
   * @default the number of items if they are listed, else 100
   */
  readonly maxIterations?: number
}

/** All steps again and again while a condition holds, which is asked before each turn (S3-16). */
export interface WhileLoop {
  readonly type: 'while'
  /** Reads `results`, `metadata` and the rest of the workflow's state, for example `results.review.data.score < 8`. */
  readonly condition: string
  /** How many turns there may be; a condition that still holds after them fails the run. @default 100 */
  readonly maxIterations?: number
}

/** How often a plan's steps are run, if its strategy is `loop`. */
export type LoopConfig = ForEachLoop | WhileLoop

/** How many turns a loop may have that neither says so itself nor lists its items. */
const defaultMaxIterations = 100

/** How many turns a loop may have. */
export function maxIterationsOf(loop: LoopConfig): number {
  const { maxIterations } = loop
  if (maxIterations !== undefined) return maxIterations
  return loop.type === 'for_each' && typeof loop.items !== 'string'
    ? Math.max(1, loop.items.length)
    : defaultMaxIterations
}
