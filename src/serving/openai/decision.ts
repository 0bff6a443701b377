import { fieldsOf } from './fields.js'

/** What a person answers to a question. */
export type Decision =
  | { readonly kind: 'decision'; readonly approved: boolean; readonly reason?: string; readonly data?: unknown }
  /** What waits is given up. */
  | { readonly kind: 'cancel'; readonly reason?: string }
  /** For something that waits for a message. */
  | { readonly kind: 'payload'; readonly payload: unknown }

const words = /^(approve|reject|cancel)(?:\s*:\s*(\S[\s\S]*))?$/i

/** What can be answered to a question, as the question tells it. */
export const howToDecide =
  'Answer with `approve` or `reject`, if you like with a reason behind a colon (`reject: too expensive`), or with `cancel`.'

/** What can be answered to something that waits for a message. */
export const howToSend = 'Your next message is what is sent there, as text or as JSON; `cancel` gives it up.'

/**
 * The decision in a message: exactly one of the words of {@link howToDecide}, or the same as JSON: `{"approved": true, "reason": "…",
 * "data": …}`, `{"payload": …}`. Nothing else is taken for a decision, however clear it may be to a reader.
 */
export function decisionIn(text: string): Decision | undefined {
  const [, word, reason] = words.exec(text.trim()) ?? []
  const why = reason === undefined ? {} : { reason }
  if (word !== undefined) {
    const said = word.toLowerCase()
    return said === 'cancel' ? { kind: 'cancel', ...why } : { kind: 'decision', approved: said === 'approve', ...why }
  }
  const fields = fieldsOf(jsonIn(text))
  const { approved, reason: because, data, payload } = fields
  if ('payload' in fields) return { kind: 'payload', payload }
  if (typeof approved !== 'boolean' || (because !== undefined && typeof because !== 'string')) return undefined
  return {
    kind: 'decision',
    approved,
    ...(because === undefined ? {} : { reason: because }),
    ...(data === undefined ? {} : { data }),
  }
}

/**
 * What a message may mean as a value, the likeliest first: its text, and what it says as JSON. Which of them fits is for whoever takes
 * it to say.
 */
export function payloadsIn(text: string): readonly unknown[] {
  const value = jsonIn(text)
  if (value === undefined) return [text]
  return typeof value === 'object' && value !== null ? [value, text] : [text, value]
}

/** The value that a text is as JSON; `undefined` if it is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
