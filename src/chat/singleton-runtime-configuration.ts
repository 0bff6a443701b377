import type { Agent } from '../agents/index.js'
import { type AgentChatOptions, speak } from './agent-speaker.js'
import { type ChatMessage, toModelMessage } from './chat-message.js'
import type { ChatConversation, RuntimeConfiguration, RuntimeEventHandler } from './runtime-configuration.js'

/**
 * Answers with one agent, which is given the whole conversation. Its tool calls and their results become part of the history.
 * The agent's events are forwarded.
 */
export class SingletonRuntimeConfiguration implements RuntimeConfiguration {
  readonly #agent: Agent<unknown>
  readonly #options: AgentChatOptions

  constructor(agent: Agent<unknown>, options: AgentChatOptions = {}) {
    this.#agent = agent
    this.#options = options
  }

  async invoke(
    message: ChatMessage,
    onRuntimeEvent?: RuntimeEventHandler,
    signal?: AbortSignal,
    conversation?: ChatConversation,
  ): Promise<ChatMessage> {
    const { reply, between } = await speak(this.#agent, {
      before: (conversation?.messages ?? []).map(toModelMessage),
      asked: [toModelMessage(message)],
      options: this.#options,
      details: {},
      ...{ onRuntimeEvent, signal, conversation },
    })
    conversation?.record(...between)
    return reply
  }
}
