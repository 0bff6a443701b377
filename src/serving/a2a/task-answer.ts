import type { OpenRunRequest } from '../../durability/index.js'
import type { GivenAnswer } from '../answer-request.js'
import { jsonIn, type MessageContent, malformed, metadataText } from './message-content.js'

/** What a message says to something that a task waits for. */
export interface TaskAnswer {
  readonly requestId: string
  readonly answer: GivenAnswer
}

const words = /^\s*(approved?|yes|reject(?:ed)?|no)\s*(?:[.!]?|:\s*(\S.*))\s*$/is

/**
 * The answer that a message gives. To an approval: data `{approved, reason?, data?}`, or a text that is approve, approved or yes, reject,
 * rejected or no, and goes on with nothing but a colon and a reason; what people say otherwise is not guessed at. To a signal: the
 * data, or the text. Where several are open, `request_id` of the metadata, or of a decision, says which one is meant.
 * @returns a question, if the text is not understood
 * @throws Problem 400 if it is not said which request is meant, or the data is no decision
 */
export function taskAnswer(content: MessageContent, open: readonly OpenRunRequest[]): TaskAnswer | string {
  const { data, text, metadata } = content
  const json = data === undefined ? jsonIn(text) : data.value
  const named = metadataText(metadata, 'request_id', 'requestId') ?? requestIn(json)
  const request = named === undefined ? onlyOne(open) : open.find(({ requestId }) => requestId === named)
  if (request === undefined) {
    const detail = `Request "${named}" is not open. Open now: ${listOf(open)}.`
    throw malformed(detail)
  }
  const { requestId, kind } = request
  if (kind === 'signal') return { requestId, answer: { payload: json ?? text } }
  if (json !== undefined) return { requestId, answer: decisionIn(json) }
  const [, word, reason = ''] = words.exec(text) ?? []
  if (word === undefined)
    return 'That is no decision. Answer with "approve" or "reject", and if you like with a reason: "reject: too long".'
  const approved = /^(approve|yes)/i.test(word)
  return { requestId, answer: { approved, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) } }
}

function decisionIn(json: unknown): GivenAnswer {
  const { approved, reason, data } = (json ?? {}) as Readonly<Record<string, unknown>>
  const isReason = reason === undefined || reason === null || (typeof reason === 'string' && reason.length <= 10_000)
  if (typeof approved !== 'boolean' || !isReason) {
    throw malformed(
      'A decision is {"approved": true or false, "reason": "…", "data": …}; only approved has to be there.',
    )
  }
  return { approved, ...(typeof reason === 'string' ? { reason } : {}), ...(data === undefined ? {} : { data }) }
}

function requestIn(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const { approved, request_id: snake, requestId: camel = snake } = json as Readonly<Record<string, unknown>>
  return typeof approved === 'boolean' && typeof camel === 'string' ? camel : undefined
}

function onlyOne(open: readonly OpenRunRequest[]): OpenRunRequest {
  const [request, ...others] = open
  if (request !== undefined && others.length === 0) return request
  throw malformed(`The task waits for several answers. Say which one is meant by request_id: ${listOf(open)}.`)
}

function listOf(open: readonly OpenRunRequest[]): string {
  return open.map(({ requestId, kind, stateName }) => `${requestId} (${kind} of "${stateName}")`).join(', ') || 'none'
}
