import { type MessagePart, type ModelMessage, type ToolCall, textOf } from '../agents/index.js'
import { OptionError, OrchestrationError } from '../errors/index.js'

/** Who says something, as constants (S4-27). */
export const ChatMessageRoles = {
  System: 'system',
  User: 'user',
  Assistant: 'assistant',
  Tool: 'tool',
} as const

/** Who says something. */
export type ChatMessageRole = (typeof ChatMessageRoles)[keyof typeof ChatMessageRoles]

/** What a message has besides its text. */
export interface ChatMessageDetails {
  /** The tools an assistant calls. */
  readonly toolCalls?: readonly ToolCall[] | undefined
  /** The call a tool answers. */
  readonly toolCallId?: string | undefined
  /** The agent that says it, where a chat has several; of a user message, the agent that a configuration says it to. */
  readonly agent?: string | undefined
  /** The id of the turn it belongs to; in chats whose turns outlive the process. */
  readonly turn?: string | undefined
  /** Whether it was cut off because another message came in; what is there is what had been said by then. */
  readonly interrupted?: boolean | undefined
}

/**
 * A message of a chat. Plain data: a literal of the same shape will do, and it survives JSON.
 *
 * ```ts
 * new ChatMessage(ChatMessageRoles.User, 'Research AI in healthcare')
 * new ChatMessage('user', [{ type: 'text', text: 'What is this?' }, { type: 'image', url: 'https://example.org/a.png' }])
 * ```
 */
export class ChatMessage {
  readonly role: ChatMessageRole
  /** The text; of a message with {@link ChatMessage.parts} all of its texts, a line each, without images and files. */
  readonly content: string
  // Declared, so that what is missing is missing in JSON and in comparisons too.
  /** What was said, in its order, if it is more than one text. Models are given parts of user messages only. */
  declare readonly parts?: readonly MessagePart[]
  declare readonly toolCalls?: readonly ToolCall[]
  declare readonly toolCallId?: string
  declare readonly agent?: string
  declare readonly turn?: string
  declare readonly interrupted?: boolean

  constructor(role: ChatMessageRole, content: string | readonly MessagePart[], details: ChatMessageDetails = {}) {
    this.role = role
    this.content = typeof content === 'string' ? content : textOf({ role: 'user', content })
    if (typeof content !== 'string') this.parts = content
    const { toolCalls, toolCallId, agent, turn, interrupted } = details
    if (toolCalls !== undefined) this.toolCalls = toolCalls
    if (toolCallId !== undefined) this.toolCallId = toolCallId
    if (agent !== undefined) this.agent = agent
    if (turn !== undefined) this.turn = turn
    if (interrupted !== undefined) this.interrupted = interrupted
  }
}

/** The same message with more details. */
export function withDetails(message: ChatMessage, details: ChatMessageDetails): ChatMessage {
  const { role, content, parts, toolCalls, toolCallId, agent, turn, interrupted } = message
  return new ChatMessage(role, parts ?? content, { toolCalls, toolCallId, agent, turn, interrupted, ...details })
}

const roles: ReadonlySet<unknown> = new Set(Object.values(ChatMessageRoles))

/** Whether a value has the shape of a message. */
export function isChatMessage(value: unknown): value is ChatMessage {
  const { role, content, parts = [] } = (value ?? {}) as Partial<ChatMessage>
  return roles.has(role) && typeof content === 'string' && Array.isArray(parts)
}

/** What is to be kept of a chat: what is no message would make the chat unreadable. @throws OPTION_INVALID */
export function checkMessages(messages: readonly ChatMessage[]): void {
  if (!Array.isArray(messages)) throw new OptionError('messages', 'a list of messages', messages)
  // By number: a list with holes has nothing there that a callback would be given.
  for (let index = 0; index < messages.length; index++) checkMessage(`messages[${index}]`, messages[index])
}

function checkMessage(where: string, message: unknown): void {
  if (typeof message !== 'object' || message === null) throw new OptionError(where, 'a message', message)
  const { role, content, parts = [] } = message as Partial<ChatMessage>
  if (!roles.has(role)) throw new OptionError(`${where}.role`, `one of ${[...roles].join(', ')}`, role)
  if (typeof content !== 'string') throw new OptionError(`${where}.content`, 'a string', content)
  if (!Array.isArray(parts)) throw new OptionError(`${where}.parts`, 'a list, or left out', parts)
}

/** What somebody says, as a message; a string is one of the user. @throws OPTION_INVALID */
export function spokenMessage(message: ChatMessage | string): ChatMessage {
  if (typeof message === 'string') return new ChatMessage('user', message)
  if (isChatMessage(message)) return message
  throw new OptionError('message', 'a string or a ChatMessage', message)
}

/** What a configuration has returned, as a reply. @throws PAYLOAD_INVALID if it is no message */
export function replyMessage(reply: unknown): ChatMessage {
  if (isChatMessage(reply)) return reply
  throw new OrchestrationError(
    'The configuration of the chat has not returned a message: a reply has a `role` and a `content` that is a string. ' +
      "Return `new ChatMessage('assistant', text)`.",
    { code: 'PAYLOAD_INVALID', details: { returned: typeof reply } },
  )
}

/**
 * A message as models take it, for an orchestration whose input is a conversation:
 * `toInput: (message, history) => [...history, message].map(toModelMessage)`. Images and files go along in user messages only.
 * @throws OPTION_INVALID if a tool's message does not say what it answers
 */
export function toModelMessage({ role, content, parts, toolCalls, toolCallId }: ChatMessage): ModelMessage {
  if (role === 'assistant') return { role, content, ...(toolCalls === undefined ? {} : { toolCalls }) }
  if (role === 'user') return { role, content: parts ?? content }
  if (role === 'system') return { role, content }
  if (toolCallId === undefined)
    throw new OptionError('toolCallId', 'the id of the call a tool message answers', toolCallId)
  return { role, content, toolCallId }
}

/** A message of a model's conversation as a chat keeps it. */
export function toChatMessage(message: ModelMessage, details: ChatMessageDetails = {}): ChatMessage {
  if (message.role === 'assistant') {
    const { toolCalls } = message
    return new ChatMessage(message.role, message.content, { ...details, ...(toolCalls && { toolCalls }) })
  }
  if (message.role === 'tool') {
    return new ChatMessage(message.role, message.content, { ...details, toolCallId: message.toolCallId })
  }
  return new ChatMessage(message.role, message.content, details)
}
