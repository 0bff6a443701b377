import { IsIn, IsString } from 'class-validator'
import type OpenAI from 'openai'
import { Agent, type AgentInstructions, AgentRunner, type ModelClient, type ModelSettings } from '../agents/index.js'
import { describeProperty } from '../schema/index.js'
import type { ChatMessage } from './chat-message.js'
import type { RuntimeEventHandler } from './runtime-configuration.js'

/** The model that decides who answers; an agent will do, of which nothing else is used. */
export interface HandoffRouter {
  /** A cheap model is good enough in most cases. */
  readonly client: OpenAI | ModelClient
  readonly model: string
  readonly settings?: ModelSettings | undefined
  /** @default to choose the agent that fits the last message best, and to keep the present one if in doubt */
  readonly instructions?: AgentInstructions | undefined
}

/** An agent that may be chosen, and what the router is told of it. */
export interface Candidate {
  readonly name: string
  readonly description: string
}

/** What the router is asked. */
export interface RoutingQuestion {
  readonly current: Candidate
  /** Those that may take over. */
  readonly others: readonly Candidate[]
  readonly messages: readonly ChatMessage[]
}

/** What the router has decided. */
export interface RoutingDecision {
  readonly reason: string
  /** The name of an agent, or {@link stay}. */
  readonly agent: string
}

/** The choice that changes nothing; no agent may have this name. */
export const stay = 'current'

/** How many of the last messages the router reads. */
const lastMessages = 20

const defaultInstructions =
  'You decide which agent answers the last message of a conversation. Choose the agent that fits it best. If the one that has the ' +
  `conversation fits as well as another, choose "${stay}".`

/** Asks a model which agent answers. */
export class RouterModel {
  readonly #router: HandoffRouter
  readonly #agents = new Map<string, Agent<RoutingDecision>>()

  constructor(router: HandoffRouter) {
    this.#router = router
  }

  async decide(
    question: RoutingQuestion,
    signal: AbortSignal | undefined,
    onRuntimeEvent: RuntimeEventHandler | undefined,
  ): Promise<RoutingDecision> {
    const agent = this.#agentFor(question.others.map(({ name }) => name))
    const { output } = await AgentRunner.run(agent, promptOf(question), {
      signal,
      ...(onRuntimeEvent === undefined
        ? {}
        : { onEvent: (event): void => onRuntimeEvent({ type: 'runtime.agent', event }) }),
    })
    return output
  }

  /** One for each set of choices: what is not to be chosen is not offered. */
  #agentFor(names: readonly string[]): Agent<RoutingDecision> {
    const key = JSON.stringify(names)
    let agent = this.#agents.get(key)
    if (agent === undefined) {
      const { client, model, settings, instructions = defaultInstructions } = this.#router
      const options = { client, model, name: 'Router', instructions, streaming: false }
      agent = new Agent({
        ...options,
        outputSchema: decisionOf([...names, stay]),
        ...(settings === undefined ? {} : { settings }),
      })
      this.#agents.set(key, agent)
    }
    return agent
  }
}

function decisionOf(choices: readonly string[]): new () => RoutingDecision {
  class HandoffDecision implements RoutingDecision {
    // In this order: who gives the reason first decides better.
    declare reason: string
    declare agent: string
  }
  IsString()(HandoffDecision.prototype, 'reason')
  describeProperty(HandoffDecision, 'reason', 'Why, in a few words')
  IsIn(choices)(HandoffDecision.prototype, 'agent')
  describeProperty(HandoffDecision, 'agent', `The agent that answers; "${stay}" changes nothing`)
  return HandoffDecision
}

function promptOf({ current, others, messages }: RoutingQuestion): string {
  const agents = others.map(({ name, description }) => `- ${name}: ${description}`)
  const said = messages
    .filter(({ role, content, parts }) => role !== 'tool' && (content !== '' || parts !== undefined))
    .slice(-lastMessages)
    .map(message => `${message.agent ?? message.role}: ${textOf(message)}`)
  return [
    `The conversation is with ${current.name} ("${stay}"): ${current.description}`,
    `Agents that may take over:\n${agents.join('\n')}`,
    `The conversation:\n${said.join('\n')}`,
  ].join('\n\n')
}

function textOf({ content, parts = [] }: ChatMessage): string {
  const others = parts.flatMap(part => {
    if (part.type === 'text') return []
    return part.type === 'image' ? '[image]' : `[file${'name' in part ? ` ${part.name}` : ''}]`
  })
  return [content, ...others].filter(text => text !== '').join(' ')
}
