import type { GraphNode, WiringFault, WiringFaultCode } from '../../core/index.js'

/**
 * How bad a finding is. `error`: a run fails for certain, so none is started; `warning`: part of the definition cannot do what
 * it seems to be for; `hint`: it may be meant, but is worth a look.
 */
export type FindingSeverity = 'error' | 'warning' | 'hint'

/** What kind of finding it is. A program may branch on it; texts may change. */
export type FindingCode =
  | WiringFaultCode
  | 'UNREACHABLE_STATE'
  | 'DEAD_END'
  | 'NEVER_ASKED'
  | 'UNDECLARED_TARGETS'
  | 'OUTCOME_UNROUTED'
  | 'EXPIRY_UNROUTED'
  | 'WAITS_FOREVER'
  | 'JOIN_OF_ONE'
  | 'JOIN_MAY_BE_SKIPPED'

/** Something about a definition that is wrong, or may be. Plain data. */
export interface VerificationFinding {
  readonly code: FindingCode
  readonly severity: FindingSeverity
  /** The state it is about, as the user named it; missing if it is about the orchestration as a whole. */
  readonly stateName?: string
  /** The names of the enclosing states if it is about a sub-orchestration; missing otherwise. */
  readonly path?: readonly string[]
  readonly message: string
  /** What to do about it. */
  readonly advice: string
}

/** What an analysis finds out about a state. */
export function findingAt(
  { name }: GraphNode,
  severity: FindingSeverity,
  code: FindingCode,
  message: string,
  advice: string,
): VerificationFinding {
  return { code, severity, stateName: name, message, advice }
}

/** A fault of the core as a finding. */
export function findingOf(fault: WiringFault, severity: FindingSeverity = 'error'): VerificationFinding {
  return { ...fault, severity }
}

/** Names in quotes, for a sentence. */
export function quoted(nodes: readonly GraphNode[]): string {
  return nodes.map(({ name }) => `"${name}"`).join(', ')
}
