import {
  type AnyRunnable,
  type DeclaredTarget,
  defineAdvancer,
  type NextRunnable,
  OrchestrationAdvancer,
  type RunContext,
} from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'
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
  class StageRouter extends OrchestrationAdvancer<S> {
    async getNextRunnable(state: S, context: RunContext): Promise<NextRunnable<S>> {
      const name = jumpOf(context) ?? (await byEdges(ways, state, context))
      return (name === undefined ? ways.end : ways.find(name)) as NextRunnable<S>
    }
  }
  defineAdvancer(StageRouter, { name: 'next stage', to: ways.to.map(declared) })
  return new StageRouter()
}

/** A fan-out to all members of a group. */
export function groupFanOut<S extends BaseGraphState>(members: readonly AnyRunnable[]): OrchestrationAdvancer<S> {
  class GroupFanOut extends OrchestrationAdvancer<S> {
    getNextRunnable(): NextRunnable<S> {
      return members as unknown as NextRunnable<S>
    }
  }
  defineAdvancer(GroupFanOut, { name: 'members', to: members.map(declared) })
  return new GroupFanOut()
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

// A thunk may give whatever a target can be; its type promises classes, which is what users have.
function declared(runnable: AnyRunnable): DeclaredTarget {
  return (() => runnable) as unknown as DeclaredTarget
}
