import type { MessagePart } from '../../agents/index.js'
import { ChatMessage, type ChatMessageRole } from '../../chat/index.js'
import type { Json } from '../../schema/index.js'
import type { ProblemFault } from '../problem.js'
import { ApiError } from './api-error.js'
import { type Fields, fieldsOf, isGiven } from './fields.js'

/** Who says something, as OpenAI's clients name them; `undefined` for those who belong to tools. */
const roles: Readonly<Record<string, ChatMessageRole>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
}

/** How many faults are told of: whoever has made thousands does not read them all. */
const mostFaults = 20

/**
 * Reads the messages of a request, of chat completions and of responses alike; everything that is wrong with them is told at once.
 * @throws ApiError 400
 */
export function readMessages(value: unknown, param: string): readonly ChatMessage[] {
  if (!Array.isArray(value) || value.length === 0) {
    const message = `${param} has to be a list of at least one message.`
    throw new ApiError(400, {
      message,
      param,
      code: value === undefined ? 'missing_required_parameter' : 'invalid_type',
    })
  }
  const faults: ProblemFault[] = []
  const messages = (value as readonly unknown[]).flatMap((each, index) =>
    readMessage(each, `${param}[${index}]`, faults),
  )
  if (faults.length === 0) return messages
  const told = faults.slice(0, mostFaults)
  const message = `In the request, ${told.map(each => `${each.path} ${each.message}`).join('; ')}.`
  throw new ApiError(400, { message, param: told[0]?.path, code: 'invalid_value', faults: told })
}

function readMessage(value: unknown, path: string, faults: ProblemFault[]): readonly ChatMessage[] {
  const { type = 'message', role, content, tool_calls: toolCalls, function_call: call } = fieldsOf(value)
  // What a model has thought is no message; clients send it along with the rest of an answer.
  if (type === 'reasoning') return []
  const fault = (at: string, message: string): readonly ChatMessage[] => {
    faults.push({ path: `${path}${at}`, message })
    return []
  }
  if (type !== 'message') return fault('.type', `is ${JSON.stringify(type)}, but only messages are taken`)
  if (typeof role !== 'string') return fault('.role', 'has to be system, developer, user or assistant')
  if (role === 'tool' || role === 'function' || (Array.isArray(toolCalls) && toolCalls.length > 0) || isGiven(call))
    return fault('', 'belongs to a tool call, and there are no tools here')
  const known = Object.hasOwn(roles, role) ? roles[role] : undefined
  if (known === undefined) return fault('.role', 'has to be system, developer, user or assistant')
  if (typeof content === 'string') return [new ChatMessage(known, content)]
  if (!Array.isArray(content)) return fault('.content', 'has to be a text or a list of parts')
  const before = faults.length
  const parts = (content as readonly unknown[]).flatMap((part, index) =>
    readPart(part, `${path}.content[${index}]`, faults),
  )
  if (faults.length > before) return []
  if (parts.every(part => part.type === 'text'))
    return [new ChatMessage(known, parts.map(part => part.text).join('\n'))]
  if (known !== 'user') return fault('.content', 'has images or files, which only a user can send')
  return [new ChatMessage(known, parts)]
}

function readPart(value: unknown, path: string, faults: ProblemFault[]): readonly MessagePart[] {
  const fault = (at: string, message: string): readonly MessagePart[] => {
    faults.push({ path: `${path}${at}`, message })
    return []
  }
  const part = fieldsOf(value)
  switch (part['type']) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return typeof part['text'] === 'string'
        ? [{ type: 'text', text: part['text'] }]
        : fault('.text', 'has to be a text')
    case 'refusal':
      return typeof part['refusal'] === 'string'
        ? [{ type: 'text', text: part['refusal'] }]
        : fault('.refusal', 'has to be a text')
    case 'image_url': {
      const { url, detail } = fieldsOf(part['image_url'])
      return typeof url === 'string' ? [image(url, detail)] : fault('.image_url.url', 'has to be a text')
    }
    case 'input_image':
      return typeof part['image_url'] === 'string'
        ? [image(part['image_url'], part['detail'])]
        : fault('.image_url', 'has to be a text: files of images are not kept here')
    case 'file':
      return file(fieldsOf(part['file'])) ?? fault('.file', 'has to have filename and file_data, or a file_id')
    case 'input_file':
      return file(part) ?? fault('', 'has to have filename and file_data, or a file_id')
    default:
      return fault(
        '.type',
        `is ${JSON.stringify(part['type']) ?? 'missing'}, but only text, images and files are taken`,
      )
  }
}

function image(url: string, detail: unknown): MessagePart {
  return { type: 'image', url, ...(detail === 'low' || detail === 'high' || detail === 'auto' ? { detail } : {}) }
}

function file({ file_id: fileId, filename: name, file_data: data }: Fields): readonly MessagePart[] | undefined {
  if (typeof fileId === 'string') return [{ type: 'file', fileId }]
  if (typeof name === 'string' && typeof data === 'string') return [{ type: 'file', name, data }]
  return undefined
}

/** A message as plain JSON: what runs and documents keep of it. */
export function plainMessage({ role, content, parts }: ChatMessage): Json {
  return { role, content, ...(parts === undefined ? {} : { parts: parts as unknown as Json }) }
}

/** Makes messages again of what {@link plainMessage} has made of them. */
export function messageOf(plain: unknown): ChatMessage {
  const { role, content, parts } = plain as ChatMessage
  return new ChatMessage(role, parts ?? content)
}
