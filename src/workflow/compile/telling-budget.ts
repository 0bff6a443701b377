import type { SubOrchestrationRunnable } from '../../core/index.js'
import { isBudgetFailure, rootFailure } from './failures.js'

type Composite = SubOrchestrationRunnable<never, unknown>

/** The run inside a node fails as the node at its bottom has, if that was the end of the money (C25). */
export function tellingBudget<T extends Composite>(node: T): T {
  const start = node.startChild.bind(node)
  node.startChild = (...args) => {
    const run = start(...args)
    const result = run.result.catch((thrown: unknown) => {
      throw thrown instanceof Error && isBudgetFailure(thrown) ? rootFailure(thrown) : thrown
    })
    return Object.defineProperty(run, 'result', { value: result })
  }
  return node
}
