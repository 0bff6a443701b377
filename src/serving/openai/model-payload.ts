import type { ChatMessage } from '../../chat/index.js'
import type { Schema } from '../../schema/index.js'
import { wireValue } from '../wire-value.js'
import { ApiError, unsupported } from './api-error.js'
import { jsonIn } from './decision.js'
import { isText } from './spoken-answer.js'

/**
 * What a run is started with for a message: its text, or, if the model declares something else, what that text is as JSON. Whether it is
 * what is declared is checked when the run is started.
 * @throws ApiError 400 for images and files, 422 for a text that is no JSON
 */
export function inputOf(id: string, input: Schema | undefined, message: ChatMessage): unknown {
  const content = textIn(id, message)
  if (isText(input)) return content
  const value = jsonIn(content)
  if (value !== undefined) return value
  const refusal =
    `Model "${id}" takes ${input?.name ?? 'an object'}: the last message has to be that as JSON, and it is no JSON. ` +
    `Its schema: ${JSON.stringify(input?.toJsonSchema() ?? {})}`
  throw new ApiError(422, {
    message: refusal,
    param: 'messages',
    code: 'payload_invalid',
    faults: [{ path: '', message: 'is no JSON' }],
  })
}

/** The text of a message. @throws ApiError 400 if it has more than that */
export function textIn(id: string, { content, parts = [] }: ChatMessage): string {
  if (parts.every(part => part.type === 'text')) return content
  throw unsupported('messages', `Model "${id}" takes text; images and files it cannot be given.`)
}

/** An output as what is said: a text as it is, anything else as JSON. */
export function textOf(output: unknown): string {
  return typeof output === 'string' ? output : JSON.stringify(wireValue(output))
}
