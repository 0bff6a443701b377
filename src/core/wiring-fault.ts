/** What kind of fault keeps a definition from running. */
export type WiringFaultCode =
  | 'NO_INITIAL_STATE'
  | 'UNNAMED_STATE'
  | 'DUPLICATE_NAME'
  | 'UNKNOWN_TARGET'
  | 'AMBIGUOUS_TARGET'
  | 'TYPE_MISMATCH'
  | 'DECLARATION_INVALID'
  | 'SUB_ORCHESTRATION_INVALID'
  | 'CONTAINS_ITSELF'
  | 'NO_PATH_TO_RESULT'
  | 'ENDLESS_CYCLE'
  | 'JOIN_STARVES'

/** One thing that is wrong with a definition, as data. */
export interface WiringFault {
  readonly code: WiringFaultCode
  /** The state it is about, as the user named it; missing if it is about the orchestration as a whole. */
  readonly stateName?: string
  readonly message: string
  /** The way out. */
  readonly advice: string
}

/** A fault as one line of text. */
export function problemOf({ message, advice }: WiringFault): string {
  return `${message}: ${advice}`
}
