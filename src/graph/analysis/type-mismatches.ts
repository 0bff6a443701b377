import { type GraphNode, type OrchestrationGraph, StateFailure } from '../../core/index.js'
import { conversionAdvice, conversionMismatch, hasFixedTarget, resultStates } from '../../core/internal.js'
import { schemaOf } from '../../schema/index.js'
import { findingAt, type VerificationFinding } from './finding.js'

/** Declared classes that do not meet. A definition that was compiled has none between states; a graph that was put together may. */
export function findTypeMismatches(graph: OrchestrationGraph): readonly VerificationFinding[] {
  return [
    ...ofEntry(graph),
    ...ofResults(graph),
    ...graph.nodes.flatMap(node => [...ofWays(node), ...ofFailures(node)]),
  ]
}

function ofEntry({ input, entry }: OrchestrationGraph): readonly VerificationFinding[] {
  if (input === undefined || entry.input === undefined || entry.input.accepts(input)) return []
  const message = `the orchestration takes ${input.name}, but its initial state "${entry.name}" takes ${entry.input.name}`
  return [findingAt(entry, 'error', 'TYPE_MISMATCH', message, 'declare the same class for both')]
}

function ofResults(graph: OrchestrationGraph): readonly VerificationFinding[] {
  const { output } = graph
  if (output === undefined) return []
  return resultStates(graph)
    .filter(end => end.output !== undefined && !output.accepts(end.output))
    .map(end =>
      findingAt(
        end,
        'error',
        'TYPE_MISMATCH',
        `the orchestration returns ${output.name}, but "${end.name}", where it can end, returns ${end.output?.name}`,
        'lead on from there, or say which state has the result',
      ),
    )
}

function ofWays(node: GraphNode): readonly VerificationFinding[] {
  return node.advancers
    .filter(way => hasFixedTarget(way) && !way.converts)
    .flatMap(({ name, targets = [] }) =>
      targets.flatMap(target => {
        const mismatch = conversionMismatch(node, target, name)
        return mismatch === undefined ? [] : [findingAt(node, 'error', 'TYPE_MISMATCH', mismatch, conversionAdvice)]
      }),
    )
}

/** What a route for failures gets, unless it converts it, is a `StateFailure`. */
function ofFailures(node: GraphNode): readonly VerificationFinding[] {
  const failure = schemaOf(StateFailure)
  return node.errorAdvancers
    .filter(way => hasFixedTarget(way) && !way.converts)
    .flatMap(({ targets = [] }) => targets)
    .filter(({ input }) => input !== undefined && !input.accepts(failure))
    .map(({ name, input }) =>
      findingAt(
        node,
        'warning',
        'TYPE_MISMATCH',
        `a failure of "${node.name}" is led to "${name}", which takes ${input?.name}, not a StateFailure`,
        'give onError() a third argument that makes its input of the failure',
      ),
    )
}
