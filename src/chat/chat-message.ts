import type { ModelMessage, ToolCall } from '../agents/index.js'
import { OptionError } from '../errors/index.js'

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
  readonly toolCalls?: readonly ToolCall[]
  /** The call a tool answers. */
  readonly toolCallId?: string
}

/**
 * A message of a chat. Plain data: a literal of the same shape will do, and it survives JSON.
 *
 * ```ts
 * new ChatMessage(ChatMessageRoles.User, 'Research AI in healthcare')
 * ```
 */
export class ChatMessage {
  readonly role: ChatMessageRole
  readonly content: string
  // Declared, so that what is missing is missing in JSON and in comparisons too.
  declare readonly toolCalls?: readonly ToolCall[]
  declare readonly toolCallId?: string

  constructor(role: ChatMessageRole, content: string, details: ChatMessageDetails = {}) {
    this.role = role
    this.content = content
    if (details.toolCalls !== undefined) this.toolCalls = details.toolCalls
    if (details.toolCallId !== undefined) this.toolCallId = details.toolCallId
  }
}

/** A message as models take it. @throws OPTION_INVALID if a tool's message does not say what it answers */
export function toModelMessage({ role, content, toolCalls, toolCallId }: ChatMessage): ModelMessage {
  if (role === 'assistant') return { role, content, ...(toolCalls === undefined ? {} : { toolCalls }) }
  if (role !== 'tool') return { role, content }
  if (toolCallId === undefined)
    throw new OptionError('toolCallId', 'the id of the call a tool message answers', toolCallId)
  return { role, content, toolCallId }
}

/** A message of a model's conversation as a chat keeps it. */
export function toChatMessage(message: ModelMessage): ChatMessage {
  const { role, content } = message
  if (role === 'assistant') return new ChatMessage(role, content, message)
  return new ChatMessage(role, content, role === 'tool' ? message : {})
}
