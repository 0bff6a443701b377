import { type Agent, AgentRunner } from '../agents/index.js'
import { ChatMessage, toChatMessage, toModelMessage } from './chat-message.js'
import type { ChatConversation, RuntimeConfiguration, RuntimeEventHandler } from './runtime-configuration.js'

/**
 * Answers with one agent, which is given the whole conversation. Its tool calls and their results become part of the history.
 * The agent's events are forwarded.
 */
export class SingletonRuntimeConfiguration implements RuntimeConfiguration {
  readonly #agent: Agent<unknown>

  constructor(agent: Agent<unknown>) {
    this.#agent = agent
  }

  async invoke(
    message: ChatMessage,
    onRuntimeEvent?: RuntimeEventHandler,
    signal?: AbortSignal,
    conversation?: ChatConversation,
  ): Promise<ChatMessage> {
    const before = (conversation?.messages ?? []).map(toModelMessage)
    const { messages, text } = await AgentRunner.run(this.#agent, [toModelMessage(message)], {
      messages: before,
      ...(signal === undefined ? {} : { signal }),
      ...(onRuntimeEvent === undefined
        ? {}
        : { onEvent: (event): void => onRuntimeEvent({ type: 'runtime.agent', event }) }),
    })
    conversation?.record(...messages.slice(before.length + 1, -1).map(toChatMessage))
    return new ChatMessage('assistant', text)
  }
}
