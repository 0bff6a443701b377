import type { Agent, ModelMessage } from '../agents/index.js'
import { OptionError } from '../errors/index.js'
import { type AgentChatOptions, type Answer, speak } from './agent-speaker.js'
import { ChatMessage, toModelMessage } from './chat-message.js'
import type { ChatConversation, RuntimeConfiguration, RuntimeEventHandler } from './runtime-configuration.js'

/** An agent, and what it is told when it is its turn. */
export interface SequentialAgent {
  readonly agent: Agent<unknown>
  /** Becomes a message of the user, before the agent speaks. */
  readonly instructions?: string
}

/**
 * Answers with several agents, one after the other, over one growing conversation: each is given what was said before the message, the
 * message, and everything that the agents before it have said. The last one's answer is the reply.
 *
 * ```ts
 * new SequentialRuntimeConfiguration([writer, { agent: editor, instructions: 'Make it half as long.' }])
 * ```
 *
 * All of it becomes part of the history, in that order; messages carry the name of their agent, and a user message with one is an
 * instruction of the configuration. If an agent fails, the turn fails.
 */
export class SequentialRuntimeConfiguration implements RuntimeConfiguration {
  readonly #agents: readonly SequentialAgent[]
  readonly #options: AgentChatOptions

  /** @throws OPTION_INVALID */
  constructor(agents: readonly (Agent<unknown> | SequentialAgent)[], options: AgentChatOptions = {}) {
    if (!Array.isArray(agents) || agents.length === 0) throw new OptionError('agents', 'at least one agent', agents)
    this.#agents = agents.map(each => ('agent' in each ? each : { agent: each }))
    this.#options = options
  }

  async invoke(
    message: ChatMessage,
    onRuntimeEvent?: RuntimeEventHandler,
    signal?: AbortSignal,
    conversation?: ChatConversation,
  ): Promise<ChatMessage> {
    const before: ModelMessage[] = (conversation?.messages ?? []).map(toModelMessage)
    const asked: ModelMessage[] = [toModelMessage(message)]
    let answer: Answer | undefined
    for (const { agent, instructions } of this.#agents) {
      signal?.throwIfAborted()
      // The last one's answer is the reply, which the runtime adds itself.
      if (answer !== undefined) conversation?.record(answer.reply)
      if (instructions !== undefined) {
        const told = new ChatMessage('user', instructions, { agent: agent.name })
        asked.push(toModelMessage(told))
        conversation?.record(told)
      }
      const speech = { before, asked, onRuntimeEvent, signal, conversation, options: this.#options }
      answer = await speak(agent, { ...speech, details: { agent: agent.name } })
      conversation?.record(...answer.between)
      before.push(...asked.splice(0), ...answer.said)
    }
    // There is at least one agent.
    return (answer as Answer).reply
  }
}
