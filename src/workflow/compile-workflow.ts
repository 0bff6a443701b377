import type { Interceptor, Orchestration } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { didYouMean } from '../errors/internal.js'
import { CircuitBreaker, circuitBreaker, circuitBreakerOptionsFrom } from '../resilience/index.js'
import { type AgentAsked, askAgent } from './agents/ask-agent.js'
import { endpointAgent } from './agents/endpoint-agent.js'
import { findAgent, knownAgents } from './agents/find-agent.js'
import { NodeCompiler } from './compile/node-compiler.js'
import { RunEnds } from './compile/run-ends.js'
import { WorkflowBudget } from './compile/workflow-budget.js'
import { WorkflowOrchestration } from './compile/workflow-orchestration.js'
import type { AgentCallPlan, GraphPlan, SubworkflowPlan } from './definition/node-plan.js'
import { checkedBudget } from './max-budget.js'
import { planOf, Workflow } from './workflow.js'
import type { WorkflowEnvironment } from './workflow-environment.js'
import { WorkflowError, type WorkflowFault } from './workflow-error.js'
import { workflowLimits } from './workflow-limits.js'

/** What a workflow is started with: any JSON; `{{input…}}` reads it. */
export type WorkflowInput = unknown

/** What a workflow comes to: the outputs of the nodes that completed by id, and under `output` that of the last one. */
export interface WorkflowOutput {
  /** Of the node after which nothing ran; where there are several, an object of theirs by id. */
  readonly output: unknown
  readonly [nodeId: string]: unknown
}

/**
 * Makes an orchestration of a workflow: its states are called by the ids of the nodes, layer after layer (S2-14). Like any other it is run,
 * watched, paused, stored and resumed; one that is compiled of the same definition again takes its runs up.
 *
 * ```ts
 * const pipeline = compileWorkflow(parseWorkflow(json), { agents: { 'web-search': search } })
 * const { output } = await pipeline.run({ topic: 'quantum computing' }, withMaxBudget(1))
 * ```
 * @throws WORKFLOW_INVALID with everything that the environment lacks: agents, workflows that are named; and for workflows that
 * contain themselves
 */
export function compileWorkflow(
  workflow: Workflow,
  environment: WorkflowEnvironment = {},
): Orchestration<WorkflowInput, WorkflowOutput> {
  if (!(workflow instanceof Workflow)) throw new OptionError('workflow', 'what parseWorkflow() returns', workflow)
  const faults: WorkflowFault[] = []
  const compiled = new WorkflowCompiler(environment, faults).compile(workflow, [])
  if (compiled === undefined || faults.length > 0) throw new WorkflowError(workflow.name, faults)
  return compiled as Orchestration<unknown, unknown> as Orchestration<WorkflowInput, WorkflowOutput>
}

class WorkflowCompiler {
  readonly #environment: WorkflowEnvironment
  readonly #faults: WorkflowFault[]
  readonly #breakers: Map<string, CircuitBreaker>
  /** Each workflow is compiled once, however often it is named. */
  readonly #compiled = new Map<string, WorkflowOrchestration | undefined>()

  constructor(environment: WorkflowEnvironment, faults: WorkflowFault[]) {
    this.#environment = environment
    this.#faults = faults
    this.#breakers = environment.breakers ?? new Map<string, CircuitBreaker>()
  }

  /** `undefined` if something is missing; it is told in the faults. */
  compile(workflow: Workflow, around: readonly string[]): WorkflowOrchestration | undefined {
    const agents = new Map<AgentCallPlan, AgentAsked>()
    const inner = new Map<SubworkflowPlan, Orchestration<unknown, unknown>>()
    const before = this.#faults.length
    this.#resolve(planOf(workflow), around, agents, inner)
    if (this.#faults.length > before) return undefined
    const { maxBudget = workflow.maxBudget } = around.length === 0 ? this.#environment : workflow
    if (maxBudget !== undefined) checkedBudget(maxBudget)
    const setup = { maxBudget, budget: new WorkflowBudget(this.#environment), ends: new RunEnds() }
    const compiler = new NodeCompiler({
      agentOf: plan => agents.get(plan) as AgentAsked,
      workflowOf: plan => inner.get(plan) as Orchestration<unknown, unknown>,
      breakerOf: agent => this.#breakerOf(agent),
      ends: setup.ends,
    })
    return new WorkflowOrchestration(workflow, setup, (node, graph) => compiler.statesOf(node, graph))
  }

  #resolve(
    graph: GraphPlan,
    around: readonly string[],
    agents: Map<AgentCallPlan, AgentAsked>,
    inner: Map<SubworkflowPlan, Orchestration<unknown, unknown>>,
  ): void {
    for (const node of graph.nodes.values()) {
      if (node.type === 'agent_call') {
        const asked = this.#agentOf(node)
        if (asked !== undefined) agents.set(node, asked)
      } else if (node.type === 'subworkflow') {
        const orchestration = this.#workflowOf(node, around)
        if (orchestration !== undefined) inner.set(node, orchestration)
      } else if (node.type === 'loop' || node.type === 'parallel_group') {
        this.#resolve(node.body, around, agents, inner)
      }
    }
  }

  #agentOf(node: AgentCallPlan): AgentAsked | undefined {
    const { agentId, endpoint, path } = node
    if (endpoint !== undefined) return endpointAgent(endpoint, agentId ?? new URL(endpoint).host, this.#environment)
    const id = agentId as string
    const agent = findAgent(this.#environment, id)
    if (agent === undefined) {
      const advice = didYouMean(id, knownAgents(this.#environment), 'Give it in `agents`, or register it.')
      this.#fault(`${path}.agent_id`, `There is no agent ${JSON.stringify(id)}.`, advice)
      return undefined
    }
    const asked = askAgent(id, agent)
    if (asked === undefined) {
      const advice = 'It has to be an Agent, a function, an orchestration or an A2aAgent.'
      this.#fault(`${path}.agent_id`, `What is called ${JSON.stringify(id)} is no agent.`, advice)
    } else if (asked.kind === 'orchestration') this.#refusePolicies(node)
    return asked
  }

  /** An orchestration is a run inside the run, and not invoked; its own states have policies. */
  #refusePolicies({ path, retry, fallback }: AgentCallPlan): void {
    for (const [name, value] of Object.entries({ retry, fallback })) {
      if (value === undefined) continue
      this.#fault(
        `${path}.${name}`,
        `The agent is an orchestration, which has no \`${name}\` here.`,
        'Configure it there, or use on_error.',
      )
    }
  }

  #workflowOf(node: SubworkflowPlan, around: readonly string[]): Orchestration<unknown, unknown> | undefined {
    const { workflowId, version, path } = node
    const place = `${path}.config.workflow_id`
    const workflow = this.#environment.workflows?.(workflowId, version)
    if (workflow === undefined) {
      const which = version === undefined ? '' : ` of version ${version}`
      this.#fault(place, `There is no workflow ${JSON.stringify(workflowId)}${which}.`, 'Give it with `workflows`.')
      return undefined
    }
    const key = `${workflowId}@${version ?? 'latest'}`
    const isRing = around.some(each => each === key || each.startsWith(`${workflowId}@`))
    if (isRing) {
      const ring = [...around, key].join(' → ')
      this.#fault(place, `Workflows contain each other: ${ring}.`, 'Repeat nodes with a loop node.')
      return undefined
    }
    if (!this.#compiled.has(key)) this.#compiled.set(key, this.#compileInner(workflow, [...around, key], place))
    return this.#compiled.get(key)
  }

  #compileInner(workflow: Workflow, around: readonly string[], place: string): WorkflowOrchestration | undefined {
    if (around.length <= workflowLimits.subworkflows) return this.compile(workflow, around)
    const advice = `At most ${workflowLimits.subworkflows} levels are taken.`
    this.#fault(place, `Workflows are nested ${around.length} levels deep.`, advice)
    return undefined
  }

  #breakerOf(agent: string): Interceptor {
    let breaker = this.#breakers.get(agent)
    if (breaker === undefined) {
      const { circuitBreaker: settings = {} } = this.#environment
      breaker = new CircuitBreaker({ name: agent, ...circuitBreakerOptionsFrom(settings) })
      this.#breakers.set(agent, breaker)
    }
    return circuitBreaker({ breaker })
  }

  #fault(path: string, message: string, advice: string): void {
    this.#faults.push({ path, message, advice })
  }
}
