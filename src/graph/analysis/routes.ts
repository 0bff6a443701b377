import type { GraphAdvancer, GraphNode, OrchestrationGraph } from '../../core/index.js'
import { askedAdvancers, askedErrorAdvancers } from '../../core/internal.js'
import { findingAt, quoted, type VerificationFinding } from './finding.js'

/** Advancers that come after one that always matches. */
export function findNeverAsked(graph: OrchestrationGraph): readonly VerificationFinding[] {
  return graph.nodes.flatMap(node => [
    ...neverAsked(node, node.advancers, askedAdvancers(node)),
    ...neverAsked(node, node.errorAdvancers.filter(isForItself), askedErrorAdvancers(node)),
  ])
}

function neverAsked(
  node: GraphNode,
  declared: readonly GraphAdvancer[],
  asked: readonly GraphAdvancer[],
): readonly VerificationFinding[] {
  const certain = asked.at(-1)?.name ?? ''
  return declared
    .filter(advancer => !asked.includes(advancer))
    .map(({ name }) =>
      findingAt(
        node,
        'warning',
        'NEVER_ASKED',
        `advancer "${name}" of state "${node.name}" is never asked, because "${certain}" before it always matches`,
        'put it first, give the other one a condition, or set parallelAdvances to follow both',
      ),
    )
}

/** A way to an `any` join also tells the join whom to cancel once it has fired, so it may be meant never to be taken. */
function isForItself({ targets = [] }: GraphAdvancer): boolean {
  return !targets.every(({ join }) => join?.quorum === 1 && join.cancelRest)
}

/** Advancers that do not say where they may lead. */
export function findUndeclared(graph: OrchestrationGraph): readonly VerificationFinding[] {
  const joins = graph.nodes.filter(({ kind }) => kind === 'join')
  const because =
    joins.length === 0
      ? 'nothing can be said about what can be reached from there'
      : `${quoted(joins)} may wait for it longer than necessary`
  return graph.nodes.flatMap(node =>
    [...node.advancers, ...node.errorAdvancers]
      .filter(({ targets }) => targets === undefined)
      .map(({ name }) =>
        findingAt(
          node,
          'hint',
          'UNDECLARED_TARGETS',
          `advancer "${name}" of state "${node.name}" does not say where it may lead, so ${because}`,
          'declare its targets with @Advancer({ to: [() => Next] })',
        ),
      ),
  )
}
