import { OrchestrationFailedError, type SubOrchestrationRunnable } from '../../core/index.js'
import { OrchestrationError } from '../../errors/index.js'
import { bodyName } from './body-name.js'
import { isBudgetFailure, rootFailure } from './failures.js'
import { NodeFailure } from './node-failure.js'
import { nodeIdOfState } from './state-names.js'

type Composite = SubOrchestrationRunnable<never, unknown>

/**
 * The run inside a node fails as the node at its bottom has: with the way there from `place`, which is made of the run's input. The end
 * of the money is told as it is (C25).
 */
export function tellingNodes<T extends Composite>(run: T, place: (input: unknown) => string): T {
  const start = run.startChild.bind(run)
  run.startChild = (input, ...around) => {
    const child = start(input, ...around)
    const result = child.result.catch((thrown: unknown) => {
      throw thrown instanceof OrchestrationFailedError ? failureAt(place(input), thrown) : thrown
    })
    return Object.defineProperty(child, 'result', { value: result })
  }
  return run
}

function failureAt(place: string, failure: OrchestrationFailedError): Error {
  const root = rootFailure(failure)
  if (isBudgetFailure(failure)) return root
  const path = pathTo(failure, place)
  return path === place && !place.startsWith('[') ? ownFailure(place, root) : new NodeFailure(path, root)
}

/** What has failed is the node itself, not one inside of it: it is told without the states that it is made of. */
function ownFailure(id: string, failure: Error): Error {
  if (!OrchestrationError.isInstance(failure)) return failure
  const { code, details } = failure
  const { timeoutMs, orchestration, reason } = details
  if (code === 'RUN_TIMED_OUT' && (orchestration === id || orchestration === bodyName(id))) {
    const message = `Node "${id}" did not complete within ${String(timeoutMs)} ms. Give it a longer \`timeout\`, or take it up with \`on_error\`.`
    return new OrchestrationError(message, { code, details: { node: id, timeoutMs } })
  }
  if (code === 'JOIN_INSUFFICIENT') {
    const message = `Too few nodes of group "${id}" have completed: ${String(reason)}. Give it another \`policy\`, or its nodes a \`fallback\`.`
    return new OrchestrationError(message, { code, details: { node: id, reason } })
  }
  return failure
}

function pathTo(failure: Error, place: string): string {
  if (failure instanceof NodeFailure) return joined(place, failure.path)
  if (!(failure instanceof OrchestrationFailedError)) return place
  const { stateName, cause } = failure
  const id = stateName === undefined ? undefined : nodeIdOfState(stateName)
  // What a node tells of its inside begins with its own id.
  const here = id === undefined || cause instanceof NodeFailure ? place : joined(place, id)
  return cause instanceof Error ? pathTo(cause, here) : here
}

function joined(place: string, path: string): string {
  return path.startsWith('[') || place === '' ? `${place}${path}` : `${place}.${path}`
}
