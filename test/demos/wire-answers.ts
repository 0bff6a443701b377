import type { ServerResponse } from 'node:http'
import { eventText } from '../agents/raw-server.js'

/** What a server answers: with an error, or a stream that may end before it should. */
export interface WireAnswer {
  readonly status?: number
  readonly body?: unknown
  readonly events?: readonly unknown[]
  /** Whether the connection breaks off instead of ending. */
  readonly breaks?: boolean
}

/** The same things in the words of one API. */
export interface Answers {
  readonly 'status 500': WireAnswer
  readonly 'status 429': WireAnswer
  readonly 'status 401': WireAnswer
  readonly half: WireAnswer
  readonly broken: WireAnswer
  readonly refusal: WireAnswer
  readonly filter: WireAnswer
  readonly length: WireAnswer
  readonly overflow: WireAnswer
  text(content: string): WireAnswer
  calls(tool: string, args: string): WireAnswer
}

/** Sends an answer under the name that the server gives the request. */
export function startedWith(answer: WireAnswer, response: ServerResponse, requestId: string): void {
  const { status = 200, body, events = [], breaks = false } = answer
  const type = body === undefined ? 'text/event-stream' : 'application/json'
  response.writeHead(status, { 'content-type': type, 'x-request-id': requestId })
  if (body !== undefined) return void response.end(JSON.stringify(body))
  for (const each of events) response.write(eventText(each))
  if (breaks) setImmediate(() => response.destroy())
  else response.end()
}

const failing = {
  'status 500': { status: 500, body: { error: { message: 'The server had an error' } } },
  'status 429': { status: 429, body: { error: { message: 'Slow down' } } },
  'status 401': { status: 401, body: { error: { message: 'Incorrect API key' } } },
  overflow: {
    status: 400,
    body: { error: { message: 'This model takes 128000 tokens', code: 'context_length_exceeded' } },
  },
}

const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: 'x',
  object: 'chat.completion.chunk',
  model: 'gpt-4.1-mini',
  choices: [{ index: 0, delta, finish_reason }],
})

/** In the words of chat completions. */
export const chatAnswers: Answers = {
  ...failing,
  half: { events: [chunk({ content: '{"to' })] },
  broken: { events: [chunk({ content: '{"to' })], breaks: true },
  refusal: { events: [chunk({ refusal: 'I would rather not' }), chunk({}, 'stop'), '[DONE]'] },
  filter: { events: [chunk({ content: '{"to' }), chunk({}, 'content_filter'), '[DONE]'] },
  length: { events: [chunk({ content: '{"to' }), chunk({}, 'length'), '[DONE]'] },
  text: content => ({ events: [chunk({ content }), chunk({}, 'stop'), '[DONE]'] }),
  calls: (name, args) => ({
    events: [
      chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: args } }] }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ],
  }),
}

const completed = (item: object, more: object = {}) => {
  const response = { id: 'x', object: 'response', status: 'completed', model: 'gpt-4.1-mini', output: [item], ...more }
  return { type: `response.${response.status}`, response }
}
const said = (content: object) => ({
  type: 'message',
  id: 'm',
  role: 'assistant',
  status: 'completed',
  content: [content],
})
const words = (text: string) => said({ type: 'output_text', text, annotations: [] })
const delta = { type: 'response.output_text.delta', item_id: 'm', output_index: 0, content_index: 0, delta: '{"to' }
const incomplete = (reason: string) =>
  completed(words('{"to'), { status: 'incomplete', incomplete_details: { reason } })

/** In the words of the responses API. */
export const responsesAnswers: Answers = {
  ...failing,
  half: { events: [delta] },
  broken: { events: [delta], breaks: true },
  refusal: { events: [completed(said({ type: 'refusal', refusal: 'I would rather not' }))] },
  filter: { events: [delta, incomplete('content_filter')] },
  length: { events: [delta, incomplete('max_output_tokens')] },
  text: content => ({ events: [completed(words(content))] }),
  calls: (name, args) => ({
    events: [
      completed({ type: 'function_call', id: 'f', call_id: 'call_1', name, arguments: args, status: 'completed' }),
    ],
  }),
}
