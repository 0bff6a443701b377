import { OrchestrationFailedError } from '../../core/index.js'
import { OrchestrationError } from '../../errors/index.js'
import { RetryError } from '../../resilience/index.js'
import { NodeFailure } from './node-failure.js'

/** The failure at the bottom: not that of the run inside that ended by it, nor that of the retry that gave up. */
export function rootFailure(error: Error): Error {
  let at = error
  while (isWrapped(at) && at.cause instanceof Error) at = at.cause
  return at
}

function isWrapped(error: Error): boolean {
  return error instanceof OrchestrationFailedError || error instanceof RetryError || error instanceof NodeFailure
}

/** Whether it is the end of the money, which nothing in a workflow takes up. */
export function isBudgetFailure(error: Error): boolean {
  const root = rootFailure(error)
  return OrchestrationError.isInstance(root) && (root.code === 'BUDGET_EXCEEDED' || root.code === 'PRICE_UNKNOWN')
}
