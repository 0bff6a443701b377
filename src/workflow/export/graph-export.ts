import { Agent, AgentRunnable } from '../../agents/index.js'
import {
  type ApprovalRunnable,
  Approved,
  CollectRunnable,
  Expired,
  type GraphAdvancer,
  type GraphNode,
  type OrchestrationGraph,
  Rejected,
  type SubOrchestrationRunnable,
} from '../../core/index.js'
import { alwaysMatches, hasFixedTarget } from '../../core/internal.js'
import { findAgent, knownAgents } from '../agents/find-agent.js'
import type {
  WorkflowDefinition,
  WorkflowEdgeDefinition,
  WorkflowNodeDefinition,
} from '../definition/workflow-definition.js'
import type { WorkflowEnvironment } from '../workflow-environment.js'
import { reservedIds } from '../workflow-limits.js'
import type { Unsaid } from './unsaid.js'

/** A graph of code as nodes and edges. */
export class GraphExport {
  readonly definition: WorkflowDefinition
  readonly unsaid: Unsaid[] = []
  readonly #environment: Pick<WorkflowEnvironment, 'agents' | 'registry'>
  readonly #ids = new Map<GraphNode, string>()
  readonly #edges: WorkflowEdgeDefinition[] = []

  constructor(graph: OrchestrationGraph, environment: Pick<WorkflowEnvironment, 'agents' | 'registry'>) {
    this.#environment = environment
    const said = graph.nodes.filter(node => !isPlainJoin(node))
    for (const node of said) this.#ids.set(node, this.#freeId(node.name))
    const nodes = said.map(node => this.#nodeOf(node))
    const [first] = said
    if (first !== undefined && graph.entry !== first && !said.includes(graph.entry)) {
      this.#note(graph.entry.name, 'it begins with a join, which no node is')
    }
    this.definition = { name: graph.name.slice(0, 200), nodes, edges: this.#edges }
  }

  #freeId(name: string): string {
    const base = name.replaceAll(/[^\p{L}\p{N}_-]+/gu, '_').slice(0, 90) || 'state'
    const taken = new Set(this.#ids.values())
    let id = reservedIds.has(base) ? `${base}_state` : base
    for (let number = 2; taken.has(id); number++) id = `${base}_${number}`
    return id
  }

  #nodeOf(node: GraphNode): WorkflowNodeDefinition {
    const { name, interceptors, reruns, input, output } = node
    const id = this.#ids.get(node) as string
    if (interceptors.length > 0) this.#note(name, 'its policies (retry, timeout and the like) are code')
    if (reruns > 0) this.#note(name, 'it is invoked again where no way matches')
    if (input !== undefined || output !== undefined) this.#note(name, 'the classes of its input and output')
    const onError = this.#onError(node)
    const error = onError === undefined ? {} : { on_error: onError }
    if (node.kind === 'approval') return { id, type: 'human_approval', ...this.#approval(node, id), ...error }
    this.#ways(node, id)
    return { id, type: 'agent_call', agent_id: this.#agentId(node), ...error }
  }

  #agentId({ name, kind, runnable }: GraphNode): string {
    if (runnable instanceof AgentRunnable) {
      const agent = agentIn(runnable)
      const known = agent === undefined ? undefined : this.#nameOf(agent)
      if (known !== undefined) {
        if (runnable.prompt !== AgentRunnable.prototype.prompt) this.#note(name, 'how it asks its agent is code')
        return known
      }
      this.#note(name, 'its agent is not registered')
      return agent?.name ?? name
    }
    if (kind === 'orchestration') {
      const { orchestration } = runnable as unknown as SubOrchestrationRunnable<unknown, unknown>
      const known = this.#nameOf(orchestration)
      if (known !== undefined) return known
      this.#note(name, `orchestration "${orchestration.name}" is no agent of the environment`)
      return orchestration.name
    }
    const what = {
      signal: 'it waits for a message',
      delay: 'it waits for a moment',
      join: 'it joins branches in its own way',
    }
    this.#note(name, Object.hasOwn(what, kind) ? what[kind as keyof typeof what] : 'its work is code')
    return name
  }

  #nameOf(agent: unknown): string | undefined {
    return knownAgents(this.#environment).find(id => findAgent(this.#environment, id) === agent)
  }

  #approval(node: GraphNode, id: string): Pick<WorkflowNodeDefinition, 'config' | 'timeout'> {
    const approval = node.runnable as unknown as ApprovalRunnable<unknown>
    const message = constantMessage(approval, node.name)
    if (message === undefined) this.#note(node.name, 'what it asks depends on its input')
    const led = {
      approved: this.#wayFor(node, new Approved({}, {})),
      rejected: this.#wayFor(node, new Rejected({}, {})),
      expired: this.#wayFor(node, new Expired({})),
    }
    for (const to of led.approved ?? []) this.#edges.push({ from: id, to })
    const [onReject] = led.rejected ?? []
    const [onTimeout] = led.expired ?? []
    const { timeoutMs } = approval
    return {
      config: {
        ...(message === undefined ? {} : { message: message.replaceAll('{{', '\\{{') }),
        ...(onReject === undefined ? {} : { on_reject: onReject }),
        ...(onTimeout === undefined || onTimeout === onReject ? {} : { on_timeout: onTimeout }),
      },
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs / 1000 }),
    }
  }

  /** Where an approval leads with an outcome. Conditions of approvals go by its class, so they can be asked with any subject. */
  #wayFor(node: GraphNode, outcome: unknown): readonly string[] | undefined {
    for (const way of node.advancers) {
      const applies = appliesTo(way, outcome)
      if (applies === undefined) this.#note(node.name, `when "${way.name}" leads on is code`)
      if (applies === true) return this.#targets(node, way)
    }
    return undefined
  }

  #ways(node: GraphNode, id: string): void {
    const { advancers, parallelAdvances, name } = node
    for (const way of advancers) {
      if (!alwaysMatches(way)) this.#note(name, `when "${way.name}" leads on is code`)
      for (const to of this.#targets(node, way)) this.#edges.push({ from: id, to })
      if (alwaysMatches(way) && !parallelAdvances) return
    }
  }

  #targets({ name }: GraphNode, way: GraphAdvancer): readonly string[] {
    if (!hasFixedTarget(way)) this.#note(name, `where "${way.name}" leads is code`)
    if (way.converts) this.#note(name, `what "${way.name}" hands on is code`)
    return [...new Set((way.targets ?? []).flatMap(target => this.#idsAt(target, new Set())))]
  }

  /** Joins that only collect are what every node does that several edges lead to. */
  #idsAt(node: GraphNode, seen: Set<GraphNode>): readonly string[] {
    const id = this.#ids.get(node)
    if (id !== undefined || seen.has(node)) return id === undefined ? [] : [id]
    seen.add(node)
    return node.advancers.flatMap(way => {
      if (!alwaysMatches(way)) this.#note(node.name, `when "${way.name}" leads on is code`)
      return (way.targets ?? []).flatMap(target => this.#idsAt(target, seen))
    })
  }

  #onError(node: GraphNode): string | undefined {
    const [way, ...more] = node.errorAdvancers
    if (way === undefined) return undefined
    const [target] = this.#targets(node, way)
    if (more.length > 0 || !alwaysMatches(way)) this.#note(node.name, 'which failures lead where is code')
    return target
  }

  #note(state: string, message: string): void {
    if (!this.unsaid.some(each => each.state === state && each.message === message))
      this.unsaid.push({ state, message })
  }
}

function isPlainJoin({ kind, runnable, join }: GraphNode): boolean {
  return (
    kind === 'join' &&
    runnable instanceof CollectRunnable &&
    join?.quorum === undefined &&
    join?.timeoutMs === undefined
  )
}

/** A getter that makes its agent of what a run has may not bear to be asked. */
function agentIn(runnable: AgentRunnable<never, unknown>): Agent<unknown> | undefined {
  try {
    return runnable.agent instanceof Agent ? runnable.agent : undefined
  } catch {
    return undefined
  }
}

function constantMessage(approval: ApprovalRunnable<unknown>, name: string): string | undefined {
  try {
    const [one, other] = ['one', { other: 2 }].map(subject => approval.messageFor(subject, name))
    return one === other ? one : undefined
  } catch {
    return undefined
  }
}

function appliesTo({ advancer }: GraphAdvancer, outcome: unknown): boolean | undefined {
  try {
    const applies: unknown = advancer.shouldAdvance(outcome as never, undefined as never)
    return typeof applies === 'boolean' ? applies : undefined
  } catch {
    return undefined
  }
}
