import { filter, finalize, map, type Observable } from 'rxjs'
import type { OrchestrationEvent } from '../core/index.js'
import type { RunHost } from '../durability/index.js'
import type { PrometheusMetrics } from '../observability/index.js'
import type { WorkflowService } from '../workflow/index.js'
import { nodeIdOfState } from '../workflow/internal.js'

/** What every JSON workflow is called in metrics. */
const anyWorkflow = 'workflow'

/**
 * Counts the runs that a host drives: those of orchestrations in code under their names, those of all JSON workflows as one. What is in a
 * definition is no label, because any tenant may define any number of them, and none is to learn what there is of others.
 * @returns what ends it
 */
export function countRuns(metrics: PrometheusMetrics, host: RunHost, workflows: WorkflowService): () => void {
  const stops = new Set<() => void>()
  const runs = host.runs$.subscribe(hosted => {
    const { run } = hosted
    const events = workflows.has(hosted) ? ofAnyWorkflow(run.events$) : run.events$
    // A run that another process goes on with has no last event here.
    const stop = metrics.observe(events.pipe(finalize(() => void Promise.resolve().then(end))))
    const end = (): void => {
      if (stops.delete(end)) stop()
    }
    stops.add(end)
  })
  return () => {
    runs.unsubscribe()
    for (const stop of stops) stop()
  }
}

function ofAnyWorkflow(events: Observable<OrchestrationEvent>): Observable<OrchestrationEvent> {
  return events.pipe(
    filter(event => counts(event)),
    map(event => nameless(event)),
  )
}

/** Nodes, each by its own state, and what they use; what is inside of a node belongs to it, and what only leads to it to nobody. */
function counts(event: OrchestrationEvent): boolean {
  const { type } = event
  if (type === 'agent.usage' || type === 'agent.tool.completed' || type === 'budget.exceeded') return true
  if (event.innerRunId !== undefined) return false
  if (type.startsWith('orchestration.')) return true
  return type.startsWith('state.') && 'stateName' in event && nodeIdOfState(event.stateName ?? '') === event.stateName
}

/** A label that is empty is none. */
function nameless(event: OrchestrationEvent): OrchestrationEvent {
  const { innerRunId: _inner, path: _path, ...outer } = event
  const names = {
    ...('orchestration' in event ? { orchestration: anyWorkflow } : {}),
    ...('stateName' in event ? { stateName: '' } : {}),
    ...('agent' in event ? { agent: '' } : {}),
    ...('model' in event ? { model: '' } : {}),
    ...('tool' in event ? { tool: '' } : {}),
    ...('budget' in event ? { budget: anyWorkflow } : {}),
  }
  return { ...outer, ...names } as OrchestrationEvent
}
