import { type JoinOptions, JoinRunnable, OrchestrationRunnable, type RunContext } from '../core/index.js'
import type { CallOrder, NextStep, SpreadOrder } from './agent-turn.js'
import { branchOf, placeInside } from './branch-ids.js'
import type { Delivery, Frame, TurnCounts } from './delivery.js'
import { type RoutingPlan, turnsAfter } from './routing-plan.js'
import { stateNames } from './state-names.js'

/** Where an agent asks others: each begins a branch of its own. A fan-out made here is what the gathers of the agent close. */
export class CallState extends OrchestrationRunnable<CallOrder, NextStep> {
  readonly #plan: RoutingPlan
  readonly #spreads: boolean

  /** `spreads` if branches may come together before their answers return. */
  constructor(plan: RoutingPlan, spreads: boolean) {
    super()
    this.#plan = plan
    this.#spreads = spreads
  }

  invoke({ frame, above, asked }: CallOrder, { token }: RunContext): NextStep {
    const { agent: from, turns } = frame
    const { links } = this.#plan.agent(from)
    const sends = asked.map(({ agent, content, explicit }, index) => {
      const link = links.find(({ to }) => to === agent)
      const value: Delivery = {
        kind: 'call',
        said: [{ from, content }],
        explicit,
        ...placeInside(frame, index, token),
        frames: [...above, frame],
        turns: turnsAfter(from, link, turns),
      }
      return { state: agent, value }
    })
    if (!this.#spreads) return { fork: true, sends }
    const order: SpreadOrder = { sends }
    return { fork: true, sends: [{ state: stateNames.spread(from), value: order }] }
  }
}

/**
 * Where the branches of a call begin that may come together again inside it: they leave the fan-out made here when they do, and stay
 * inside that of the call, whose gather waits for them.
 */
export class SpreadState extends OrchestrationRunnable<SpreadOrder, NextStep> {
  invoke({ sends }: SpreadOrder, { token }: RunContext): NextStep {
    return {
      fork: true,
      sends: sends.map(({ state, value }, index) => ({ state, value: { ...value, at: `${token}.${index}` } })),
    }
  }
}

/** Where an agent waits for those it has asked. It goes on with their answers, or asks the next ones first. */
export class GatherState extends JoinRunnable<Delivery, NextStep> {
  readonly #options: JoinOptions

  constructor(call: CallState, policy: 'all' | 'any') {
    super()
    this.#options = { policy, forkedBy: call }
  }

  override get joinOptions(): JoinOptions {
    return this.#options
  }

  join(answers: readonly Delivery[], { token }: RunContext): NextStep {
    const frames = answers[0]?.frames ?? []
    const above = frames.slice(0, -1)
    const { agent, later, ...waiting } = frames.at(-1) as Frame
    const { branch, asked, partner, converged } = waiting
    const forks = waiting.forks + 1
    const turns = turnsTaken(waiting.turns, answers)
    const results = [...waiting.results, ...answers.flatMap(({ said }) => said)]
    const [next, ...rest] = later
    if (next !== undefined) {
      const frame: Frame = { agent, ...waiting, forks, wait: next.wait, turns, later: rest, results }
      const order: CallOrder = { frame, above, asked: next.asked }
      return { fork: false, sends: [{ state: stateNames.call(agent), value: order }] }
    }
    const delivery: Delivery = {
      kind: 'results',
      said: results,
      explicit: false,
      branch,
      forks,
      at: branchOf(token),
      frames: above,
      turns,
      asked,
      ...(partner !== undefined && { partner }),
      ...(converged && { converged }),
    }
    return { fork: false, sends: [{ state: agent, value: delivery }] }
  }
}

/** The turns of before and those that each of several branches has taken since. */
function turnsTaken(before: TurnCounts, branches: readonly Delivery[]): TurnCounts {
  const sum: Record<string, number> = { ...before }
  for (const { turns } of branches) {
    for (const [pair, count] of Object.entries(turns)) sum[pair] = (sum[pair] ?? 0) + count - (before[pair] ?? 0)
  }
  return sum
}
