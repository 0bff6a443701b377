import type { Json } from '../../schema/index.js'
import { howToDecide, howToSend } from './decision.js'
import { isGiven } from './fields.js'

/** How much of what a question is about is shown. */
const mostShown = 4000

/** What a person is asked. */
export interface Question {
  readonly kind: 'approval' | 'signal'
  readonly stateName: string
  readonly message: string
  /** What it is about, as plain JSON. */
  readonly subject: Json | undefined
}

/** A question as a message of the assistant; `link` is its last line. */
export function questionText({ kind, stateName, message, subject }: Question, link: string): string {
  const asked = message === '' ? `"${stateName}" waits for a message.` : message
  return [asked, shown(subject), kind === 'approval' ? howToDecide : howToSend, link]
    .filter(part => part !== '')
    .join('\n\n')
}

/** What is said to an answer that is none: the same question, and what can be answered. */
export function notUnderstood(question: string): string {
  return `That is no answer to this question:\n\n${question}`
}

function shown(subject: Json | undefined): string {
  if (!isGiven(subject) || subject === '') return ''
  const text = typeof subject === 'string' ? subject : `\`\`\`json\n${cut(JSON.stringify(subject, null, 2))}\n\`\`\``
  return typeof subject === 'string' ? cut(text) : text
}

function cut(text: string): string {
  return text.length > mostShown ? `${text.slice(0, mostShown)} …` : text
}
