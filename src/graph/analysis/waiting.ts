import {
  ApprovalRunnable,
  Approved,
  Expired,
  type GraphAdvancer,
  type GraphNode,
  type OrchestrationGraph,
  Rejected,
  type RunContext,
  SignalRunnable,
} from '../../core/index.js'
import { findingAt, type VerificationFinding } from './finding.js'

/**
 * States that wait for somebody: for ever, or with outcomes that have no route. Whether an outcome of an approval has a route is
 * found out by asking the conditions; one that looks at more than what kind of outcome it is, is taken to match.
 */
export function findOpenWaits(graph: OrchestrationGraph): readonly VerificationFinding[] {
  return graph.nodes.flatMap(node => {
    const { runnable } = node
    if (runnable instanceof ApprovalRunnable) {
      return [...waitsForEver(node, runnable.timeoutMs), ...openOutcomes(node, runnable.timeoutMs)]
    }
    if (runnable instanceof SignalRunnable) {
      return [...waitsForEver(node, runnable.timeoutMs), ...expiresUnhandled(node, runnable.timeoutMs)]
    }
    return []
  })
}

function waitsForEver(node: GraphNode, timeoutMs: number | undefined): readonly VerificationFinding[] {
  if (timeoutMs !== undefined) return []
  const message = `"${node.name}" waits for ever if nobody answers`
  return [findingAt(node, 'hint', 'WAITS_FOREVER', message, 'give it a timeoutMs, and a route for when time is up')]
}

function expiresUnhandled(node: GraphNode, timeoutMs: number | undefined): readonly VerificationFinding[] {
  if (timeoutMs === undefined || node.errorAdvancers.length > 0) return []
  const message = `the run fails if nobody sends "${node.name}" its signal within ${timeoutMs} ms`
  return [findingAt(node, 'hint', 'EXPIRY_UNROUTED', message, 'add an onError() route for SIGNAL_EXPIRED')]
}

function openOutcomes(node: GraphNode, timeoutMs: number | undefined): readonly VerificationFinding[] {
  // A terminal state's outcome is the result; one that nothing takes ends its branch, or goes the way of failures.
  if (node.advancers.length === 0 || node.allowDeadEnd || node.errorAdvancers.length > 0) return []
  const subject = untouchable()
  const open = [new Approved(subject, {}), new Rejected(subject, {})]
    .filter(outcome => !hasRoute(node, outcome))
    .map(({ outcome }) =>
      findingAt(
        node,
        'warning',
        'OUTCOME_UNROUTED',
        `no advancer of "${node.name}" takes what is ${outcome}, so the run fails`,
        `add a way on for ${outcome === 'approved' ? 'Approved' : 'Rejected'}`,
      ),
    )
  if (timeoutMs === undefined || hasRoute(node, new Expired(subject))) return open
  const message = `no advancer of "${node.name}" takes what has expired, so the run fails after ${timeoutMs} ms`
  return [...open, findingAt(node, 'hint', 'EXPIRY_UNROUTED', message, 'add a way on for Expired')]
}

function hasRoute(node: GraphNode, outcome: unknown): boolean {
  return node.advancers.some(advancer => mayMatch(advancer, outcome))
}

function mayMatch({ advancer }: GraphAdvancer, outcome: unknown): boolean {
  try {
    const answer: unknown = advancer.shouldAdvance(outcome as never, untouchable() as RunContext)
    if (answer instanceof Promise) answer.catch(() => undefined)
    return answer !== false
  } catch {
    return true
  }
}

/** Something that throws whatever is done with it, so that a condition cannot decide by it. */
function untouchable(): unknown {
  const refuse = (): never => {
    throw new Error('There is no subject and no run while a definition is verified.')
  }
  return new Proxy(
    {},
    {
      get: refuse,
      set: refuse,
      has: refuse,
      ownKeys: refuse,
      getPrototypeOf: refuse,
      getOwnPropertyDescriptor: refuse,
    },
  )
}
