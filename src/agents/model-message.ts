/** What the model is told about its role; in front of the conversation. */
export interface SystemMessage {
  readonly role: 'system'
  readonly content: string
}

/** What a person, or the program in their place, says. */
export interface UserMessage {
  readonly role: 'user'
  /** Text, or several things in their order. */
  readonly content: string | readonly MessagePart[]
}

/** A piece of what a person says. */
export type MessagePart = TextPart | ImagePart | FilePart

export interface TextPart {
  readonly type: 'text'
  readonly text: string
}

export interface ImagePart {
  readonly type: 'image'
  /** An `https:` address, or the image itself as a `data:` URL. */
  readonly url: string
  /** How closely the model looks. @default what the server does by itself */
  readonly detail?: 'auto' | 'low' | 'high'
}

/** A document: the file itself as a `data:` URL, or one that the server has already. */
export type FilePart =
  | { readonly type: 'file'; readonly name: string; readonly data: string }
  | { readonly type: 'file'; readonly fileId: string }

/** What the model says, and the tools it calls; `content` is the empty string if it only calls tools. */
export interface AssistantMessage {
  readonly role: 'assistant'
  readonly content: string
  readonly toolCalls?: readonly ToolCall[]
}

/** What a tool answered. */
export interface ToolMessage {
  readonly role: 'tool'
  readonly content: string
  /** The {@link ToolCall.id} that is answered. */
  readonly toolCallId: string
}

/** One message of a conversation with a model. Plain data that survives JSON. */
export type ModelMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage

/** A model's wish that a tool be called. */
export interface ToolCall {
  /** Unique in its conversation. */
  readonly id: string
  readonly name: string
  /** The arguments as the model wrote them: JSON in most cases, but nobody has checked. */
  readonly arguments: string
}

/** The text of a message, without its images and files; the empty string if there is no message. */
export function textOf(message: ModelMessage | undefined): string {
  const { content = '' } = message ?? {}
  if (typeof content === 'string') return content
  return content.flatMap(part => (part.type === 'text' ? part.text : [])).join('\n')
}
