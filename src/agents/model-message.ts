/** What the model is told about its role; in front of the conversation. */
export interface SystemMessage {
  readonly role: 'system'
  readonly content: string
}

/** What a person, or the program in their place, says. */
export interface UserMessage {
  readonly role: 'user'
  readonly content: string
}

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
