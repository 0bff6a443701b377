import type { Fact } from '../core/index.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import type { TreeNode } from './run-tree.js'

/** Says which state has a value that cannot be stored. */
export function unstorable(thrown: unknown, fact: Fact, { state, graph }: TreeNode): OrchestrationError {
  const cause = ensureError(thrown)
  const stateName = 'branch' in fact ? state.branches.get(fact.branch)?.node.name : undefined
  const token = 'branch' in fact ? `${fact.branch}:${fact.step}` : undefined
  return new OrchestrationError(`${subjectOf(fact, stateName, graph.name)} cannot be stored: ${cause.message}`, {
    code: 'PAYLOAD_NOT_SERIALIZABLE',
    details: { orchestration: graph.name, stateName, token },
    cause,
  })
}

function subjectOf(fact: Fact, stateName: string | undefined, orchestration: string): string {
  switch (fact.type) {
    case 'started':
      return `The input of orchestration "${orchestration}"`
    case 'ended':
      return `The result of orchestration "${orchestration}"`
    case 'completed':
      return `What state "${stateName}" has returned or written`
    case 'advanced':
      return `What the advancers of state "${stateName}" hand on`
    case 'answered':
      return `What state "${stateName}" was waiting for`
    case 'kept':
      return `Result "${fact.name}" of state "${stateName}"`
    case 'emitted':
      return `An event of state "${fact.event.stateName}"`
    default:
      return `A fact of orchestration "${orchestration}"`
  }
}
