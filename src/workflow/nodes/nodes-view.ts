import type { Orchestration, OrchestrationEvent } from '../../core/index.js'
import type { DiagramOutline, RunTrace } from '../../graph/index.js'
import { GraphOrchestration } from '../compile/graph-orchestration.js'
import { type NodeEvent, NodeEvents } from './node-events.js'
import { nodeTraceOf } from './node-trace.js'
import { outlineOf } from './outline-of.js'

/** Runs of a compiled workflow in the words of its definition. */
export interface NodesView {
  readonly outline: DiagramOutline
  /** What events say of nodes; each call begins anew, with the first event of a run. */
  readonly reader: () => (event: OrchestrationEvent) => NodeEvent | undefined
  readonly traceOf: (events: Iterable<OrchestrationEvent>) => RunTrace
}

/** The nodes of what was compiled of a workflow; `undefined` for other orchestrations. */
export function nodesViewOf(compiled: Orchestration<never, unknown>): NodesView | undefined {
  const orchestration: object = compiled
  if (!(orchestration instanceof GraphOrchestration)) return undefined
  return {
    outline: outlineOf(compiled) as DiagramOutline,
    reader: () => {
      const nodes = new NodeEvents(orchestration)
      return event => nodes.add(event)
    },
    traceOf: events => nodeTraceOf(compiled, events),
  }
}
