/** Plain data that an expression reads, by name. */
export type ExpressionValues = Readonly<Record<string, unknown>>

/** What an expression has come to. */
export interface Evaluated<T> {
  readonly value: T
  /** The path that was read and not there, for example `results.search.count`. Only then is `value` not computed from all of the text. */
  readonly missing?: string
}

/**
 * A reference that an expression makes to its values: `['results', 'search', 'count']` for `results.search.count` and for
 * `results['search']['count']`. It ends at the first segment that is only known at run time. Whole numbers are indexes.
 */
export type ExpressionPath = readonly [string, ...(string | number)[]]

/** An expression that has been read and found safe. It keeps nothing between evaluations. */
export interface Expression {
  /** As it was written. */
  readonly text: string
  /** What it reads, each path once, in the order of the text; loop variables of `exists()`, `map()` and the like are not among them. */
  readonly paths: readonly ExpressionPath[]
  /**
   * Reads plain data by its own keys only. Numbers come out as numbers. If a path is missing, `value` is `undefined` and `missing` says
   * which.
   * @throws CONDITION_FAILED where the values have the wrong type for an operation
   */
  evaluate(values: ExpressionValues): Evaluated<unknown>
}

/** An expression that decides. */
export interface Condition extends Omit<Expression, 'evaluate'> {
  /**
   * `true` and `false` are what they are; `null` is `false`; a missing path is `false` with `missing` set.
   * @throws CONDITION_FAILED if it comes to anything else, such as a text or a number, or where types do not fit an operation
   */
  evaluate(values: ExpressionValues): Evaluated<boolean>
}
