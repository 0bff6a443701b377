import type { GraphPlan, NodePlan } from '../definition/node-plan.js'
import { workflowLimits } from '../workflow-limits.js'
import { ConfigReader } from './config-reader.js'
import { type FaultList, kindOf } from './fault-list.js'
import { isObject } from './field-reader.js'
import type { TreeGraph, TreeNode } from './node-tree.js'
import type { ReferenceCheck } from './reference-check.js'
import { predecessorsOf, Scope } from './scope.js'

/** A graph, and the names that it reads. */
export interface PlannedGraph {
  readonly plan: GraphPlan
  readonly reads: ReadonlySet<string | undefined>
}

/** Plans the bodies of nodes. */
export interface BodyPlanner {
  readonly faults: FaultList
  readonly references: ReferenceCheck
  plan(graph: TreeGraph): PlannedGraph
}

/** A node, if it is right, and the names that it and its body read. */
export interface PlannedNode {
  readonly plan: NodePlan | undefined
  readonly reads: ReadonlySet<string | undefined>
}

/** What differs between the types. */
type Special = { readonly [K in NodePlan['type']]: Omit<Extract<NodePlan, { type: K }>, keyof BaseOf> }
type BaseOf = Pick<
  NodePlan,
  'id' | 'path' | 'incoming' | 'predecessors' | 'outer' | 'retry' | 'timeoutMs' | 'fallback' | 'onError'
>

/** Reads the config of a node. */
export function planNode(node: TreeNode, planner: BodyPlanner): PlannedNode {
  return new NodePlanner(node, planner).plan()
}

class NodePlanner {
  readonly #node: TreeNode
  readonly #planner: BodyPlanner
  readonly #scope: Scope
  readonly #config: ConfigReader
  #inside: ReadonlySet<string | undefined> = new Set()

  constructor(node: TreeNode, planner: BodyPlanner) {
    this.#node = node
    this.#planner = planner
    this.#scope = Scope.of(node)
    this.#config = new ConfigReader(node, planner.faults, planner.references)
  }

  plan(): PlannedNode {
    const { id, graph, source } = this.#node
    const { retry, timeout, fallback, on_error } = source.definition
    const special = this.#special()
    const fallbackTemplate =
      fallback === undefined ? undefined : this.#config.templateOf(fallback, `${source.path}.fallback`, this.#scope)
    const reads = new Set([...this.#config.reads, ...this.#inside])
    if (special === undefined) return { plan: undefined, reads }
    const predecessors = predecessorsOf(this.#node).map(each => each.id)
    const base: BaseOf = {
      id,
      path: source.path,
      incoming: graph.edges
        .filter(({ to }) => to === this.#node)
        .map(edge => ({ from: edge.from.id, to: id, on: edge.on })),
      predecessors,
      outer: this.#outer(reads, predecessors),
      retry,
      timeoutMs: timeout === undefined ? undefined : timeout * 1000,
      fallback: fallbackTemplate,
      onError: on_error === undefined || on_error === 'fail' ? 'fail' : on_error === 'continue' ? 'continue' : 'route',
    }
    return { plan: { ...base, ...special } as NodePlan, reads }
  }

  /** What a body has to be given: what it reads of what is around it, and what comes right before it. */
  #outer(reads: ReadonlySet<string | undefined>, predecessors: readonly string[]): readonly string[] {
    if (this.#node.body === undefined) return []
    const visible = [...this.#scope.nodes.keys()]
    const read = reads.has(undefined) ? visible : visible.filter(id => reads.has(id))
    return [...new Set([...predecessors, ...read])]
  }

  #special(): Special[keyof Special] | undefined {
    switch (this.#node.source.definition.type) {
      case 'agent_call':
        return this.#agentCall()
      case 'condition':
        return this.#condition()
      case 'parallel_group':
        return this.#parallelGroup()
      case 'loop':
        return this.#loop()
      case 'human_approval':
        return this.#humanApproval()
      case 'subworkflow':
        return this.#subworkflow()
    }
  }

  #agentCall(): Special['agent_call'] | undefined {
    const { definition } = this.#node.source
    const { fields } = this.#config
    const endpoint = fields.text('endpoint')
    if (endpoint !== undefined) this.#checkEndpoint(endpoint)
    const { payload: _payload, endpoint: _endpoint, ...rest } = definition.config ?? {}
    const config = this.#config.templateOf(rest, fields.path, this.#scope)
    const payload = this.#config.template('payload', this.#scope)
    if (definition.agent_id === undefined && endpoint === undefined) {
      this.#missing('agent_id', 'Say which agent is asked, by `agent_id` or `config.endpoint`.')
      return undefined
    }
    return { type: 'agent_call', agentId: definition.agent_id, endpoint, config, payload }
  }

  #checkEndpoint(endpoint: string): void {
    const place = this.#config.fields.at('endpoint')
    const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
    if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
      const advice = 'It has to be the http or https address of an A2A agent, without templates.'
      this.#planner.faults.add(place, `It is ${kindOf(endpoint)}.`, advice)
    } else if (url.username !== '' || url.password !== '') {
      this.#planner.faults.add(place, 'It has a user or a password in it.', 'Give headers with `headersFor`.')
    }
  }

  #condition(): Special['condition'] | undefined {
    const { fields } = this.#config
    const [hasText, hasField] = [fields.any('condition') !== undefined, fields.any('field') !== undefined]
    if (hasText && hasField) {
      this.#planner.faults.add(fields.at('field'), '`condition` says it already.', 'Keep one of both.')
    }
    if (!hasText && !hasField) this.#missing('config.condition', 'Give it a `condition`, or `field`, `op` and `value`.')
    const test = hasText
      ? this.#config.condition('condition', this.#scope)
      : hasField
        ? this.#config.comparison(this.#scope)
        : undefined
    const targets = (on: 'true' | 'false'): readonly string[] =>
      this.#node.graph.edges.filter(edge => edge.from === this.#node && edge.on === on).map(({ to }) => to.id)
    const branches = { true: targets('true'), false: targets('false') }
    return test === undefined ? undefined : { type: 'condition', test, branches }
  }

  #parallelGroup(): Special['parallel_group'] | undefined {
    const { fields } = this.#config
    const body = this.#body('config.nodes', 'Name the nodes that run at once.')
    const count = this.#node.body?.nodes.length ?? 1
    const policy = this.#policy(Math.max(1, count))
    const maxConcurrency = fields.count('max_concurrency', 1, workflowLimits.nodes)
    return body === undefined ? undefined : { type: 'parallel_group', body, policy, maxConcurrency }
  }

  #policy(most: number): 'all' | 'any' | { readonly quorum: number } {
    const { fields } = this.#config
    const policy = fields.any('policy') ?? 'all'
    if (policy === 'all' || policy === 'any') return policy
    const quorum = isObject(policy) && Object.keys(policy).length === 1 ? policy['quorum'] : undefined
    if (Number.isInteger(quorum) && (quorum as number) >= 1 && (quorum as number) <= most) {
      return { quorum: quorum as number }
    }
    const advice = `It has to be "all", "any", or { "quorum": a whole number from 1 to ${most} }.`
    this.#planner.faults.add(fields.at('policy'), `It is ${kindOf(policy)}.`, advice)
    return 'all'
  }

  #loop(): Special['loop'] | undefined {
    const { fields } = this.#config
    const body = this.#body('config.body', 'Say which nodes are repeated.')
    const until = this.#config.condition('until', Scope.ofLoop(this.#node, true))
    const whileTest = this.#config.condition('while', Scope.ofLoop(this.#node, false))
    const items = fields.any('for_each')
    if (items !== undefined && typeof items !== 'string' && !Array.isArray(items)) {
      this.#planner.faults.add(
        fields.at('for_each'),
        `It is ${kindOf(items)}.`,
        'It has to be an array, or a template that comes to one.',
      )
    }
    const forEach = items === undefined ? undefined : this.#config.template('for_each', this.#scope)
    if (['until', 'while', 'for_each'].every(name => fields.any(name) === undefined)) {
      this.#missing('config.until', 'Give it `until`, `while` or `for_each`; something has to end it.')
    }
    const concurrency = fields.count('concurrency', 1, workflowLimits.nodes)
    if (concurrency !== undefined && (forEach === undefined || fields.has('until') || fields.has('while'))) {
      const advice = 'Leave it out, or give the loop only `for_each`.'
      this.#planner.faults.add(fields.at('concurrency'), 'Turns run at once only over items.', advice)
    }
    const maxIterations = fields.count('max_iterations', 1, workflowLimits.iterations) ?? 100
    const onExhausted = fields.choice('on_exhausted', ['fail', 'proceed']) ?? 'fail'
    if (body === undefined) return undefined
    return { type: 'loop', body, until, while: whileTest, forEach, maxIterations, onExhausted, concurrency }
  }

  #humanApproval(): Special['human_approval'] {
    const { fields } = this.#config
    if (fields.any('message') !== undefined) fields.text('message')
    const message =
      this.#config.template('message', this.#scope) ??
      this.#config.templateOf(`Approve ${this.#node.id}?`, fields.path, this.#scope)
    const leads = (on: string): boolean =>
      this.#node.graph.edges.some(edge => edge.from === this.#node && edge.on === on)
    return { type: 'human_approval', message, routesRejection: leads('rejected'), routesExpiry: leads('expired') }
  }

  #subworkflow(): Special['subworkflow'] | undefined {
    const { fields } = this.#config
    const workflowId = fields.text('workflow_id')
    if (fields.any('workflow_id') === undefined) this.#missing('config.workflow_id', 'Say which workflow it is.')
    const version = fields.count('version', 1, Number.MAX_SAFE_INTEGER)
    const input = this.#config.template('input', this.#scope)
    return workflowId === undefined ? undefined : { type: 'subworkflow', workflowId, version, input }
  }

  #body(name: string, advice: string): GraphPlan | undefined {
    const { body } = this.#node
    if (body === undefined) {
      this.#missing(name, advice)
      return undefined
    }
    const { plan, reads } = this.#planner.plan(body)
    this.#inside = reads
    return plan
  }

  #missing(name: string, advice: string): void {
    this.#planner.faults.add(`${this.#node.source.path}.${name}`, 'It is missing.', advice)
  }
}
