import type { OrchestrationGraph } from '../../core/index.js'
import { graphFaults, missingResult } from '../../core/internal.js'
import { findingOf, type VerificationFinding } from './finding.js'

/** What stops a run before it starts, and a result that cannot be reached where the author has allowed for that. */
export function findFaults(graph: OrchestrationGraph): readonly VerificationFinding[] {
  const faults = graphFaults(graph).map(fault => findingOf(fault))
  const missing = missingResult(graph)
  return faults.length === 0 && missing !== undefined ? [findingOf(missing, 'warning')] : faults
}
