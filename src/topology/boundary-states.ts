import { type JoinOptions, JoinRunnable, OrchestrationRunnable, type RunContext } from '../core/index.js'
import type { NextStep } from './agent-turn.js'
import { placeInside } from './branch-ids.js'
import type { TopologyAnswer, TopologyOutcome, TopologyTask } from './compile-topology.js'
import type { Delivery } from './delivery.js'
import type { RoutingPlan } from './routing-plan.js'
import { contextProperty, taskProperty } from './run-surroundings.js'
import { stateNames } from './state-names.js'

/** Where a run begins: the task goes to every entry, to each in a branch of its own. */
export class TaskState extends OrchestrationRunnable<TopologyTask, NextStep> {
  readonly #plan: RoutingPlan

  constructor(plan: RoutingPlan) {
    super()
    this.#plan = plan
  }

  invoke({ task, context = {} }: TopologyTask, { properties, token }: RunContext): NextStep {
    const { user, entries } = this.#plan
    properties.set(taskProperty, task)
    properties.set(contextProperty, context)
    const sends = entries.map((agent, index) => {
      const meets = this.#plan.meets(agent, user)
      const value: Delivery = {
        kind: meets ? 'handover' : 'task',
        said: [{ from: user, content: task }],
        explicit: false,
        ...placeInside({ branch: '0', forks: 0 }, index, token),
        frames: [],
        turns: {},
      }
      return { state: meets ? stateNames.meet(agent, user) : agent, value }
    })
    return { fork: true, sends }
  }
}

/** Where a run ends: every answer to the user, once nobody is under way any more. */
export class OutcomeState extends JoinRunnable<Delivery, TopologyOutcome> {
  readonly #begin: TaskState

  constructor(begin: TaskState) {
    super()
    this.#begin = begin
  }

  override get joinOptions(): JoinOptions {
    return { forkedBy: this.#begin }
  }

  join(items: readonly Delivery[]): TopologyOutcome {
    const answers = items.flatMap(({ said, branch, converged = false }) =>
      said.map(({ from, content }): TopologyAnswer => ({ agent: from, branch, response: content, converged })),
    )
    return { response: responseOf(answers), answers }
  }
}

/** S1-46: what came together counts before what ended alone. */
function responseOf(answers: readonly TopologyAnswer[]): unknown {
  const converged = answers.filter(answer => answer.converged)
  const counted = converged.length > 0 ? converged : answers
  if (counted.length === 1) return counted[0]?.response
  const byAgent = new Map<string, unknown[]>()
  for (const { agent, response } of counted) byAgent.set(agent, [...(byAgent.get(agent) ?? []), response])
  return Object.fromEntries([...byAgent].map(([agent, all]) => [agent, all.length === 1 ? all[0] : all]))
}
