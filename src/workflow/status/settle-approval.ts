import { refusalText } from '../compile/refusal-text.js'
import type { StatusRow } from './status-rows.js'

/** An approval that was not given is a node that has failed. */
export function settleApproval(row: StatusRow, returned: unknown): void {
  const { outcome } = returned as { readonly outcome?: string }
  row.status = outcome === 'approved' ? 'completed' : 'failed'
  if (row.status === 'failed') row.errorMessage = refusalText(row.node.id, returned)
}
