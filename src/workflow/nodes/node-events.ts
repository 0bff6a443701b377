import type { OrchestrationEvent } from '../../core/index.js'
import type { GraphOrchestration } from '../compile/graph-orchestration.js'
import { nodeOutput } from '../compile/node-output.js'
import { refusalText } from '../compile/refusal-text.js'
import { nodeIdOfState, nodeIdsOf, prepareState, refusedState } from '../compile/state-names.js'
import type { EdgeKind, NodePlan } from '../definition/node-plan.js'
import { edgeName, isErrorEdge } from './edge-name.js'
import { insideOf, levelOf, type NodeLevel } from './inside-of.js'
import { skipReason } from './skip-reason.js'

/** An edge that has led to a node. */
export interface LedBy {
  readonly from: string
  /** What has decided about it, in the words of the definition: `true`, `on_reject` and so on. */
  readonly advancer: string
  /** Whether it leads on from something that has not come about. */
  readonly error: boolean
}

/** An event of a run in the words of its workflow: `stateName` is the id of a node, `path` are those of the nodes around it. */
export type NodeEvent = OrchestrationEvent & {
  /** Of a node that is started: the edges that have led to it. */
  readonly ledBy?: readonly LedBy[]
}

/** A node that was started in one run of its graph. */
interface Visit {
  /** The step that the node began with, by which all that is told of it goes. */
  readonly token: string
  /** Whether its own state is still to come. */
  isPrepared: boolean
}

/** What is known of the nodes of one run of a graph while it is under way. */
class Nodes {
  readonly visits = new Map<string, Visit>()
  /** With which ends nodes have ended, by which edges go. */
  readonly ends = new Map<string, readonly EdgeKind[]>()
}

type StateEvent = Extract<OrchestrationEvent, { readonly stateName: string; readonly token: string }>

/**
 * Tells what the events of a run say of the nodes of its workflow, in the order of the events and from the first one on. What only leads
 * from node to node, or from turn to turn, is left out; so is how the runs inside of nodes began and ended, since the nodes say that.
 * What orchestrations in code tell inside of a node is told as it is.
 */
export class NodeEvents {
  readonly #root: NodeLevel
  readonly #levels = new Map<string, NodeLevel | undefined>()
  /** Those of each run of a graph that has not ended: a loop may have any number of turns. */
  readonly #runs = new Map<string, Nodes>()

  constructor(orchestration: GraphOrchestration) {
    this.#root = levelOf(orchestration)
  }

  /** What an event says of a node or of the run; `undefined` if nothing. */
  add(event: OrchestrationEvent): NodeEvent | undefined {
    const path = nodeIdsOf(event.path ?? [])
    const level = this.#levelAt(path)
    const told = level === undefined ? inCode(event) : this.#inWorkflow(level, event)
    if (told === undefined || told.path === undefined) return told
    return { ...told, path }
  }

  #inWorkflow(level: NodeLevel, event: OrchestrationEvent): NodeEvent | undefined {
    if (event.type === 'custom' && event.name === 'workflow.node.skipped') {
      const { node, reason } = event.data as { readonly node: string; readonly reason: string }
      const { type: _type, name: _name, data: _data, ...rest } = event
      return { ...rest, type: 'state.skipped', stateName: node, reason }
    }
    if (event.type.startsWith('orchestration.')) {
      if (event.path === undefined) return ofRun(event)
      if (endTypes.has(event.type)) this.#runs.delete(event.innerRunId ?? event.runId)
      return undefined
    }
    if (!('stateName' in event) || !('token' in event)) return undefined
    const state = event as StateEvent
    const node = level.plan.nodes.get(nodeIdOfState(state.stateName) ?? '')
    if (node === undefined || state.stateName === refusedState(node.id)) return undefined
    return this.#ofNode(node, state)
  }

  #ofNode(node: NodePlan, event: StateEvent): NodeEvent | undefined {
    const { id } = node
    const nodes = this.#nodesOf(event)
    const isOwn = event.stateName === id
    if (event.type === 'state.started') return started(nodes, node, event, isOwn)
    const token = nodes.visits.get(id)?.token ?? event.token
    const told = { ...event, stateName: id, token }
    switch (told.type) {
      case 'state.completed': {
        if (!isOwn) return undefined
        const { output } = told
        nodes.visits.delete(id)
        const ends = endsOf(node, output)
        nodes.ends.set(id, ends)
        return ends.includes('completed') ? { ...told, output: nodeOutput(node, output) } : refused(node, told)
      }
      case 'state.failed':
        nodes.visits.delete(id)
        nodes.ends.set(id, ['failed'])
        return told
      case 'state.skipped':
        nodes.visits.delete(id)
        return { ...told, reason: skipReason(told.reason) }
      default:
        return told
    }
  }

  #nodesOf({ innerRunId, runId }: OrchestrationEvent): Nodes {
    const id = innerRunId ?? runId
    let nodes = this.#runs.get(id)
    if (nodes === undefined) this.#runs.set(id, (nodes = new Nodes()))
    return nodes
  }

  #levelAt(path: readonly string[]): NodeLevel | undefined {
    const last = path.at(-1)
    if (last === undefined) return this.#root
    const key = JSON.stringify(path)
    if (!this.#levels.has(key)) {
      const around = this.#levelAt(path.slice(0, -1))
      const node = around?.plan.nodes.get(last)
      const inside = node === undefined ? undefined : insideOf(node, around?.graph)
      this.#levels.set(key, inside !== undefined && 'plan' in inside ? inside : undefined)
    }
    return this.#levels.get(key)
  }
}

const endTypes: ReadonlySet<string> = new Set([
  'orchestration.completed',
  'orchestration.failed',
  'orchestration.cancelled',
])

function started(
  { visits, ends }: Nodes,
  node: NodePlan,
  event: Extract<StateEvent, { readonly type: 'state.started' }>,
  isOwn: boolean,
): NodeEvent | undefined {
  const { id, incoming } = node
  const open = visits.get(id)
  if (isOwn && open?.isPrepared === true) {
    open.isPrepared = false
    return undefined
  }
  const token = open?.token ?? event.token
  visits.set(id, { token, isPrepared: event.stateName === prepareState(id) })
  const ledBy = incoming
    .filter(edge => ends.get(edge.from)?.includes(edge.on))
    .map((edge): LedBy => ({ from: edge.from, advancer: edgeName(edge), error: isErrorEdge(edge) }))
  return { ...event, stateName: id, token, ...(ledBy.length === 0 || open !== undefined ? {} : { ledBy }) }
}

/** What states in code tell, if they are not those that only bound them. */
function inCode(event: OrchestrationEvent): NodeEvent | undefined {
  if (event.type.startsWith('orchestration.')) return undefined
  const states = event.type === 'state.transition' ? [event.fromState, event.toState] : statesOf(event)
  return states.some(name => nodeIdOfState(name) === undefined) ? undefined : event
}

function statesOf(event: OrchestrationEvent): readonly string[] {
  return 'stateName' in event && event.stateName !== undefined ? [event.stateName] : []
}

function ofRun(event: OrchestrationEvent): OrchestrationEvent {
  if (event.type !== 'orchestration.failed' || event.stateName === undefined) return event
  const { stateName, ...rest } = event
  const id = nodeIdOfState(stateName)
  return id === undefined ? rest : { ...rest, stateName: id }
}

function endsOf({ type }: NodePlan, output: unknown): readonly EdgeKind[] {
  if (type === 'condition') {
    const { condition_met: isMet } = output as { readonly condition_met: boolean }
    return ['completed', isMet ? 'true' : 'false']
  }
  if (type !== 'human_approval') return ['completed']
  const { outcome } = output as { readonly outcome: string }
  return [outcome === 'approved' ? 'completed' : outcome === 'expired' ? 'expired' : 'rejected']
}

/** An approval that was not given is a node that has failed. */
function refused(
  node: NodePlan,
  { type: _type, output, ...rest }: Extract<StateEvent, { readonly type: 'state.completed' }>,
): NodeEvent {
  const errorMessage = refusalText(node.id, output)
  const { outcome } = output as { readonly outcome: string }
  const handled = node.type === 'human_approval' && (outcome === 'expired' ? node.routesExpiry : node.routesRejection)
  return { ...rest, type: 'state.failed', error: { name: 'Error', message: errorMessage }, errorMessage, handled }
}
