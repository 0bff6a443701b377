import type { AdvanceCondition, AnyRunnable, OrchestrationAdvancer, RunContext, RunnableRef } from '../core/index.js'
import { OptionError, OrchestrationError } from '../errors/index.js'
import { plannedAdvancer } from './planned-advancer.js'

/** The states of a loop, and when it is over. */
export interface LoopPlan<TOut> {
  readonly until: AdvanceCondition<TOut>
  readonly back: AnyRunnable
  readonly next: AnyRunnable
  readonly maxRounds: number
  /** Where to go when all rounds are used up; the run fails if there is none. */
  readonly exhausted: AnyRunnable | undefined
}

/** Leads back until a condition holds, at most so many times in a row. */
export function loopAdvancer<TOut>(plan: LoopPlan<TOut>): OrchestrationAdvancer<TOut> {
  const { until, back, next, maxRounds, exhausted } = plan
  if (!Number.isInteger(maxRounds) || maxRounds < 1) {
    throw new OptionError('maxRounds', 'a whole number of at least 1', maxRounds)
  }
  const targets = exhausted === undefined ? [next, back] : [next, back, exhausted]
  return plannedAdvancer<TOut>('loop', { to: targets }, async (output, context) => {
    const key = roundsKey(context)
    const rounds = (context.properties.get<number>(key) ?? 0) + 1
    const done = await until(output, context)
    if (!done && rounds < maxRounds) {
      context.properties.set(key, rounds)
      return back as RunnableRef<TOut>
    }
    if (!done && exhausted === undefined) throw neverDone(context.stateName, maxRounds)
    // The next time the run comes here the loop starts anew.
    context.properties.delete(key)
    return (done ? next : exhausted) as RunnableRef<TOut>
  })
}

/** A branch counts by itself: the same loop may be under way in several branches at once. */
function roundsKey({ stateName, token }: RunContext): string {
  return `loop:${stateName}:${token.slice(0, token.lastIndexOf(':'))}`
}

function neverDone(stateName: string, maxRounds: number): OrchestrationError {
  return new OrchestrationError(
    `The loop of state "${stateName}" is not done after ${maxRounds} rounds. Raise maxRounds, check its condition, or say with ` +
      '`exhausted` where to go then.',
    { code: 'NEVER_COMPLETES', details: { stateName, maxRounds } },
  )
}
