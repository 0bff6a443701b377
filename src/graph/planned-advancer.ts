import {
  type AnyRunnable,
  type DeclaredTarget,
  defineAdvancer,
  type NextRunnable,
  OrchestrationAdvancer,
  type RunContext,
} from '../core/index.js'

/** Where a planned transition may lead. */
interface PlannedTargets {
  /** States that get the output. */
  readonly to?: readonly AnyRunnable[]
  /** States that get a value of their own. */
  readonly sends?: readonly AnyRunnable[]
}

type Planned<TOut> = (output: TOut, context: RunContext) => NextRunnable<TOut> | Promise<NextRunnable<TOut>>

/**
 * An advancer that always applies and decides with `next`, one of the declared targets, several of them, or `null`.
 * What an advancer declares belongs to its class, so each gets a class of its own.
 */
export function plannedAdvancer<TOut>(
  name: string,
  { to = [], sends = [] }: PlannedTargets,
  next: Planned<TOut>,
): OrchestrationAdvancer<TOut> {
  class PlannedAdvancer extends OrchestrationAdvancer<TOut> {
    getNextRunnable(output: TOut, context: RunContext): NextRunnable<TOut> | Promise<NextRunnable<TOut>> {
      return next(output, context)
    }
  }
  defineAdvancer(PlannedAdvancer, { name, to: to.map(declared), sends: sends.map(declared) })
  return new PlannedAdvancer()
}

// A thunk may give whatever a target can be; its type promises classes, which is what users have.
function declared(runnable: AnyRunnable): DeclaredTarget {
  return (() => runnable) as unknown as DeclaredTarget
}
