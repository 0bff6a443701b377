import type { Orchestration, OrchestrationEvent } from '../../core/index.js'
import { type RunTrace, traceOf } from '../../graph/index.js'
import { GraphOrchestration } from '../compile/graph-orchestration.js'
import { NodeEvents } from './node-events.js'

/**
 * What happened to the nodes of a workflow in a run, in figures, to be drawn onto its `outlineOf`: as `traceOf` says it of states. An
 * approval that was not given has failed. Of an orchestration that was not compiled of a workflow, what `traceOf` says.
 *
 * @param compiled what the run is of
 * @param events those of the run from its first one on
 */
export function nodeTraceOf(compiled: Orchestration<never, unknown>, events: Iterable<OrchestrationEvent>): RunTrace {
  const orchestration: object = compiled
  return traceOf(orchestration instanceof GraphOrchestration ? tracedEvents(orchestration, events) : events)
}

/** The edges that were taken come between the nodes. */
function* tracedEvents(
  orchestration: GraphOrchestration,
  events: Iterable<OrchestrationEvent>,
): Iterable<OrchestrationEvent> {
  const nodes = new NodeEvents(orchestration)
  /** The last step of each node in each run of its graph. */
  const tokens = new Map<string, string>()
  for (const event of events) {
    const told = nodes.add(event)
    if (told === undefined) continue
    if (told.type === 'state.started') {
      const { type: _type, stateName, token, input: _input, ledBy = [], ...rest } = told
      const scope = told.innerRunId ?? told.runId
      for (const { from, advancer } of ledBy) {
        const fromToken = tokens.get(`${scope}\n${from}`) ?? ''
        yield {
          ...rest,
          type: 'state.transition',
          advancer,
          fromState: from,
          toState: stateName,
          fromToken,
          toToken: token,
        }
      }
      tokens.set(`${scope}\n${stateName}`, token)
    }
    yield told
  }
}
