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
import { checkOptionNames, didYouMean, nearestNames, type OptionNames } from '../errors/internal.js'
import { plannedAdvancer } from '../graph/internal.js'
import { rateLimit, timeout } from '../resilience/index.js'
import { AgentState } from './agent-state.js'
import type { NextStep } from './agent-turn.js'
import { OutcomeState, TaskState } from './boundary-states.js'
import { CallState, GatherState, SpreadState } from './call-states.js'
import { ensureTopology, type TopologyInput } from './ensure-topology.js'
import { MeetState } from './meet-state.js'
import { userName } from './node.js'
import { RoutingPlan } from './routing-plan.js'
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

const optionNames: OptionNames<CompileTopologyOptions> = { registry: true, maxSteps: true, name: true, failure: true }

/**
 * Makes one orchestration of a topology: a state for each agent, named like it, and states between them that call and join. It runs like
 * any other; `configure()` gives it a store, a clock, interceptors.
 *
 * A run fails with `NEVER_COMPLETES` when its agents have had all their steps, with `RUN_TIMED_OUT` when a `timeout` rule's time is over.
 * @throws TypeError for what is no topology; TOPOLOGY_INVALID, AGENT_UNKNOWN with every agent that is missing, OPTION_INVALID
 */
export function compileTopology(
  input: TopologyInput,
  options: CompileTopologyOptions = {},
): Orchestration<TopologyTask, TopologyOutcome> {
  checkOptionNames('compileTopology()', options, optionNames)
  const topology = ensureTopology(input)
  const plan = new RoutingPlan(analyzeTopology(topology))
  const agents = agentsOf(topology, options.registry ?? AgentRegistry.global)
  return new TopologyOrchestration(plan, agents, topology.rules, options)
}

/** What {@link compileTopology} makes: an orchestration like any other. */
class TopologyOrchestration extends Orchestration<TopologyTask, TopologyOutcome> {
  readonly #states = new Map<string, AnyRunnable>()
  /** Where branches come together: for which agent, and for whom it works then. */
  readonly #meetings = new Map<string, Map<string, MeetState>>()

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
      const state = new MeetState({ agent, caller, forkedBy, inCall, policy })
      const ofAgent = this.#meetings.get(agent) ?? new Map<string, MeetState>()
      this.#meetings.set(agent, ofAgent.set(caller, this.#add(stateNames.meet(agent, caller), state)))
    }
  }

  #addCalls(plan: RoutingPlan, agent: string): void {
    const call = this.#add(stateNames.call(agent), new CallState(plan, this.#states.has(stateNames.spread(agent))))
    this.#add(stateNames.gather(agent), new GatherState(call, 'all'))
    if (plan.agent(agent).links.length > 1) this.#add(stateNames.first(agent), new GatherState(call, 'any'))
  }

  /** Tells of each state where it may lead, which is what joins go by. */
  #connect(plan: RoutingPlan): void {
    const into = (agent: string, from: string, callers: Iterable<string>): readonly AnyRunnable[] => {
      if (!plan.meets(agent, from)) return this.#named(agent)
      const meetings = this.#meetings.get(agent)
      return [...callers].flatMap(caller => meetings?.get(caller) ?? [])
    }
    this.#route(
      plan.user,
      plan.entries.flatMap(entry => into(entry, plan.user, [plan.user])),
    )
    for (const { name, calls, links, callers } of plan.agents.values()) {
      const onward = links.filter(({ kind }) => kind === 'handover' || kind === 'dialogue')
      // Where those wait who may be told what the agent comes to.
      const waiting = [...callers].flatMap(caller => this.#named(stateNames.gather(caller), stateNames.first(caller)))
      const call = this.#named(...(calls ? [stateNames.call(name)] : []))
      this.#route(name, [...onward.flatMap(({ to }) => into(to, name, callers)), ...call, ...waiting])
      if (!calls) continue
      const asked = this.#named(...links.map(({ to }) => to))
      const spread = this.#named(stateNames.spread(name))
      this.#route(stateNames.call(name), spread.length > 0 ? spread : asked)
      this.#route(stateNames.gather(name), [...this.#named(name), ...call])
      this.#route(stateNames.first(name), [...this.#named(name), ...call])
      if (spread.length === 0) continue
      const met = [...this.#meetings].flatMap(([agent, meetings]) => (meetings.has(name) ? this.#named(agent) : []))
      this.#route(stateNames.spread(name), [...new Set([...asked, ...met])])
    }
    for (const [agent, meetings] of this.#meetings) {
      for (const caller of meetings.keys()) {
        const next = caller === plan.user ? agent : stateNames.spread(caller)
        this.#route(stateNames.meet(agent, caller), this.#named(next))
      }
    }
  }

  /** Those of the states that there are. */
  #named(...names: readonly string[]): readonly AnyRunnable[] {
    return names.flatMap(name => this.#states.get(name) ?? [])
  }

  #route(from: string, sends: readonly AnyRunnable[]): void {
    const state = this.#states.get(from) as OrchestrationRunnable<unknown, unknown> | undefined
    const known = new Set(sends)
    state?.setAdvancer(
      plannedAdvancer<unknown>('routing', { sends }, output => {
        const { fork, sends: next } = nextOf(output)
        for (const { state: to } of next) if (!known.has(this.#states.get(to) as AnyRunnable)) throw noWay(from, to)
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

/** Where somebody is to be told something who could not be in this topology: what leads there was sent under another one. */
function noWay(from: string, to: string): OrchestrationError {
  return new OrchestrationError(
    `"${from}" has something for "${to}", and does not lead there in this topology: it was at work for somebody else when the run went ` +
      'on with another topology. Go back to a checkpoint, and resume with a topology in which those who are at work answer to the same agents.',
    { code: 'DEFINITION_CHANGED', details: { from, to } },
  )
}

/** Where an output leads: that of an agent says so among other things, that of a state between them says nothing else. */
function nextOf(output: unknown): NextStep {
  return (output as { readonly next?: NextStep }).next ?? (output as NextStep)
}

/** Who may wait for what is sent to a place where branches come together. */
function callersAt(plan: RoutingPlan, sources: ReadonlySet<string>): readonly string[] {
  const callers = new Set<string>()
  for (const source of sources) {
    if (source === plan.user) callers.add(source)
    for (const caller of plan.agents.get(source)?.callers ?? []) callers.add(caller)
  }
  return [...callers]
}

/** @throws AGENT_UNKNOWN with all that are missing */
function agentsOf(topology: Topology, registry: AgentRegistry): ReadonlyMap<string, Agent<unknown>> {
  const nodes = topology.nodes.filter(({ type }) => type !== 'user')
  const missing = nodes.filter(({ name, agent }) => agent === undefined && !registry.has(name)).map(({ name }) => name)
  if (missing.length > 0) {
    const registered = registry.list()
    // Where there is no boundary, a node may be meant to be it.
    const knownTo = (name: string): readonly string[] =>
      topology.user === undefined && nearestNames(name, [userName]).length > 0 ? [...registered, userName] : registered
    const hints = missing.map(name => `"${name}": ${didYouMean(name, knownTo(name), 'None is registered.')}`)
    throw new OrchestrationError(
      `No agent is registered for ${missing.length === 1 ? 'a node' : `${missing.length} nodes`} of the topology. ${hints.join(' ')} ` +
        'Register them, or use the agents themselves as nodes.',
      {
        code: 'AGENT_UNKNOWN',
        details: {
          agents: missing,
          nearest: Object.fromEntries(missing.map(name => [name, nearestNames(name, knownTo(name))])),
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
