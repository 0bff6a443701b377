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
    const [key, ...outer] = roundsKeys(context)
    const rounds = countOf(context, [key, ...outer]) + 1
    const done = await until(output, context)
    if (!done && rounds < maxRounds) {
      context.properties.set(key, rounds)
      return back as RunnableRef<TOut>
    }
    if (!done && exhausted === undefined) throw neverDone(context.stateName, maxRounds)
    // The next time the run comes here the loop starts anew.
    context.properties.delete(key)
    if (countOf(context, outer) > 0) context.properties.set(key, 0)
    return (done ? next : exhausted) as RunnableRef<TOut>
  })
}

/**
 * A branch counts by itself: the same loop may be under way in several branches at once. It goes on from the count of the branch it
 * comes from, or a fan-out inside of a loop would begin anew each time. The branch's own key is first, then those around it.
 */
function roundsKeys({ stateName, token }: RunContext): [string, ...string[]] {
  const key = (end: number): string => `loop:${stateName}:${token.slice(0, end)}`
  let end = token.lastIndexOf(':')
  const keys: [string, ...string[]] = [key(end)]
  while ((end = token.lastIndexOf(':', end - 1)) > 0) keys.push(key(end))
  return keys
}

function countOf({ properties }: RunContext, keys: readonly string[]): number {
  const nearest = keys.find(key => properties.has(key))
  return nearest === undefined ? 0 : (properties.get<number>(nearest) ?? 0)
}

function neverDone(stateName: string, maxRounds: number): OrchestrationError {
  return new OrchestrationError(
    `The loop of state "${stateName}" is not done after ${maxRounds} round${maxRounds === 1 ? '' : 's'}. Raise maxRounds, check its condition, or say with ` +
      '`exhausted` (of a pattern: `onExhausted`) where to go then.',
    { code: 'NEVER_COMPLETES', details: { stateName, maxRounds } },
  )
}
