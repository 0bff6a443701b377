import type { Fact, OrchestrationEvent, OrchestrationGraph } from '../core/index.js'
import {
  createRunState,
  forwarded,
  joinScopesOf,
  type RestoredRun,
  type RunState,
  StepOutput,
  step,
} from '../core/internal.js'
import type { Json } from '../schema/index.js'
import { decodeState } from './decode-state.js'
import { encodeState } from './encode-state.js'
import { FactCodec } from './fact-codec.js'
import type { ValueCodec } from './graph-codec.js'
import { openRequestsIn } from './open-requests.js'
import type { StoredFact } from './stored-fact.js'
import { decodeRules, type StoredRules } from './stored-rules.js'
import type { StoredState } from './stored-state.js'

/** How a run begins in its journal. */
export interface StoredStart {
  readonly rules: StoredRules
  readonly timeoutMs?: number
  /** What its properties start with. */
  readonly properties?: readonly (readonly [string, Json])[]
}

/** One run of the tree, as it is stored in a snapshot. */
export interface StoredNodeState {
  /** The tokens that lead to it from the outermost run; empty for that one. */
  readonly path: readonly string[]
  /** The state of the run around it that it is the work of. */
  readonly stateName?: string
  readonly events: number
  readonly timeoutMs?: number
  readonly state: StoredState
}

/** A run and what is known of it besides its state. */
export interface TreeNode {
  readonly path: readonly string[]
  readonly parent: TreeNode | undefined
  readonly graph: OrchestrationGraph
  readonly values: ValueCodec
  readonly facts: FactCodec
  readonly runId: string
  /** The state of the run around it that it is the work of. */
  readonly stateName: string
  state: RunState
  /** How many events it has had, those of the runs inside it included. */
  events: number
  timeoutMs: number | undefined
}

/** Chooses how the values of a graph are read. */
export type ValuesOf = (graph: OrchestrationGraph) => ValueCodec

/**
 * A run and the runs inside it, which share one journal. Their states follow from the facts in it; nothing is invoked here.
 */
export class RunTree {
  readonly #runId: string
  readonly #graph: OrchestrationGraph
  readonly #valuesOf: ValuesOf
  readonly #nodes = new Map<string, TreeNode>()

  constructor(runId: string, graph: OrchestrationGraph, valuesOf: ValuesOf) {
    this.#runId = runId
    this.#graph = graph
    this.#valuesOf = valuesOf
  }

  /** The outermost run, once it has begun. */
  get root(): TreeNode | undefined {
    return this.#nodes.get('')
  }

  /** A run by the tokens that lead to it. */
  node(path: readonly string[]): TreeNode | undefined {
    return this.#nodes.get(path.join('/'))
  }

  /** Every run that is still of interest, the outermost first. */
  get nodes(): Iterable<TreeNode> {
    return this.#nodes.values()
  }

  /** What the engine needs to go on with a run. */
  restored(path: readonly string[]): RestoredRun | undefined {
    const node = this.node(path)
    if (node === undefined) return undefined
    const { state, events, timeoutMs } = node
    return { state, events, timeoutMs, openRequests: openRequestsIn(this.nodes, path) }
  }

  /** Adds a run whose state is kept elsewhere. */
  add(
    path: readonly string[],
    graph: OrchestrationGraph,
    state: RunState,
    timeoutMs: number | undefined,
    stateName = this.#stateAround(path),
  ): TreeNode {
    const values = this.#valuesOf(graph)
    const node: TreeNode = {
      path,
      stateName,
      parent: this.#parentOf(path),
      graph,
      values,
      facts: new FactCodec(values),
      runId: [this.#runId, ...path].join('/'),
      state,
      events: 0,
      timeoutMs,
    }
    this.#nodes.set(path.join('/'), node)
    return node
  }

  /** Begins a run as its journal says. */
  begin(path: readonly string[], { rules, timeoutMs, properties = [] }: StoredStart): TreeNode {
    const graph = this.#graphAt(path)
    const values = this.#valuesOf(graph)
    const start = Object.fromEntries(properties.map(([key, value]) => [key, values.decode(value)]))
    const runId = [this.#runId, ...path].join('/')
    const given = properties.length === 0 ? undefined : start
    const state = createRunState(graph, runId, decodeRules(rules), joinScopesOf(graph), given)
    return this.add(path, graph, state, timeoutMs)
  }

  /** Counts events of a run, which are events of the runs around it too. */
  count(node: TreeNode, events: number): void {
    for (let each: TreeNode | undefined = node; each !== undefined; each = each.parent) {
      // A run that has ended tells nothing any more.
      if (each === node || each.state.phase !== 'ended') each.events += events
    }
  }

  /**
   * Applies the facts of one turn; returns the events that the outermost run tells, if anybody wants them. `before` gets each fact,
   * as it is stored, before it is applied.
   */
  apply(
    node: TreeNode,
    facts: readonly unknown[],
    at: number,
    observed: boolean,
    before?: (fact: StoredFact) => void,
  ): readonly OrchestrationEvent[] {
    const out = new StepOutput()
    out.observed = observed
    out.at = at
    for (const json of facts) {
      const fact: Fact = node.facts.decode(json, node.state)
      before?.(json as StoredFact)
      step(node.state, fact, out)
    }
    const told = this.root?.events ?? 0
    const heard = isHeard(node)
    this.count(node, out.events.length + out.unseen)
    if (!heard) return []
    return out.events.map((event, index) => ({ ...outermost(node, event), seq: told + index }))
  }

  /**
   * Forgets the runs that nobody waits for, if they are over.
   * @param all also those that have not been told yet that they are: nothing more is applied, or their process is gone
   */
  prune(all = false): void {
    for (const [key, node] of this.#nodes) {
      const { parent, state, path } = node
      if (parent === undefined || (state.phase !== 'ended' && !all)) continue
      const [branch, number] = partsOf(path.at(-1) as string)
      const around = parent.state.branches.get(branch)
      const isNeeded = around?.step === number && (around.phase === 'waiting' || around.phase === 'working')
      if (!isNeeded || this.#nodes.get(parent.path.join('/')) !== parent) this.#nodes.delete(key)
    }
  }

  /** Every run as JSON. One whose beginning is not recorded yet is left out: whoever takes the run up begins it. */
  encode(): readonly StoredNodeState[] {
    this.prune()
    const begun = [...this.#nodes.values()].filter(({ state }) => state.phase !== 'created')
    return begun.map(({ path, stateName, events, timeoutMs, state, values }) => ({
      path,
      ...(path.length === 0 ? {} : { stateName }),
      events,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      state: encodeState(state, values),
    }))
  }

  /** Puts in place what {@link encode} wrote. */
  decode(stored: readonly StoredNodeState[]): void {
    this.#nodes.clear()
    for (const { path, stateName, events, timeoutMs, state } of stored) {
      const graph = this.#graphAt(path)
      const runId = [this.#runId, ...path].join('/')
      const restored = decodeState(state, graph, runId, this.#valuesOf(graph))
      const node = this.add(path, graph, restored, timeoutMs, stateName)
      node.events = events
    }
  }

  #parentOf(path: readonly string[]): TreeNode | undefined {
    return path.length === 0 ? undefined : this.node(path.slice(0, -1))
  }

  #stateAround(path: readonly string[]): string {
    const branch = this.#parentOf(path)?.state.branches.get(partsOf(path.at(-1) ?? '')[0])
    return branch?.node.name ?? ''
  }

  /** The graph of the run that a token of its parent stands for. */
  #graphAt(path: readonly string[]): OrchestrationGraph {
    const token = path.at(-1)
    if (token === undefined) return this.#graph
    const [id] = partsOf(token)
    const branch = this.#parentOf(path)?.state.branches.get(id)
    const runnable = branch?.runnable ?? branch?.node.runnable
    const inner = (runnable as { readonly orchestration?: { readonly graph: OrchestrationGraph } } | undefined)
      ?.orchestration
    if (inner === undefined) throw new Error(`a run inside step ${path.join('/')}, which is no sub-orchestration`)
    return inner.graph
  }
}

/** Branch and number of a token. */
export function partsOf(token: string): readonly [branch: string, step: number] {
  const at = token.lastIndexOf(':')
  return [token.slice(0, at), Number(token.slice(at + 1))]
}

/** Whether the outermost run tells the events of this one. */
function isHeard({ parent }: TreeNode): boolean {
  for (let each = parent; each !== undefined; each = each.parent) if (each.state.phase === 'ended') return false
  return true
}

/** An event as the outermost run tells it. */
function outermost(node: TreeNode, event: OrchestrationEvent): OrchestrationEvent {
  const { parent, path, stateName } = node
  if (parent === undefined) return event
  return outermost(parent, forwarded(event, parent.runId, stateName, path.at(-1) as string))
}
