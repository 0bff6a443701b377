export type {
  Condition,
  Evaluated,
  Expression,
  ExpressionPath,
  ExpressionValues,
} from './expressions/condition.js'
export { ExpressionError } from './expressions/expression-error.js'
export { parseCondition, parseExpression } from './expressions/parse.js'
export type {
  ConcurrentLoopOptions,
  LoopCondition,
  LoopError,
  LoopItems,
  LoopOutcome,
  LoopRunnableOptions,
  LoopState,
  SequentialLoopOptions,
} from './loop/loop-options.js'
export { LoopRunnable } from './loop/loop-runnable.js'
export { plannedAdvancer } from './planned-advancer.js'
