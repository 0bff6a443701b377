import type { EdgePlan } from '../definition/node-plan.js'

const names: Readonly<Partial<Record<EdgePlan['on'], string>>> = {
  true: 'true',
  false: 'false',
  failed: 'on_error',
  rejected: 'on_reject',
  expired: 'on_timeout',
}

/** What decides about an edge, in the words of the definition. */
export function edgeName({ to, on }: EdgePlan): string {
  return names[on] ?? `→ ${to}`
}

/** Whether an edge leads on from something that has not come about. */
export function isErrorEdge({ on }: Pick<EdgePlan, 'on'>): boolean {
  return on === 'failed' || on === 'rejected' || on === 'expired'
}
