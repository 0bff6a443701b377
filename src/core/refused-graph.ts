import type { OrchestrationGraph } from './graph.js'
import { WiringError } from './run-errors.js'
import type { WiringFault } from './wiring-fault.js'

const refusedGraphs = new WeakMap<WiringError, OrchestrationGraph>()

/** A graph that is complete but can be seen to fail is kept with its refusal, so that everything about it can be reported. */
export function refusal(graph: OrchestrationGraph, faults: readonly WiringFault[]): WiringError {
  const error = new WiringError(graph.name, faults)
  refusedGraphs.set(error, graph)
  return error
}

/** The graph that was refused, if the definition was complete enough to make one. */
export function refusedGraphOf(error: WiringError): OrchestrationGraph | undefined {
  return refusedGraphs.get(error)
}
