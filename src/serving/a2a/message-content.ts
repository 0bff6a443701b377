import type { Message } from '@a2a-js/sdk'
import { Problem } from '../problem.js'

/** What a message says. */
export interface MessageContent {
  /** Its data, if it has any; text next to it is for people. */
  readonly data: { readonly value: unknown } | undefined
  /** Its texts, joined by line breaks. */
  readonly text: string
  /** Metadata of the message and, where that says nothing, of the request. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** @throws Problem 400 for a message that says nothing, or says it in a way that is not understood; 415 for files */
export function contentOf(message: Message, metadata: Readonly<Record<string, unknown>> = {}): MessageContent {
  const { messageId, parts } = message
  if (messageId === '' || messageId.length > 200)
    throw malformed('message.messageId has to be a text of 1 to 200 characters.')
  const data: unknown[] = []
  const texts: string[] = []
  for (const [index, { content }] of parts.entries()) {
    if (content?.$case === 'data') data.push(content.value)
    else if (content?.$case === 'text') texts.push(content.value)
    else if (content === undefined) throw malformed(`message.parts[${index}] has to be text or data.`)
    else throw unsupported(`message.parts[${index}] is a file; only text and data are taken.`)
  }
  if (data.length > 1) throw malformed('The message has several parts of data. Send one.')
  if (parts.length === 0) throw malformed('The message has no parts. Send text or data.')
  return {
    data: data.length === 0 ? undefined : { value: data[0] },
    text: texts.join('\n'),
    metadata: { ...metadata, ...message.metadata },
  }
}

/** The JSON of a text that is an object or an array; `undefined` if it is none. */
export function jsonIn(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Something of the metadata by its name, in snake_case or camelCase. */
export function metadataText(
  metadata: MessageContent['metadata'],
  name: string,
  camelName: string,
): string | undefined {
  const value = metadata[name] ?? metadata[camelName]
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw malformed(`metadata.${name} has to be a text.`)
}

export function malformed(detail: string): Problem {
  return new Problem(400, { code: 'BAD_REQUEST', detail })
}

function unsupported(detail: string): Problem {
  return new Problem(415, { code: 'UNSUPPORTED_MEDIA_TYPE', detail })
}
