import { Agent, type ModelMessage } from '../agents/index.js'
import { eventError } from '../core/internal.js'
import { ensureError, OptionError } from '../errors/index.js'
import { type AgentChatOptions, type Answer, checkAgents, speak } from './agent-speaker.js'
import { type ChatMessage, toModelMessage } from './chat-message.js'
import type { ChatConversation, RuntimeConfiguration, RuntimeEventHandler } from './runtime-configuration.js'

/** How the answers of several agents become one reply. */
export interface ConcurrentRuntimeOptions extends AgentChatOptions {
  /**
   * Who makes one reply of the answers: an agent, or the instructions of one with the client and model of the first agent.
   * @default such an agent, told to merge what agrees and to name what does not
   */
  readonly synthesiser?: Agent<unknown> | string
  /**
   * `fail`: the first agent that fails fails the turn, and the others are aborted. `proceed`: the reply is made of the answers of the
   * others; the turn fails only if all agents do. @default 'fail'
   */
  readonly onAgentError?: 'fail' | 'proceed'
}

const defaultInstructions =
  'Several agents have answered the last message of a person. Make one reply to that person of their answers: merge what agrees, ' +
  'and say so where they disagree. Do not speak of the agents.'

/**
 * Answers with several agents at once, each given the same conversation, and a synthesiser that makes one reply of what they say. The
 * answers are in the order in which the agents are declared, whichever is first: for the synthesiser, and in the history, where they
 * carry the names of their agents.
 *
 * ```ts
 * new ConcurrentRuntimeConfiguration([optimist, pessimist], { synthesiser: 'Weigh the answers against each other.' })
 * ```
 */
export class ConcurrentRuntimeConfiguration implements RuntimeConfiguration {
  readonly #agents: readonly Agent<unknown>[]
  readonly #synthesiser: Agent<unknown>
  readonly #options: ConcurrentRuntimeOptions

  /** @throws OPTION_INVALID; two agents must not have one name */
  constructor(agents: readonly Agent<unknown>[], options: ConcurrentRuntimeOptions = {}) {
    const { synthesiser = defaultInstructions, onAgentError = 'fail' } = options
    if (onAgentError !== 'fail' && onAgentError !== 'proceed')
      throw new OptionError('onAgentError', "'fail' or 'proceed'", onAgentError)
    this.#agents = checkAgents(agents)
    this.#options = options
    const { client, model } = agents[0] as Agent<unknown>
    this.#synthesiser =
      typeof synthesiser === 'string'
        ? new Agent({ client, model, name: 'Synthesiser', instructions: synthesiser })
        : synthesiser
  }

  async invoke(
    message: ChatMessage,
    onRuntimeEvent?: RuntimeEventHandler,
    signal?: AbortSignal,
    conversation?: ChatConversation,
  ): Promise<ChatMessage> {
    const before: readonly ModelMessage[] = (conversation?.messages ?? []).map(toModelMessage)
    const asked = toModelMessage(message)
    const options = this.#options
    const others = new AbortController()
    const either = signal === undefined ? others.signal : AbortSignal.any([signal, others.signal])
    const outcomes = await Promise.all(
      this.#agents.map(async agent => {
        const speech = { before, asked: [asked], onRuntimeEvent, signal: either, conversation, options }
        try {
          return { agent, answer: await speak(agent, { ...speech, details: { agent: agent.name } }) }
        } catch (thrown) {
          signal?.throwIfAborted()
          const error = ensureError(thrown)
          if (options.onAgentError === 'proceed')
            onRuntimeEvent?.({ type: 'runtime.agent.failed', agent: agent.name, error: eventError(error) })
          else others.abort(error)
          return { agent, error }
        }
      }),
    )
    // Aborted with it, every other agent has rejected with the error of the first that failed.
    if (others.signal.aborted) throw others.signal.reason
    const answers = outcomes.flatMap(({ answer }) => answer ?? [])
    if (answers.length === 0) throw outcomes[0]?.error as Error
    conversation?.record(...answers.flatMap(({ between, reply }) => [...between, reply]))
    const { reply } = await speak(this.#synthesiser, {
      before: [...before, asked],
      asked: [{ role: 'user', content: summary(answers) }],
      details: { agent: this.#synthesiser.name },
      ...{ onRuntimeEvent, signal, conversation, options },
    })
    return reply
  }
}

function summary(answers: readonly Answer[]): string {
  const list = answers.map(({ reply }) => `Answer of ${reply.agent}:\n\n${reply.content}`)
  return ['Make one reply of these answers.', ...list].join('\n\n---\n\n')
}
