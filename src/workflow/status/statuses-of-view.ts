import type { RunView } from '../../durability/index.js'
import type { LoopOutcome } from '../../graph/internal.js'
import { costOfUsage, type PriceTable } from '../../resilience/index.js'
import { bodyName } from '../compile/body-name.js'
import type { NodeError } from '../compile/graph-record.js'
import { nodeOutput, type TurnResult } from '../compile/node-output.js'
import { failedKey, nodeIdOf, prepareState, skippedKey } from '../compile/state-names.js'
import type { GraphPlan, LoopPlan, ParallelGroupPlan } from '../definition/node-plan.js'
import { settleApproval } from './settle-approval.js'
import type { StatusRows } from './status-rows.js'

/** A body that is done has left its outputs, of a loop those of its last turn; of the rest only the events tell. */
function addBody(rows: StatusRows, { type, body }: LoopPlan | ParallelGroupPlan, returned: unknown): void {
  const results = type === 'loop' ? (returned as LoopOutcome<TurnResult>).results : []
  const outputs = (type === 'loop' ? (results.at(-1)?.nodes ?? {}) : returned) as Readonly<Record<string, unknown>>
  for (const [id, node] of body.nodes) {
    const row = rows.get(id)
    if (row === undefined) continue
    if (Object.hasOwn(outputs, id)) {
      row.status = 'completed'
      row.attempts = 1
      row.output = outputs[id]
    } else rows.skip(row, 'it has left no output', undefined)
    if (node.type !== 'loop' && node.type !== 'parallel_group') continue
    // What an inner body has returned is not kept as such, only as others read it.
    for (const inside of node.body.nodes.keys()) {
      const inner = rows.get(inside)
      if (inner?.status === 'pending' && row.status === 'completed') inner.status = 'completed'
    }
  }
}

/** Fills rows in with what is known of a run at some place in its journal; of times and attempts nothing is. */
export function addView(rows: StatusRows, graph: GraphPlan, view: RunView, prices: PriceTable | undefined): void {
  const bodies = new Map<string, GraphPlan>()
  const loops = new Set<string>()
  collectBodies(graph, bodies, loops)
  const isOwn = ({ orchestration }: RunView): boolean => bodies.has(orchestration) || loops.has(orchestration)
  const others = view.inner.filter(inner => !isOwn(inner)).map(({ runId }) => `${runId}/`)
  addGraph(rows, graph, view)
  for (const inner of view.inner) {
    const body = bodies.get(inner.orchestration)
    if (body !== undefined && !others.some(prefix => inner.runId.startsWith(prefix))) addGraph(rows, body, inner)
  }
  for (const usage of [view, ...view.inner.filter(({ status }) => status === 'running' || status === 'paused')].flatMap(
    run => run.usage,
  )) {
    const names = usage.stateName.split('/')
    const row = rows.find(names)?.row ?? rows.get(nodeIdOf(names.at(-1) as string))
    if (row !== undefined) rows.addCost(row, costOfUsage(usage, prices) ?? 0)
  }
  if (view.status === 'completed') rows.complete(undefined)
}

function collectBodies(graph: GraphPlan, bodies: Map<string, GraphPlan>, loops: Set<string>): void {
  for (const node of graph.nodes.values()) {
    if (node.type !== 'loop' && node.type !== 'parallel_group') continue
    bodies.set(bodyName(node.id), node.body)
    if (node.type === 'loop') loops.add(node.id)
    collectBodies(node.body, bodies, loops)
  }
}

function addGraph(rows: StatusRows, graph: GraphPlan, { outputs, properties, branches }: RunView): void {
  for (const [id, node] of graph.nodes) {
    const row = rows.get(id)
    if (row === undefined) continue
    const skipped = properties[skippedKey(id)] as string | undefined
    const failed = properties[failedKey(id)] as NodeError | undefined
    const branch = branches.find(each => nodeIdOf(each.stateName) === id)
    const returned = Object.hasOwn(outputs, id) ? outputs[id] : undefined
    if (returned !== undefined || branch !== undefined || Object.hasOwn(outputs, prepareState(id))) {
      row.status = 'running'
      row.attempts = 1
    }
    if (branch !== undefined) {
      row.input = branch.input
      if (branch.phase === 'waiting' && node.type === 'human_approval') row.status = 'waiting'
    }
    if (returned !== undefined) {
      row.output = nodeOutput(node, returned)
      if (node.type === 'human_approval') settleApproval(row, returned)
      else row.status = 'completed'
      if (node.type === 'loop' || node.type === 'parallel_group') addBody(rows, node, returned)
    }
    if (failed !== undefined) rows.fail(row, failed, undefined)
    if (skipped !== undefined) rows.skip(row, skipped, undefined)
  }
}
