import {
  type AnyRunnable,
  type DeclaredTarget,
  defineAdvancer,
  type NextRunnable,
  OrchestrationAdvancer,
  type RunContext,
} from '../../core/index.js'

/**
 * An advancer that always applies, and decides with `next` where to go on: targets out of `sends`, each with a value of its own, or
 * `null` to end the branch. What an advancer declares belongs to its class, so each gets one of its own.
 */
export function leadTo<TOut>(
  name: string,
  sends: readonly AnyRunnable[],
  next: (output: TOut, context: RunContext) => NextRunnable<TOut>,
): OrchestrationAdvancer<TOut> {
  class WorkflowAdvancer extends OrchestrationAdvancer<TOut> {
    getNextRunnable(output: TOut, context: RunContext): NextRunnable<TOut> {
      return next(output, context)
    }
  }
  // A thunk may give whatever a target can be; its type promises classes, which is what users have.
  const declared = sends.map(runnable => (() => runnable) as unknown as DeclaredTarget)
  defineAdvancer(WorkflowAdvancer, { name, to: [], sends: declared })
  return new WorkflowAdvancer()
}
