import {
  type AnyRunnable,
  type JoinOptions,
  Orchestration,
  type OrchestrationRunnable,
  type RunContext,
  type SendTo,
  type StateFailure,
  sendTo,
} from '../../core/index.js'
import { eventError } from '../../core/internal.js'
import { joinState, state } from '../../graph/index.js'
import type { GraphPlan, NodePlan } from '../definition/node-plan.js'
import { answeringNodes } from './answering-nodes.js'
import { isBudgetFailure, rootFailure } from './failures.js'
import type { GraphInput } from './graph-input.js'
import { GraphRecord } from './graph-record.js'
import { leadTo } from './lead-to.js'
import { LosingAdvancer } from './losing-advancer.js'
import { NodeFailure } from './node-failure.js'
import type { NodeStates } from './node-states.js'
import { beginState, endState, failedKey, layerState, skippedKey } from './state-names.js'

type Untyped = OrchestrationRunnable<unknown, unknown>

/** What a graph becomes an orchestration with. */
export interface GraphSetup {
  readonly name: string
  /** Makes what the nodes find of what the run is given. */
  readonly begin: (input: unknown) => GraphInput
  /** Makes the result; `arrived` are the nodes that the last layer waited for. */
  readonly finish: (record: GraphRecord, arrived: readonly string[]) => unknown
  /** How the last layer is waited for. @default all of it */
  readonly join?: JoinOptions
  readonly maxConcurrency?: number | undefined
  readonly timeoutMs?: number | undefined
}

/** Makes the states of a node. */
export type StatesOf = (node: NodePlan, graph: GraphPlan) => NodeStates

/**
 * A graph of nodes: `workflow.begin` opens a branch for each node of the first layer; a layer ends at a join, which opens the branches
 * of the next one (S2-14). What no edge has led to is skipped there, and what comes only after that, in its layer.
 */
export class GraphOrchestration extends Orchestration<unknown, unknown> {
  readonly #plan: GraphPlan
  readonly #states = new Map<string, NodeStates>()
  #spoken: ReadonlySet<string> | undefined

  constructor(plan: GraphPlan, setup: GraphSetup, statesOf: StatesOf) {
    super()
    this.#plan = plan
    const { name, maxConcurrency, timeoutMs } = setup
    this.configure({
      name,
      // Each node has up to three states, and each layer one.
      maxSteps: Math.max(1000, 4 * plan.nodes.size + plan.layers.length + 10),
      ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
    for (const [id, node] of plan.nodes) this.#states.set(id, statesOf(node, plan))
    this.#wire(setup)
    for (const { states } of this.#states.values()) this.register(...states)
  }

  /** The nodes that it was compiled of. */
  get plan(): GraphPlan {
    return this.#plan
  }

  /** The states whose words are the output of a run that they are the last one of. */
  get spokenStates(): ReadonlySet<string> {
    return (this.#spoken ??= new Set(
      [...answeringNodes(this.#plan)].filter(id => this.#statesOf(id).isSpoken === true),
    ))
  }

  #wire({ begin, finish, join }: GraphSetup): void {
    const { layers } = this.#plan
    const start = state(beginState, begin) as Untyped
    const ends = layers.map((_, index) =>
      index < layers.length - 1
        ? joinState(layerState(index), {}, (arrived: readonly unknown[]) => arrived.length)
        : joinState(endState, join ?? {}, (arrived: readonly string[], context) =>
            finish(new GraphRecord(this.#plan, context), arrived),
          ),
    ) as Untyped[]
    for (const [index, layer] of layers.entries()) {
      const from = index === 0 ? start : (ends[index - 1] as Untyped)
      const end = ends[index] as Untyped
      this.#leadThrough(from, layer, end)
      for (const id of layer) this.#leadOn(id, end, join)
    }
    this.initialRunnable = start
    this.resultRunnable = ends.at(-1) as OrchestrationRunnable<never, unknown>
    this.register(...(ends as readonly AnyRunnable[]))
  }

  /** Opens the branches of a layer; where none of its nodes is to run, leads past it. */
  #leadThrough(from: Untyped, layer: readonly string[], end: Untyped): void {
    const entries = layer.map(id => this.#statesOf(id).entry)
    from.addAdvancer(
      leadTo('workflow.layer', [...entries, end], (_output, context) => {
        const record = new GraphRecord(this.#plan, context)
        const live = layer.flatMap(id => this.#sendTo(id, record, context) ?? [])
        return live.length > 0 ? live : [sendTo(end, '')]
      }),
    )
  }

  #sendTo(id: string, record: GraphRecord, context: RunContext): SendTo | undefined {
    const node = this.#plan.nodes.get(id) as NodePlan
    if (node.incoming.length === 0 || node.incoming.some(edge => record.isLive(edge))) {
      return sendTo(this.#statesOf(id).entry as Untyped, record.valuesOf(node).nodeInput())
    }
    const reason = whySkipped(node, record)
    context.properties.set(skippedKey(id), reason)
    context.emit({ type: 'custom', name: 'workflow.node.skipped', data: { node: id, reason } })
    return undefined
  }

  /** Leads a node to the end of its layer, also when it fails and something takes that up. */
  #leadOn(id: string, end: Untyped, join: JoinOptions | undefined): void {
    const node = this.#plan.nodes.get(id) as NodePlan
    const { states, lead } = this.#statesOf(id)
    lead(end)
    const losesQuietly = join?.policy !== undefined && join.policy !== 'all'
    if (node.onError === 'fail' && !losesQuietly) return
    const isTakenUp = ({ error }: StateFailure): boolean => !isBudgetFailure(error)
    const keep = ({ error }: StateFailure, context: RunContext): string => {
      const { name, message, code } = eventError(error instanceof NodeFailure ? error : rootFailure(error))
      context.properties.set(failedKey(id), { name, message, ...(code === undefined ? {} : { code }) })
      return id
    }
    for (const failing of states as readonly Untyped[]) {
      if (node.onError !== 'fail') failing.onError(isTakenUp, end, keep)
      else failing.onError(new LosingAdvancer(isTakenUp, keep))
    }
  }

  #statesOf(id: string): NodeStates {
    return this.#states.get(id) as NodeStates
  }
}

function whySkipped({ incoming }: NodePlan, record: GraphRecord): string {
  const [edge] = incoming
  if (edge === undefined) return 'nothing leads to it'
  const { from, on } = edge
  const end = record.endOf(from)
  if (end === undefined) return `"${from}" was skipped`
  if (on === 'true' || on === 'false') return end === 'completed' ? `"${from}" is not ${on}` : `"${from}" has ${end}`
  if (on === 'completed') return end === 'failed' ? `"${from}" has failed` : `"${from}" was ${end}`
  return on === 'failed' ? `"${from}" has not failed` : `"${from}" was not ${on}`
}
