import type { EventError } from '../../core/index.js'
import { nodeIdOf } from '../compile/state-names.js'
import type { GraphPlan, NodePlan } from '../definition/node-plan.js'
import type { NodeState, NodeStatus } from './node-status.js'

/** A row while it is filled in. */
export interface StatusRow {
  readonly node: NodePlan
  readonly parent: StatusRow | undefined
  status: NodeState
  cost: number
  attempts: number
  /** Whether it is invoked itself, and not a run, or what waits, after a state that prepares it. */
  isInvoked?: boolean
  input?: unknown
  output?: unknown
  startedAt?: number
  completedAt?: number
  errorMessage?: string
}

/** The rows of a workflow's nodes, those of bodies after the nodes that they belong to. */
export class StatusRows {
  readonly #rows = new Map<string, StatusRow>()
  readonly #graph: GraphPlan

  constructor(graph: GraphPlan) {
    this.#graph = graph
    this.#add(graph, undefined)
  }

  #add(graph: GraphPlan, parent: StatusRow | undefined): void {
    for (const [id, node] of graph.nodes) {
      const row: StatusRow = { node, parent, status: 'pending', cost: 0, attempts: 0 }
      this.#rows.set(id, row)
      if (node.type === 'loop' || node.type === 'parallel_group') this.#add(node.body, row)
    }
  }

  get(id: string): StatusRow | undefined {
    return this.#rows.get(id)
  }

  /** The row that the innermost of some states belongs to; `isOwn` if that state is one of the node's own. */
  find(names: readonly string[]): { readonly row: StatusRow; readonly isOwn: boolean } | undefined {
    let graph: GraphPlan | undefined = this.#graph
    let row: StatusRow | undefined
    let isOwn = false
    for (const name of names) {
      const id: string = nodeIdOf(name)
      const node: NodePlan | undefined = graph?.nodes.get(id)
      isOwn = node !== undefined
      if (node === undefined) continue
      row = this.#rows.get(id)
      graph = node.type === 'loop' || node.type === 'parallel_group' ? node.body : undefined
    }
    return row === undefined ? undefined : { row, isOwn }
  }

  addCost(row: StatusRow, cost: number): void {
    for (let at: StatusRow | undefined = row; at !== undefined; at = at.parent) at.cost += cost
  }

  /** A node was skipped, and all that is in its body with it. */
  skip(row: StatusRow, reason: string, at: number | undefined): void {
    row.status = 'skipped'
    row.errorMessage = reason
    if (at !== undefined) row.completedAt = at
    this.close(row, reason, at)
  }

  /** A node has ended: what is in its body and has not, never will. */
  close(row: StatusRow | undefined, reason: string, at: number | undefined): void {
    for (const inside of this.#rows.values()) {
      if (inside.parent === row && isOpen(inside)) this.skip(inside, reason, at)
    }
  }

  fail(row: StatusRow, error: Pick<EventError, 'message'>, at: number | undefined): void {
    row.status = 'failed'
    row.errorMessage = error.message
    if (at !== undefined) row.completedAt = at
    this.close(row, 'the node around it has failed', at)
  }

  /** The run has completed: what was not started by then never will be. */
  complete(at: number | undefined): void {
    this.close(undefined, 'it was not needed', at)
  }

  /** The run goes on after a pause or in another process: what was under way by then is done again. */
  resume(): void {
    for (const row of this.#rows.values()) if (row.status === 'running' && row.isInvoked === true) row.attempts++
  }

  /** The run has ended otherwise: what was under way is given up, what was not started stays as it is. */
  giveUp(reason: string, at: number): void {
    for (const row of this.#rows.values()) {
      if (row.status === 'running' || row.status === 'waiting') this.skip(row, reason, at)
    }
  }

  get statuses(): readonly NodeStatus[] {
    return [...this.#rows.values()].map(({ node, parent, cost, isInvoked: _isInvoked, ...rest }) => ({
      nodeId: node.id,
      nodeType: node.type,
      ...(parent === undefined ? {} : { parent: parent.node.id }),
      ...rest,
      // Sums of binary fractions drift.
      cost: Math.round(cost * 1e9) / 1e9,
    }))
  }
}

function isOpen({ status }: StatusRow): boolean {
  return status === 'pending' || status === 'running' || status === 'waiting'
}
