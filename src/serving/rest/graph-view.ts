import type { OrchestrationGraph } from '../../core/index.js'
import type { RunRecord } from '../../durability/index.js'
import type { DiagramOutline, RunTrace } from '../../graph/index.js'
import type { NodeReport } from '../run-kind.js'
import type { ExecutionGraphBody } from './inspection-body.js'
import type { GraphEdgeBody } from './orchestration-body.js'
import { graphBody } from './orchestration-routes.js'

/** What a graph consists of, before it is told what happened to it. */
interface Drawn {
  /** Where it begins. */
  readonly entries: readonly string[]
  readonly nodes: readonly Pick<NodeReport, 'nodeId' | 'nodeType' | 'parent' | 'status'>[]
  readonly edges: readonly DrawnEdge[]
}

interface DrawnEdge extends GraphEdgeBody {
  /** The nodes that it is inside of. */
  readonly path: readonly string[]
}

/** The states of an orchestration, and the ways between them. */
export function drawnStates(graph: OrchestrationGraph, reports: readonly NodeReport[]): Drawn {
  const { entry, nodes, edges } = graphBody(graph)
  const statuses = new Map(reports.map(({ nodeId, status }) => [nodeId, status]))
  return {
    entries: [entry],
    nodes: nodes.map(({ id, type }) => ({ nodeId: id, nodeType: type, status: statuses.get(id) ?? 'pending' })),
    edges: edges.map(edge => Object.assign({ path: [] }, edge)),
  }
}

/** The nodes of a workflow with those of bodies, and the edges between them. */
export function drawnNodes(outline: DiagramOutline, reports: readonly NodeReport[]): Drawn {
  const { nodes, ways } = outline
  const led = new Set(ways.map(({ to }) => to))
  const entries = nodes.map(({ name }) => name).filter(name => !led.has(name))
  const paths = new Set(reports.map(report => JSON.stringify(pathOf(report, reports))))
  return { entries, nodes: reports, edges: edgesOf(outline, []).filter(({ path }) => paths.has(JSON.stringify(path))) }
}

function edgesOf({ nodes, ways }: DiagramOutline, path: readonly string[]): readonly DrawnEdge[] {
  return [
    ...ways.map(({ from, to, advancer, onError }) => {
      return { from, to, advancer, path, ...(onError ? { on_error: true } : {}) }
    }),
    ...nodes.flatMap(({ name, inner }) =>
      inner !== undefined && 'ways' in inner ? edgesOf(inner, [...path, name]) : [],
    ),
  ]
}

/** A graph with what happened to it in an execution. */
export function executionGraph(
  { runId, states, status }: RunRecord,
  { entries, nodes, edges }: Drawn,
  trace: RunTrace,
): ExecutionGraphBody {
  const current = new Set(status === 'running' || status === 'paused' ? states : [])
  return {
    execution_id: runId,
    entries: [...entries],
    nodes: nodes.map(node => {
      const { nodeId, nodeType, parent, status: nodeStatus } = node
      const path = pathOf(node, nodes)
      const found = trace.states.find(({ path: at, stateName }) => stateName === nodeId && isSame(at, path))
      const { visits = 0, completed = 0, failures = 0, totalMs = 0 } = found ?? {}
      return {
        id: nodeId,
        type: nodeType,
        ...(parent === undefined ? {} : { parent }),
        status: nodeStatus,
        visits,
        completed,
        failures,
        current: current.has(nodeId) || nodeStatus === 'running' || nodeStatus === 'waiting',
        total_ms: totalMs,
      }
    }),
    edges: edges.map(({ path, ...edge }) => {
      const { from, to, advancer, on_error: onError = false } = edge
      const taken = trace.transitions.filter(
        each =>
          isSame(each.path, path) &&
          each.fromState === from &&
          each.toState === to &&
          each.advancer === advancer &&
          each.onError === onError,
      )
      return { ...edge, visits: taken.reduce((sum, { count }) => sum + count, 0) }
    }),
  }
}

/** The nodes around a node; ids are unique over all bodies of a workflow. */
function pathOf({ parent }: Drawn['nodes'][number], nodes: Drawn['nodes']): readonly string[] {
  if (parent === undefined) return []
  const around = nodes.find(({ nodeId }) => nodeId === parent)
  return around === undefined ? [parent] : [...pathOf(around, nodes), parent]
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}
