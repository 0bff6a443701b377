import { Approved, type EventError, Expired, type RunContext } from '../../core/index.js'
import type { EdgeKind, EdgePlan, GraphPlan, NodePlan } from '../definition/node-plan.js'
import type { Values } from '../templates/template.js'
import type { GraphInput } from './graph-input.js'
import { nodeOutput } from './node-output.js'
import { beginState, failedKey, skippedKey } from './state-names.js'

/** Why a node failed, as plain data. */
export type NodeError = Pick<EventError, 'name' | 'message' | 'code'>

type End = Exclude<EdgeKind, 'true' | 'false'>

/** What the nodes of a graph have come to in a run. */
export class GraphRecord {
  readonly #graph: GraphPlan
  readonly #context: RunContext

  constructor(graph: GraphPlan, context: RunContext) {
    this.#graph = graph
    this.#context = context
  }

  get begun(): GraphInput {
    return this.#context.outputOf(beginState) as GraphInput
  }

  /** How a node has ended; `undefined` if it was skipped or has not ended. */
  endOf(id: string): End | undefined {
    if (this.errorOf(id) !== undefined) return 'failed'
    const returned = this.#context.outputOf(id)
    if (returned === undefined) return undefined
    if (this.#graph.nodes.get(id)?.type !== 'human_approval' || returned instanceof Approved) return 'completed'
    return returned instanceof Expired ? 'expired' : 'rejected'
  }

  errorOf(id: string): NodeError | undefined {
    return this.#context.properties.get<NodeError>(failedKey(id))
  }

  whySkipped(id: string): string | undefined {
    return this.#context.properties.get<string>(skippedKey(id))
  }

  /** What others read of a node; of one that failed, its error; `undefined` if there is nothing. */
  outputOf(id: string): unknown {
    const error = this.errorOf(id)
    if (error !== undefined) return { error }
    const returned = this.#context.outputOf(id)
    const node = this.#graph.nodes.get(id)
    return returned === undefined || node === undefined ? undefined : nodeOutput(node, returned)
  }

  /** Whether an edge is taken, now that its source has ended. */
  isLive({ from, on }: EdgePlan): boolean {
    const end = this.endOf(from)
    if (on === 'true' || on === 'false') {
      const output = this.#context.outputOf(from) as { condition_met?: boolean } | undefined
      return end === 'completed' && output?.condition_met === (on === 'true')
    }
    return end === on
  }

  /** The nodes before one that have led to it. */
  cameFrom(node: NodePlan): readonly string[] {
    const live = new Set(node.incoming.filter(edge => this.isLive(edge)).map(({ from }) => from))
    return node.predecessors.filter(id => live.has(id))
  }

  /** The values that a node reads. */
  valuesOf(node: NodePlan): NodeValues {
    return new NodeValues(this.#graph, node, this)
  }

  /** The outputs of all nodes that completed, in the order of the definition. */
  completed(): Readonly<Record<string, unknown>> {
    const ids = [...this.#graph.nodes.keys()].filter(id => this.endOf(id) === 'completed')
    return Object.fromEntries(ids.map(id => [id, this.outputOf(id)]))
  }

  /** The output of the node after which nothing ran; by their ids where there are several, `null` where there is none. */
  lastOutput(): unknown {
    const goesOn = new Set(this.#graph.edges.filter(edge => this.isLive(edge)).map(({ from }) => from))
    const last = Object.entries(this.completed()).filter(([id]) => !goesOn.has(id))
    const [only] = last
    return last.length === 1 ? only?.[1] : last.length === 0 ? null : Object.fromEntries(last)
  }
}

/** The values that the templates and the condition of one node read. */
class NodeValues implements Values {
  readonly #graph: GraphPlan
  readonly #node: NodePlan
  readonly #record: GraphRecord

  constructor(graph: GraphPlan, node: NodePlan, record: GraphRecord) {
    this.#graph = graph
    this.#node = node
    this.#record = record
  }

  of(root: string): unknown {
    const { input, vars, outputs } = this.#record.begun
    if (root === 'input') return input
    if (root === 'previous') return this.previous
    if (root === 'nodes') return this.#outputs()
    if (this.#graph.nodes.has(root)) return this.#record.outputOf(root)
    if (Object.hasOwn(vars, root)) return vars[root]
    return Object.hasOwn(outputs, root) ? outputs[root] : undefined
  }

  whyNot(root: string): string | undefined {
    const reason = this.#record.whySkipped(root)
    return reason === undefined ? undefined : `node "${root}" was skipped: ${reason}`
  }

  /** The output of the only node before; in a body, what the body has for it. */
  get previous(): unknown {
    const [only, ...others] = this.#node.predecessors
    if (only === undefined) return this.#record.begun.vars['previous']
    return others.length === 0 ? this.#record.outputOf(only) : undefined
  }

  /** All that there is, for a query that may read anything. */
  all(): Readonly<Record<string, unknown>> {
    const { input, vars } = this.#record.begun
    const { previous, ...rest } = { ...vars, previous: this.previous }
    return { input, ...rest, ...this.#outputs(), ...(previous === undefined ? {} : { previous }) }
  }

  /** What the node gets (C22): the input of the workflow, and what comes right before it. */
  nodeInput(): Readonly<Record<string, unknown>> {
    const { input, vars, outputs, before } = this.#record.begun
    const { previous: _previous, ...loop } = vars
    const isFirst = this.#node.predecessors.length === 0
    const led = this.#record.cameFrom(this.#node).map(id => [id, this.#record.outputOf(id)])
    const around = isFirst ? before.map(id => [id, outputs[id]]) : []
    const { previous } = this
    return {
      input,
      ...loop,
      ...(Object.fromEntries([...around, ...led]) as Record<string, unknown>),
      ...(previous === undefined ? {} : { previous }),
    }
  }

  #outputs(): Readonly<Record<string, unknown>> {
    const own = [...this.#graph.nodes.keys()].flatMap(id => {
      const output = id === this.#node.id ? undefined : this.#record.outputOf(id)
      return output === undefined ? [] : [[id, output] as const]
    })
    return { ...this.#record.begun.outputs, ...Object.fromEntries(own) }
  }
}
