import type { BranchOutcome, EventOfType, OrchestrationEvent } from '../core/index.js'
import type { AgentTurn, RoutingAction } from './agent-turn.js'
import type { Delivery } from './delivery.js'
import type { OrchestraEventBase, OrchestraNotice } from './event-bus-events.js'
import { userName } from './node.js'
import { OrchestraBranch } from './orchestra-branch.js'
import { convergenceAt, stateNames } from './state-names.js'
import type { Topology } from './topology.js'

/** What the events of a run say about its branches. */
export class OrchestraBranches {
  readonly #agents: ReadonlySet<string>
  /** Where the answers to the user arrive. */
  readonly #answers: string
  readonly #branches = new Map<string, OrchestraBranch>()
  /** Where branches were opened, by those that were. */
  readonly #parents = new Map<string, string>()
  /** The agents for which branches came together, by the branch that went on. */
  readonly #convergences = new Map<string, string[]>()
  /** Branches that have gone on as others. */
  readonly #handedOver = new Set<string>()
  #cancelledTasks = 0

  constructor(topology: Topology) {
    this.#agents = new Set(topology.agents)
    this.#answers = stateNames.gather(topology.user?.name ?? userName)
  }

  /** In token order. */
  get list(): readonly OrchestraBranch[] {
    return [...this.#branches.values()].sort((a, b) => compareBranches(a.branch, b.branch))
  }

  get cancelledTasks(): number {
    return this.#cancelledTasks
  }

  /** Reads an event. Returns what is to be told of it, each with what all events of the run have. */
  add(event: OrchestrationEvent, base: OrchestraEventBase): readonly OrchestraNotice[] {
    switch (event.type) {
      case 'branch.created': {
        const parent = branchOf(event.parent)
        this.#parents.set(event.branch, parent)
        // Others go on with what an agent has said; where it only asks them, it waits for their answers.
        if (this.#branches.get(parent)?.isAt(event.parent)) this.#handedOver.add(parent)
        return []
      }
      case 'branch.completed':
        return this.#ended(this.#branches.get(event.branch), event.outcome, base, event.stateName)
      case 'join.fired':
        this.#handedOver.delete(branchOf(event.token))
        return this.#converged(event, base)
      case 'state.started':
        this.#handedOver.delete(branchOf(event.token))
        return this.#agents.has(event.stateName) ? this.#started(event, base) : []
      case 'state.completed':
      case 'state.failed':
      case 'state.skipped':
        return this.#agents.has(event.stateName) ? this.#stepEnded(event, base) : []
      default:
        return []
    }
  }

  #started(
    { stateName: agent, token, input, at }: EventOfType<'state.started'>,
    base: OrchestraEventBase,
  ): readonly OrchestraNotice[] {
    const notices: OrchestraNotice[] = []
    let branch = this.#branches.get(branchOf(token))
    if (branch === undefined) {
      const name = branchOf(token)
      branch = new OrchestraBranch(name, agent, this.#around(name), this.#convergencesIn(name))
      this.#branches.set(name, branch)
      const parent = branch.parent === undefined ? {} : { parent: branch.parent.id }
      notices.push({ name: 'BranchCreated', event: { ...base, branchId: branch.id, agent, ...parent } })
    }
    const step = branch.begin(token, agent, at)
    const event = { ...base, branchId: branch.id, agent, step }
    const { said } = input as Delivery
    notices.push({ name: 'StepStarted', event }, { name: 'AgentInvoked', event: { ...event, received: said } })
    return notices
  }

  #stepEnded(
    event: EventOfType<'state.completed'> | EventOfType<'state.failed'> | EventOfType<'state.skipped'>,
    base: OrchestraEventBase,
  ): readonly OrchestraNotice[] {
    const { token, at, stateName: agent } = event
    const branch = this.#branches.get(branchOf(token))
    if (event.type === 'state.skipped') this.#cancelledTasks++
    if (branch === undefined) return []
    const common = { ...base, branchId: branch.id, agent, step: branch.size }
    if (event.type === 'state.completed') {
      const { action, response, branch: memory } = event.output as AgentTurn
      const targets = targetsOf(action)
      const durationMs = branch.end(token, at, { action: action.type, targets, response, memory })
      return [{ name: 'StepCompleted', event: { ...common, action: action.type, targets, response, durationMs } }]
    }
    const failed = event.type === 'state.failed'
    const error = failed ? event.errorMessage : event.reason
    if (failed && event.error.code === 'NEVER_COMPLETES') branch.refuse(token)
    const durationMs = branch.end(token, at, { action: failed ? 'failed' : 'cancelled', error })
    return [{ name: 'StepFailed', event: { ...common, error, durationMs } }]
  }

  #converged(
    { stateName, token, branches }: EventOfType<'join.fired'>,
    base: OrchestraEventBase,
  ): readonly OrchestraNotice[] {
    const agent = convergenceAt(stateName)
    if (agent === undefined) return []
    this.#convergencesIn(branchOf(token)).push(agent)
    const ids = branches.flatMap(branch => this.#branches.get(branch)?.id ?? [])
    return [{ name: 'ConvergenceReached', event: { ...base, agent, branches: ids } }]
  }

  #ended(
    branch: OrchestraBranch | undefined,
    outcome: BranchOutcome,
    base: OrchestraEventBase,
    stateName = '',
  ): readonly OrchestraNotice[] {
    if (branch === undefined || branch.outcome !== undefined) return []
    const hasJoined = outcome === 'joined'
    branch.endedAtConvergence = hasJoined && convergenceAt(stateName) !== undefined
    branch.hasAnswered = hasJoined && stateName === this.#answers
    branch.outcome = branch.hasAnswered ? 'completed' : outcome
    const { id: branchId, agent } = branch
    return [{ name: 'BranchCompleted', event: { ...base, branchId, agent, outcome: branch.outcome } }]
  }

  /** The end of the run is that of every branch that nothing was told of. */
  settle(outcome: 'completed' | 'failed' | 'cancelled', base: OrchestraEventBase): readonly OrchestraNotice[] {
    return this.list.flatMap(branch =>
      this.#ended(branch, this.#handedOver.has(branch.branch) ? 'completed' : outcome, base),
    )
  }

  /** Branches may come together in one in which no agent has been at work yet. */
  #convergencesIn(branch: string): string[] {
    const convergences = this.#convergences.get(branch) ?? []
    this.#convergences.set(branch, convergences)
    return convergences
  }

  #around(branch: string): OrchestraBranch | undefined {
    const parent = this.#parents.get(branch)
    return parent === undefined ? undefined : (this.#branches.get(parent) ?? this.#around(parent))
  }
}

/** Who goes on after a decision. */
function targetsOf(action: RoutingAction): readonly string[] {
  if (action.type === 'invoke_agent') return [action.target]
  if (action.type === 'parallel_invoke') return action.targets.map(({ agent }) => agent)
  return action.type === 'end_conversation' ? action.then : [action.to]
}

/** The branch that a step belongs to. */
function branchOf(token: string): string {
  return token.slice(0, token.lastIndexOf(':'))
}

/** A branch before those that it opened, and those in the order in which they were declared. */
function compareBranches(a: string, b: string): number {
  const left = a.split(/[:.]/).map(Number)
  const right = b.split(/[:.]/).map(Number)
  for (const [index, number] of left.entries()) {
    const difference = number - (right[index] ?? -1)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
