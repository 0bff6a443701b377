import { type Agent, AgentRegistry } from '../agents/index.js'
import {
  type AnyRunnable,
  type Interceptor,
  Orchestration,
  type OrchestrationBehaviour,
  type OrchestrationRunnable,
  sendTo,
} from '../core/index.js'
import { OptionError, OrchestrationError } from '../errors/index.js'
import { didYouMean, nearestNames } from '../errors/internal.js'
import { plannedAdvancer } from '../graph/internal.js'
import { rateLimit, timeout } from '../resilience/index.js'
import { AgentState } from './agent-state.js'
import type { NextStep } from './agent-turn.js'
import { OutcomeState, TaskState } from './boundary-states.js'
import { CallState, GatherState, SpreadState } from './call-states.js'
import { MeetState } from './meet-state.js'
import { type AgentPlan, RoutingPlan } from './routing-plan.js'
import type { Rule, RuleType } from './rules/rule.js'
import { stateNames } from './state-names.js'
import { StepLimit } from './step-limit.js'
import type { Topology } from './topology.js'
import { analyzeTopology } from './topology-analysis.js'

/** What a run of a topology begins with. Plain data. */
export interface TopologyTask {
  /** A text; anything else is given to the agents as JSON. */
  readonly task: unknown
  /** What every agent is told besides. It is part of prompts and of journals: no place for secrets. @default {} */
  readonly context?: Readonly<Record<string, unknown>>
}

/** An answer that has reached the user. */
export interface TopologyAnswer {
  readonly agent: string
  /** The branch whose memory it came from, as in {@link AgentTurn}. */
  readonly branch: string
  readonly response: unknown
  /** Whether branches had come together on its way. */
  readonly converged: boolean
}

/** What a run of a topology comes to. Plain data. */
export interface TopologyOutcome {
  /**
   * Of one answer its response. Of several, those that come from where branches came together count alone, if there are any; if several
   * are left, an object of their responses by the names of their agents, with a list for an agent that has several.
   */
  readonly response: unknown
  /** All of them, in declared order. */
  readonly answers: readonly TopologyAnswer[]
}

/** How a topology is compiled. */
export interface CompileTopologyOptions {
  /** Finds the agents of nodes that have none of their own. @default AgentRegistry.global */
  readonly registry?: AgentRegistry
  /** How many steps of agents a run may have, over all branches; a `max_steps` rule counts where it is lower. @default 100 */
  readonly maxSteps?: number
  /** What events and stores call the orchestration. @default 'Topology' */
  readonly name?: string
  /** `collect`: other branches go on when one fails, then the run fails with all failures. `failFast`: they are stopped. @default 'collect' */
  readonly failure?: 'failFast' | 'collect'
}

/**
 * Makes one orchestration of a topology: a state for each agent, named like it, and states between them that call and join. It runs like
 * any other; `configure()` gives it a store, a clock, interceptors.
 *
 * A run fails with `NEVER_COMPLETES` when its agents have had all their steps, with `RUN_TIMED_OUT` when a `timeout` rule's time is over.
 * @throws TOPOLOGY_INVALID, AGENT_UNKNOWN with every agent that is missing, OPTION_INVALID
 */
export function compileTopology(
  topology: Topology,
  options: CompileTopologyOptions = {},
): Orchestration<TopologyTask, TopologyOutcome> {
  const plan = new RoutingPlan(analyzeTopology(topology))
  const agents = agentsOf(topology, options.registry ?? AgentRegistry.global)
  return new TopologyOrchestration(plan, agents, topology.rules, options)
}

/** What {@link compileTopology} makes: an orchestration like any other. */
class TopologyOrchestration extends Orchestration<TopologyTask, TopologyOutcome> {
  readonly #states = new Map<string, AnyRunnable>()

  constructor(
    plan: RoutingPlan,
    agents: ReadonlyMap<string, Agent<unknown>>,
    rules: readonly Rule[],
    { maxSteps, name = 'Topology', failure = 'collect' }: CompileTopologyOptions,
  ) {
    super()
    const limit = new StepLimit(stepsAllowed(rules, maxSteps), [...plan.agents.keys()])
    const [first] = rulesOf(rules, 'maxAgents')
    const [time] = rulesOf(rules, 'timeout')
    const limits: OrchestrationBehaviour = {
      ...(first && { maxConcurrency: first.maxAgents }),
      ...(time && { timeoutMs: time.maxDuration * 1000 }),
    }
    // The steps of agents are what is bounded; of those in between there are a few for each.
    this.configure({ name, failure, maxSteps: Infinity, ...limits })
    const begin = this.#add(plan.user, new TaskState(plan))
    this.#addMeetings(plan, begin)
    for (const [agent, { calls }] of plan.agents) {
      const state = this.#add(agent, new AgentState(plan, agent, agents.get(agent) as Agent<unknown>))
      state.configure({ interceptors: [limit, ...policiesOf(agent, rules)] })
      if (calls) this.#addCalls(plan, agent)
    }
    const end = this.#add(stateNames.gather(plan.user), new OutcomeState(begin))
    this.#connect(plan)
    this.initialRunnable = begin
    for (const state of this.#states.values()) this.register(state)
    this.resultRunnable = end
  }

  #add<T extends AnyRunnable>(name: string, state: T): T {
    ;(state as unknown as OrchestrationRunnable<unknown, unknown>).configure({ name })
    this.#states.set(name, state)
    return state
  }

  /** Before all other joins: where branches wait for each other at several, those inside a call go on first. */
  #addMeetings(plan: RoutingPlan, begin: TaskState): void {
    const meetings = [...plan.convergences].flatMap(([agent, sources]) => {
      const policy = plan.meetsFirst(agent) ? ('any' as const) : ('all' as const)
      return callersAt(plan, sources).map(caller => ({ agent, caller, policy }))
    })
    for (const { caller } of meetings) {
      if (caller !== plan.user && !this.#states.has(stateNames.spread(caller)))
        this.#add(stateNames.spread(caller), new SpreadState())
    }
    for (const { agent, caller, policy } of meetings) {
      const inCall = caller !== plan.user
      const forkedBy = inCall ? this.#state<SpreadState>(stateNames.spread(caller)) : begin
      this.#add(stateNames.meet(agent, caller), new MeetState({ agent, caller, forkedBy, inCall, policy }))
    }
  }

  #addCalls(plan: RoutingPlan, agent: string): void {
    const call = this.#add(stateNames.call(agent), new CallState(plan, this.#states.has(stateNames.spread(agent))))
    this.#add(stateNames.gather(agent), new GatherState(call, 'all'))
    if (plan.agent(agent).links.length > 1) this.#add(stateNames.first(agent), new GatherState(call, 'any'))
  }

  /** Tells of each state where it may lead, which is what joins go by. */
  #connect(plan: RoutingPlan): void {
    const into = (agent: string, from: string, callers: Iterable<string>): readonly string[] =>
      plan.meets(agent, from) ? [...callers].map(caller => stateNames.meet(agent, caller)) : [agent]
    this.#route(
      plan.user,
      plan.entries.flatMap(entry => into(entry, plan.user, [plan.user])),
    )
    for (const agent of plan.agents.values()) {
      const { name, calls, links, callers } = agent
      const onward = links.filter(({ kind }) => kind === 'handover' || kind === 'dialogue')
      this.#route(name, [
        ...onward.flatMap(({ to }) => into(to, name, callers)),
        ...(calls ? [stateNames.call(name)] : []),
        ...this.#waiting(agent),
      ])
      if (!calls) continue
      const asked = links.map(({ to }) => to)
      this.#route(stateNames.call(name), this.#states.has(stateNames.spread(name)) ? [stateNames.spread(name)] : asked)
      this.#route(stateNames.gather(name), [name, stateNames.call(name)])
      this.#route(stateNames.first(name), [name, stateNames.call(name)])
    }
    for (const [agent, sources] of plan.convergences) {
      for (const caller of callersAt(plan, sources)) {
        const inCall = caller !== plan.user
        this.#route(stateNames.meet(agent, caller), [inCall ? stateNames.spread(caller) : agent])
        if (!inCall) continue
        const asked = plan.agent(caller).links.map(({ to }) => to)
        const met = [...plan.convergences.keys()].filter(each => this.#states.has(stateNames.meet(each, caller)))
        this.#route(stateNames.spread(caller), [...new Set([...asked, ...met])])
      }
    }
  }

  /** Where those wait who may be told what an agent comes to. */
  #waiting({ callers }: AgentPlan): readonly string[] {
    return [...callers].flatMap(caller => [stateNames.gather(caller), stateNames.first(caller)])
  }

  #route(from: string, to: readonly string[]): void {
    const state = this.#states.get(from) as OrchestrationRunnable<unknown, unknown> | undefined
    const sends = to.flatMap(name => this.#states.get(name) ?? [])
    state?.setAdvancer(
      plannedAdvancer<unknown>('routing', { sends }, output => {
        const { fork, sends: next } = nextOf(output)
        const targets = next.map(({ state: name, value }) => sendTo<unknown>(name, value))
        const [only] = targets
        return fork ? targets : (only ?? null)
      }),
    )
  }

  #state<T extends AnyRunnable>(name: string): T {
    return this.#states.get(name) as T
  }
}

/** Where an output leads: that of an agent says so among other things, that of a state between them says nothing else. */
function nextOf(output: unknown): NextStep {
  return (output as { readonly next?: NextStep }).next ?? (output as NextStep)
}

/** Who may wait for what is sent to a place where branches come together. */
function callersAt(plan: RoutingPlan, sources: ReadonlySet<string>): readonly string[] {
  const callers = [...sources].flatMap(source =>
    source === plan.user ? [plan.user] : [...(plan.agents.get(source)?.callers ?? [])],
  )
  return [...new Set(callers)]
}

/** @throws AGENT_UNKNOWN with all that are missing */
function agentsOf(topology: Topology, registry: AgentRegistry): ReadonlyMap<string, Agent<unknown>> {
  const nodes = topology.nodes.filter(({ type }) => type !== 'user')
  const missing = nodes.filter(({ name, agent }) => agent === undefined && !registry.has(name)).map(({ name }) => name)
  if (missing.length > 0) {
    const known = registry.list()
    const hints = missing.map(name => `"${name}": ${didYouMean(name, known, 'None is registered.')}`)
    throw new OrchestrationError(
      `No agent is registered for ${missing.length === 1 ? 'a node' : `${missing.length} nodes`} of the topology. ${hints.join(' ')} ` +
        'Register them, or use the agents themselves as nodes.',
      {
        code: 'AGENT_UNKNOWN',
        details: {
          agents: missing,
          nearest: Object.fromEntries(missing.map(name => [name, nearestNames(name, known)])),
        },
      },
    )
  }
  return new Map(nodes.map(({ name, agent }) => [name, agent ?? registry.get(name)]))
}

function rulesOf<T extends RuleType>(rules: readonly Rule[], type: T): readonly Extract<Rule, { type: T }>[] {
  return rules.filter((rule): rule is Extract<Rule, { type: T }> => rule.type === type)
}

/** @throws OPTION_INVALID */
function stepsAllowed(rules: readonly Rule[], maxSteps: number | undefined): number {
  if (maxSteps !== undefined && !(maxSteps >= 1 && (Number.isInteger(maxSteps) || maxSteps === Infinity))) {
    throw new OptionError('maxSteps', 'a whole number of at least 1', maxSteps)
  }
  const limits = rulesOf(rules, 'maxSteps').map(rule => rule.maxSteps)
  return limits.length === 0 ? (maxSteps ?? 100) : Math.min(maxSteps ?? Infinity, ...limits)
}

/** What rules put around the steps of one agent. */
function policiesOf(agent: string, rules: readonly Rule[]): readonly Interceptor[] {
  const limits = rulesOf(rules, 'rateLimit').filter(rule => rule.agent === agent)
  const [seconds] = rulesOf(rules, 'agentTimeout').flatMap(rule => {
    // Not what every object has: agents may be called `constructor`.
    return (Object.hasOwn(rule.timeouts, agent) ? rule.timeouts[agent] : rule.default) ?? []
  })
  return [
    ...limits.map(({ limit, interval }) => {
      return rateLimit({ limit, intervalMs: interval * 1000, key: `${agent} ${limit}/${interval}s` })
    }),
    ...(seconds === undefined ? [] : [timeout({ timeoutMs: seconds * 1000 })]),
  ]
}
