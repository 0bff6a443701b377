import type { Agent } from '../agents/index.js'
import { OptionError } from '../errors/index.js'
import { type AgentChatOptions, checkAgents, speak } from './agent-speaker.js'
import { type ChatMessage, toModelMessage } from './chat-message.js'
import { type Candidate, type HandoffRouter, RouterModel, type RoutingDecision, stay } from './handoff-router.js'
import type { ChatConversation, RuntimeConfiguration, RuntimeEventHandler } from './runtime-configuration.js'

/** An agent, and when it should answer. */
export interface HandoffAgent {
  readonly agent: Agent<unknown>
  /** What the router is told of it. @default the agent's `description`, else its instructions if they are a text */
  readonly description?: string
}

/** How it is decided which agent answers. */
export interface HandoffRuntimeOptions extends AgentChatOptions {
  /** The model that decides. @default client and model of the first agent */
  readonly router?: HandoffRouter
  /** How many times the conversation may change hands before a message is answered; 0 decides nothing. @default 3 */
  readonly maxHandoffs?: number
  /** What happens if the router fails: the turn fails, or the agent that has the conversation answers. @default 'fail' */
  readonly onRouterError?: 'fail' | 'stay'
}

/**
 * Answers with one of several agents. Before each message a model decides, from a fixed list, which agent answers it or that the present
 * one goes on; when the conversation changes hands, it decides once more from there. Nobody gets it twice for one message, so it cannot go
 * back and forth. Each change is an `agent.handoff` event.
 *
 * ```ts
 * new HandoffRuntimeConfiguration(reception, [billing, { agent: support, description: 'Anything technical' }], {
 *   router: { client, model: 'gpt-4.1-nano' },
 * })
 * ```
 *
 * Who has the conversation is told by the history: the agent of the last reply. So a restart, or a turn that fails, changes nothing.
 */
export class HandoffRuntimeConfiguration implements RuntimeConfiguration {
  readonly #initial: Candidate
  readonly #agents: ReadonlyMap<string, Agent<unknown>>
  readonly #candidates: readonly Candidate[]
  readonly #router: RouterModel
  readonly #options: HandoffRuntimeOptions
  readonly #maxHandoffs: number

  /** @throws OPTION_INVALID; two agents must not have one name, and none the name `current` */
  constructor(
    initialAgent: Agent<unknown> | HandoffAgent,
    agents: readonly (Agent<unknown> | HandoffAgent)[],
    options: HandoffRuntimeOptions = {},
  ) {
    const { maxHandoffs = 3, onRouterError = 'fail' } = options
    if (!(Number.isInteger(maxHandoffs) && maxHandoffs >= 0))
      throw new OptionError('maxHandoffs', 'a whole number of at least 0', maxHandoffs)
    if (onRouterError !== 'fail' && onRouterError !== 'stay')
      throw new OptionError('onRouterError', "'fail' or 'stay'", onRouterError)
    const first = described(initialAgent)
    // The list may name the initial agent too, as it is one of those that may take over.
    const all = [first, ...agents.map(described).filter(({ agent }) => agent !== first.agent)]
    checkAgents(all.map(({ agent }) => agent))
    if (all.some(({ agent }) => agent.name === stay))
      throw new OptionError('agents', `agents that are not called "${stay}"`, stay)
    this.#agents = new Map(all.map(({ agent }) => [agent.name, agent]))
    this.#candidates = all.map(({ agent: { name }, description }) => ({ name, description }))
    this.#initial = this.#candidates[0] as Candidate
    this.#router = new RouterModel(options.router ?? { client: first.agent.client, model: first.agent.model })
    this.#options = options
    this.#maxHandoffs = maxHandoffs
  }

  async invoke(
    message: ChatMessage,
    onRuntimeEvent?: RuntimeEventHandler,
    signal?: AbortSignal,
    conversation?: ChatConversation,
  ): Promise<ChatMessage> {
    const before = conversation?.messages ?? []
    const { name } = await this.#route([...before, message], this.#holderOf(before), signal, onRuntimeEvent)
    const { reply, between } = await speak(this.#agents.get(name) as Agent<unknown>, {
      before: before.map(toModelMessage),
      asked: [toModelMessage(message)],
      details: { agent: name },
      ...{ onRuntimeEvent, signal, conversation, options: this.#options },
    })
    conversation?.record(...between)
    return reply
  }

  /** Who has the conversation. */
  #holderOf(messages: readonly ChatMessage[]): Candidate {
    const last = messages.findLast(({ role, agent }) => role === 'assistant' && this.#agents.has(agent ?? ''))
    return this.#candidates.find(({ name }) => name === last?.agent) ?? this.#initial
  }

  async #route(
    messages: readonly ChatMessage[],
    holder: Candidate,
    signal: AbortSignal | undefined,
    onRuntimeEvent: RuntimeEventHandler | undefined,
  ): Promise<Candidate> {
    let current = holder
    let others = this.#candidates.filter(({ name }) => name !== current.name)
    for (let handoffs = 0; handoffs < this.#maxHandoffs && others.length > 0; handoffs++) {
      const decision = await this.#decide({ current, others, messages }, signal, onRuntimeEvent)
      const next = others.find(({ name }) => name === decision?.agent)
      if (next === undefined || decision === undefined) break
      const { reason } = decision
      const event = { type: 'agent.handoff', agent: current.name, to: next.name, reason } as const
      onRuntimeEvent?.({ type: 'runtime.agent', event })
      others = others.filter(({ name }) => name !== next.name)
      current = next
    }
    return current
  }

  async #decide(
    ...[question, signal, onRuntimeEvent]: Parameters<RouterModel['decide']>
  ): Promise<RoutingDecision | undefined> {
    try {
      return await this.#router.decide(question, signal, onRuntimeEvent)
    } catch (thrown) {
      signal?.throwIfAborted()
      if (this.#options.onRouterError === 'stay') return undefined
      throw thrown
    }
  }
}

function described(given: Agent<unknown> | HandoffAgent): Required<HandoffAgent> {
  const { agent, description } = 'agent' in given ? given : { agent: given, description: undefined }
  const { instructions } = agent
  const told = typeof instructions === 'string' ? instructions : 'no description'
  return { agent, description: description ?? agent.description ?? told }
}
