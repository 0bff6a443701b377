import type { Decision } from '../core/index.js'
import type { GivenAnswer } from '../core/internal.js'
import type { ValueCodec } from './graph-codec.js'

/** An answer to a request as JSON text. @throws PAYLOAD_NOT_SERIALIZABLE */
export function encodeAnswer(answer: GivenAnswer, values: ValueCodec): string {
  if (answer.kind === 'signal') return JSON.stringify({ kind: 'signal', payload: values.encode(answer.payload) })
  if (answer.kind === 'expired') return JSON.stringify({ kind: 'expired' })
  const { approved, decision } = answer
  return JSON.stringify({ kind: 'decision', approved, decision: values.encode(decision) })
}

/** What {@link encodeAnswer} wrote. @throws Error if it cannot have written that */
export function decodeAnswer(data: string, values: ValueCodec): GivenAnswer {
  const stored: unknown = JSON.parse(data)
  if (typeof stored !== 'object' || stored === null) throw new Error('it is no object.')
  const { kind, payload, approved, decision } = stored as Readonly<Record<string, unknown>>
  switch (kind) {
    case 'signal':
      return { kind, payload: values.decode(payload) }
    case 'decision':
      // Nothing but `true` is an approval.
      return { kind, approved: approved === true, decision: decisionFrom(values.decode(decision)) }
    case 'expired':
      return { kind }
    default:
      throw new Error(`it is of the unknown kind ${JSON.stringify(kind)}.`)
  }
}

/** Only what a decision is made of: what else stands there must not get into the events of the run. */
function decisionFrom(value: unknown): Decision {
  if (typeof value !== 'object' || value === null) throw new Error('its decision is none.')
  const { by, comment, data } = value as Readonly<Record<string, unknown>>
  return { ...textAs('by', by), ...textAs('comment', comment), ...(data === undefined ? {} : { data }) }
}

function textAs(key: 'by' | 'comment', value: unknown): Decision {
  if (value === undefined) return {}
  if (typeof value !== 'string') throw new Error(`\`${key}\` of its decision is no text.`)
  return { [key]: value }
}
