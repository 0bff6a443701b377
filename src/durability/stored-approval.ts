import { type ApprovalOutcome, Approved, type Decision, Expired, Rejected } from '../core/index.js'
import type { Json } from '../schema/index.js'
import type { ValueCodec } from './graph-codec.js'

/** What a person decided, as JSON; the subject is known from the request. */
export function encodeApproval(
  approval: ApprovalOutcome<unknown>,
  values: ValueCodec,
): { readonly [key: string]: Json } {
  const { outcome } = approval
  return outcome === 'expired' ? { outcome } : { outcome, decision: values.encode(approval.decision) }
}

/** What {@link encodeApproval} wrote. Whatever is not clearly an approval or a rejection counts as expired. */
export function decodeApproval(json: unknown, subject: unknown, values: ValueCodec): ApprovalOutcome<unknown> {
  const { outcome, decision = {} } = json as { readonly outcome: unknown; readonly decision?: unknown }
  if (outcome === 'approved') return new Approved(subject, values.decode(decision) as Decision)
  if (outcome === 'rejected') return new Rejected(subject, values.decode(decision) as Decision)
  return new Expired(subject)
}
