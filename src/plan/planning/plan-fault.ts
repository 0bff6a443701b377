/** What is wrong with a plan, by kind. */
export type PlanFaultKind =
  | 'type'
  | 'missing'
  | 'unknown_key'
  | 'range'
  | 'empty'
  | 'duplicate'
  | 'unknown_step'
  | 'self_dependency'
  | 'cycle'
  | 'unknown_strategy'
  | 'unknown_agent'
  | 'unknown_capability'
  | 'condition'
  | 'loop'
  | 'fallback'
  | 'not_json'

/** Something that is wrong with a plan. */
export interface PlanFault {
  readonly kind: PlanFaultKind
  /** Where, for example `steps[2].dependencies[0]`; the keys are spelt as the plan spells them. Empty for the plan as a whole. */
  readonly path: string
  /** What is wrong there, in a sentence. */
  readonly message: string
  /** What would be right. */
  readonly expected: string
  /** Names that come near the one that is unknown, nearest first. */
  readonly nearest?: readonly string[]
}

/** Something about a plan that is odd, or fails only when it runs. */
export interface PlanHint {
  readonly path: string
  readonly message: string
}

/** What is said about a plan after it has been looked at. */
export interface PlanReport {
  /** Whether there are no faults. */
  readonly valid: boolean
  /** All of them, in the order of the plan. */
  readonly faults: readonly PlanFault[]
  readonly hints: readonly PlanHint[]
}
