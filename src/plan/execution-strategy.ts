/** How a plan's steps follow each other (S3-04). A value of it is what a plan's JSON says. */
export const ExecutionStrategy = {
  /** One after the other, in the order in which the plan lists them. */
  Sequential: 'sequential',
  /** Level by level: whatever does not depend on each other side by side. */
  Parallel: 'parallel',
  /** In the order of the dependencies; a step whose condition does not hold is left out, its result is `null`. */
  Conditional: 'conditional',
  /** All steps in the plan's order, once for each item or as long as a condition holds. */
  Loop: 'loop',
} as const

/** One of the values of {@link ExecutionStrategy}; a plan may spell it as text. */
export type ExecutionStrategy = (typeof ExecutionStrategy)[keyof typeof ExecutionStrategy]

/** The strategies there are, in the order of their declaration. */
export const executionStrategies: readonly ExecutionStrategy[] = Object.values(ExecutionStrategy)
