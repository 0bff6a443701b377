import type { Decision } from '../../core/index.js'

/** Why an approval was not given: who has rejected it and what they said, or that nobody did anything. */
export function refusalText(id: string, returned: unknown): string {
  const { outcome, decision = {} } = returned as { readonly outcome?: string; readonly decision?: Decision }
  if (outcome !== 'rejected') return `Nobody decided about node "${id}" in time.`
  const { by, comment } = decision
  return `Node "${id}" was rejected${by === undefined ? '' : ` by ${by}`}${comment === undefined ? '.' : `: ${comment}`}`
}
