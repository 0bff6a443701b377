import { OrchestrationError } from '../../errors/index.js'
import type { PlanFault } from './plan-fault.js'

/** A plan is refused, with everything that is wrong with it in {@link faults}. Nothing has run. */
export class PlanInvalidError extends OrchestrationError {
  readonly faults: readonly PlanFault[]

  constructor(faults: readonly PlanFault[], what = 'The plan is invalid') {
    super(`${what}: ${faultsInWords(faults)}`, { code: 'PLAN_INVALID', details: { faults } })
    this.faults = faults
  }
}

/** The faults as a text, one line each if there are several. */
export function faultsInWords(faults: readonly PlanFault[]): string {
  const [only] = faults
  if (only !== undefined && faults.length === 1) return inWords(only)
  return [`${faults.length} faults.`, ...faults.map(fault => `- ${inWords(fault)}`)].join('\n')
}

function inWords({ path, message, expected }: PlanFault): string {
  return `${path === '' ? '' : `${path}: `}${message} Expected ${expected}.`
}
