import { Orchestration, type OrchestrationGraph, SubOrchestrationRunnable, WiringError } from '../core/index.js'
import { refusedGraphOf } from '../core/internal.js'
import { findFaults } from './analysis/faults.js'
import { findingOf, type VerificationFinding } from './analysis/finding.js'
import { findHungryJoins } from './analysis/joins.js'
import { findDeadEnds, findUnreachable } from './analysis/reach.js'
import { findNeverAsked, findUndeclared } from './analysis/routes.js'
import { findTypeMismatches } from './analysis/type-mismatches.js'
import { findOpenWaits } from './analysis/waiting.js'
import { VerificationReport } from './verification-report.js'

const analyses: readonly ((graph: OrchestrationGraph) => readonly VerificationFinding[])[] = [
  findFaults,
  findTypeMismatches,
  findUnreachable,
  findDeadEnds,
  findNeverAsked,
  findHungryJoins,
  findOpenWaits,
  findUndeclared,
]

/**
 * Checks a definition without running it: states that cannot be reached or from which no result can be, joins that starve,
 * cycles nothing bounds, types that do not meet, outcomes without a route, and whatever else keeps it from being compiled. The
 * definitions of sub-orchestrations are checked with it, their findings having a `path`.
 *
 * What is of severity `error` also stops `run()`, with a {@link WiringError}; warnings and hints do not. Nothing of severity
 * `error` rests on a guess: an advancer that does not declare its targets may lead anywhere, a condition may hold or not.
 *
 * ```ts
 * const report = verify(new Research())
 * if (!report.ok) console.error(report.toString())
 * ```
 *
 * Never throws for what is wrong with the definition. Like the first run, it freezes one that is sound.
 */
export function verify(definition: Orchestration<never, unknown> | OrchestrationGraph): VerificationReport {
  if (!(definition instanceof Orchestration)) {
    return new VerificationReport(definition.name, analysed(definition, new Set()))
  }
  try {
    return verify(definition.graph)
  } catch (thrown) {
    if (!(thrown instanceof WiringError)) throw thrown
    const graph = refusedGraphOf(thrown)
    const findings = thrown.faults.map(fault => findingOf(fault))
    return new VerificationReport(definition.name, graph === undefined ? findings : analysed(graph, new Set()))
  }
}

/** What is found in a graph and in those inside it, each of them once. */
function analysed(graph: OrchestrationGraph, seen: Set<OrchestrationGraph>): readonly VerificationFinding[] {
  seen.add(graph)
  const own = withoutRepetition([...duplicates(graph), ...analyses.flatMap(analyse => analyse(graph))])
  const inner = graph.nodes.flatMap(({ name, runnable }) => {
    if (!(runnable instanceof SubOrchestrationRunnable) || seen.has(runnable.orchestration.graph)) return []
    return analysed(runnable.orchestration.graph, seen).map(finding => ({
      ...finding,
      path: [name, ...(finding.path ?? [])],
    }))
  })
  return [...own, ...inner]
}

/** A definition that was compiled has none; a graph that was put together may. */
function duplicates({ nodes }: OrchestrationGraph): readonly VerificationFinding[] {
  const seen = new Set<string>()
  const again = new Set(nodes.flatMap(({ name }) => (seen.size === seen.add(name).size ? [name] : [])))
  return [...again].map(stateName => ({
    code: 'DUPLICATE_NAME',
    severity: 'error',
    stateName,
    message: `two states are called "${stateName}"`,
    advice: 'give one of them a name of its own',
  }))
}

/** Two analyses may come to the same fault, of which the first to be found is the graver. */
function withoutRepetition(findings: readonly VerificationFinding[]): readonly VerificationFinding[] {
  const first = new Map<string, VerificationFinding>()
  for (const finding of findings) {
    const { code, stateName = '', message } = finding
    const key = code === 'JOIN_STARVES' ? `${code} ${stateName}` : `${code} ${stateName} ${message}`
    if (!first.has(key)) first.set(key, finding)
  }
  return [...first.values()]
}
