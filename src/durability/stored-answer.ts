import type { RequestAnswer } from '../core/internal.js'
import type { ValueCodec } from './graph-codec.js'

/** An answer to a request as JSON text. @throws PAYLOAD_NOT_SERIALIZABLE */
export function encodeAnswer(answer: RequestAnswer, values: ValueCodec): string {
  if (answer.kind === 'signal') return JSON.stringify({ kind: 'signal', payload: values.encode(answer.payload) })
  if (answer.kind === 'expired') return JSON.stringify({ kind: 'expired' })
  const { approved, decision } = answer
  return JSON.stringify({ kind: 'decision', approved, decision: values.encode(decision) })
}

/** What {@link encodeAnswer} wrote. */
export function decodeAnswer(data: string, values: ValueCodec): RequestAnswer {
  const stored = JSON.parse(data) as { readonly kind: string; readonly [key: string]: unknown }
  switch (stored.kind) {
    case 'signal':
      return { kind: 'signal', payload: values.decode(stored['payload']) }
    case 'decision':
      return {
        kind: 'decision',
        // Nothing but `true` is an approval.
        approved: stored['approved'] === true,
        decision: values.decode(stored['decision']) as Extract<RequestAnswer, { kind: 'decision' }>['decision'],
      }
    case 'expired':
      return { kind: 'expired' }
    default:
      throw new Error(`an answer of the unknown kind ${JSON.stringify(stored.kind)}`)
  }
}
