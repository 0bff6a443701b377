import type { AnyRunnable, NextRunnable, OrchestrationAdvancer, RunContext } from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'
import { plannedAdvancer } from '../graph/internal.js'
import type { BaseGraphState } from './base-graph-state.js'
import { jumpOf } from './stage-notes.js'
import type { ConditionalEdgePlan } from './stage-plan.js'
import type { StateCopies } from './state-copies.js'

/** How a run goes on from a stage. */
export interface StageWays<S extends BaseGraphState> {
  readonly stage: string
  readonly conditionalEdges: readonly ConditionalEdgePlan<S>[]
  /** Where the plain edge leads, if there is one. */
  readonly plain: string | undefined
  readonly end: AnyRunnable
  /** The state for a name. */
  readonly find: (name: string) => AnyRunnable
  /** All states that may be next. */
  readonly to: readonly AnyRunnable[]
  readonly copies: StateCopies<S>
}

/** What the stage has returned, else the conditional edges, else the plain edge, else the end. */
export function stageRouter<S extends BaseGraphState>(ways: StageWays<S>): OrchestrationAdvancer<S> {
  return plannedAdvancer<S>('next stage', { to: ways.to }, async (state, context) => {
    const name = jumpOf(context) ?? (await byEdges(ways, state, context))
    return (name === undefined ? ways.end : ways.find(name)) as NextRunnable<S>
  })
}

/** A fan-out to all members of a group. */
export function groupFanOut<S extends BaseGraphState>(members: readonly AnyRunnable[]): OrchestrationAdvancer<S> {
  return plannedAdvancer<S>('members', { to: members }, () => members as unknown as NextRunnable<S>)
}

async function byEdges<S extends BaseGraphState>(
  { stage, conditionalEdges, plain, copies }: StageWays<S>,
  state: S,
  context: RunContext,
): Promise<string | undefined> {
  const missed: string[] = []
  for (const { condition, targets } of conditionalEdges) {
    const key = String(await condition(copies.copy(state), context))
    if (Object.hasOwn(targets, key)) return targets[key]
    missed.push(`"${key}", which is not one of its keys: ${Object.keys(targets).join(', ')}`)
  }
  if (plain !== undefined || missed.length === 0) return plain
  throw new OrchestrationError(
    `The conditional edge of "${stage}" came to ${missed.join('; the next one to ')}. ` +
      `Name a stage for it, or add a plain edge for all other keys: addEdge('${stage}', …).`,
    { code: 'UNABLE_TO_ADVANCE', details: { stageName: stage } },
  )
}
