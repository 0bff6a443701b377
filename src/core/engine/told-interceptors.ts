import { ensureError } from '../../errors/index.js'
import type { OrchestrationGraph } from '../graph.js'
import type { Interceptor } from '../interceptor.js'
import type { ResolvedRunOptions } from '../orchestration-options.js'
import type { RunState } from './run-state.js'

/** Tells interceptors what a run had spent before it was restored. */
export function tellOfResumption(state: RunState, { inherited, unheard }: ResolvedRunOptions): void {
  if (unheard) return
  const { usage = [], visits, startedAt, graph, runId } = state
  const steps = Object.fromEntries(graph.nodes.map(({ name, index }) => [name, visits[index] ?? 0]))
  const told = { usage, steps, startedAt }
  for (const interceptor of interceptorsOf(graph)) interceptor.onRunResume?.({ ...told, runId, path: [] })
  for (const { interceptor, runId: outer, path } of inherited)
    interceptor.onRunResume?.({ ...told, runId: outer, path })
}

/** Tells interceptors that a run is over; what they throw goes to the logger. */
export function tellOfEnd({ graph, runId }: RunState, { rules, unheard }: ResolvedRunOptions): void {
  if (unheard) return
  for (const interceptor of endListenersOf(graph)) {
    try {
      interceptor.onRunEnd?.(runId)
    } catch (thrown) {
      rules.logger.warn('onRunEnd() of an interceptor threw; the outcome of the run stands', ensureError(thrown))
    }
  }
}

const endListeners = new WeakMap<OrchestrationGraph, readonly Interceptor[]>()

/** Worked out once for each graph: it is asked for at the end of every run. */
function endListenersOf(graph: OrchestrationGraph): readonly Interceptor[] {
  let found = endListeners.get(graph)
  if (found === undefined) {
    found = interceptorsOf(graph).filter(({ onRunEnd }) => onRunEnd !== undefined)
    endListeners.set(graph, found)
  }
  return found
}

function interceptorsOf(graph: OrchestrationGraph): readonly Interceptor[] {
  return [...new Set(graph.nodes.flatMap(node => node.interceptors))]
}
