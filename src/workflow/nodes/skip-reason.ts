import { internalPrefix } from '../compile/state-names.js'

/** Why a node was stopped, without the states that its group is made of. */
export function skipReason(reason: string): string {
  return reason.startsWith(`join "${internalPrefix}`) ? 'its group no longer needs it' : reason
}
