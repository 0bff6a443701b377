import type { RunContext } from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'
import type { Agent, Handoff } from './agent.js'
import { instructionsText } from './agent-instructions.js'
import type { AgentVoice } from './agent-voice.js'
import type { AskedModel, ContextWindowCall } from './context-window.js'
import type { Conversation } from './conversation.js'
import { handoffTool } from './handoff.js'
import type { KeptWork } from './kept-work.js'
import type { ModelRequest, ModelResponse, ModelTool, ModelUsage } from './model-client.js'
import type { ModelMessage } from './model-message.js'
import { takeTurn } from './model-turn.js'
import { inOutputMode } from './output-mode.js'
import type { AgentTool } from './tool.js'

/** What the turns of a conversation have to do with. */
export interface TurnEnvironment {
  readonly conversation: Conversation
  readonly context: RunContext | undefined
  readonly signal: AbortSignal | undefined
  readonly kept: KeptWork
  readonly voice: AgentVoice
  /** Told of everything that was used, also of what a kept answer had used. */
  used(usage: ModelUsage): void
}

/** Whose turn it is. */
export interface AgentTurn {
  readonly agent: Agent<unknown>
  /** The number of the turn in the conversation, from 1. */
  readonly turn: number
  /** The handoffs that the model is offered. */
  readonly handoffs: readonly Handoff[]
  /** The tools that end the work, which the model is offered too. */
  readonly exits: readonly AgentTool[]
  /** Whether it is the agent's first turn. */
  readonly isFirst: boolean
  readonly guard: ((signal: AbortSignal) => Promise<void>) | undefined
}

/** Calls the model with what it is to see of a conversation; in a state, each answer is kept. */
export class ModelTurns {
  readonly #environment: TurnEnvironment
  #asked = 0

  constructor(environment: TurnEnvironment) {
    this.#environment = environment
  }

  async take(mine: AgentTurn): Promise<ModelResponse> {
    const { conversation, context, kept, used, signal } = this.#environment
    const { agent, turn } = mine
    const { contextWindow: window, name } = agent
    signal?.throwIfAborted()
    const system = await instructionsText(agent.instructions, name, context)
    const call: ContextWindowCall = {
      agent: name,
      system,
      agentModel: { client: agent.client, model: agent.model },
      ask: (messages, model) => this.#ask(name, messages, model),
    }
    if (window !== undefined) conversation.show(await window.fit(conversation.seen, call))
    const { response, shrunk } = await kept.once(`m${turn}`, async () => {
      try {
        return { response: await this.#call(mine, system, conversation.seen), shrunk: false }
      } catch (thrown) {
        const smaller = isTooLong(thrown) ? window?.shrink?.(conversation.seen, call) : undefined
        if (smaller === undefined) throw thrown
        return { response: await this.#call(mine, system, smaller), shrunk: true }
      }
    })
    if (shrunk) conversation.show(window?.shrink?.(conversation.seen, call) ?? conversation.seen)
    if (response.usage !== undefined) used(response.usage)
    return response
  }

  #call(mine: AgentTurn, system: string, seen: readonly ModelMessage[]): Promise<ModelResponse> {
    const { signal, voice } = this.#environment
    const { agent, guard } = mine
    const streaming = voice.canBeHeard && agent.streaming !== false
    const { name, outputFormat, outputMode } = agent
    const client = inOutputMode(agent.client, outputMode)
    const partial = agent.partialOutput ? outputFormat.partial?.() : undefined
    return takeTurn(requestOf(mine, system, seen), { agent: name, client, streaming, signal, voice, guard, partial })
  }

  async #ask(agent: string, messages: readonly ModelMessage[], { client, model }: AskedModel): Promise<string> {
    const { kept, signal, voice, used } = this.#environment
    const { content, usage } = await kept.once(`w${++this.#asked}`, async () => {
      const turn = { agent, client, streaming: false, signal, voice }
      return takeTurn({ model, messages }, turn)
    })
    if (usage !== undefined) used(usage)
    return content
  }
}

function requestOf(
  { agent, handoffs, exits, isFirst }: AgentTurn,
  system: string,
  seen: readonly ModelMessage[],
): ModelRequest {
  const { model, tools, toolChoice, outputFormat, settings } = agent
  const described = [...tools, ...exits].map(({ name, description, parameters, strict }): ModelTool => {
    return { name, description, parameters, strict }
  })
  described.push(...handoffs.map(handoffTool))
  const forced = typeof toolChoice === 'object' ? toolChoice.name : undefined
  const isThere = forced === undefined || described.some(each => each.name === forced)
  return {
    model,
    messages: [{ role: 'system', content: system }, ...seen],
    ...(described.length === 0 ? {} : { tools: described }),
    // Forced again in every turn, a tool would be called for ever.
    ...(toolChoice === undefined || !isThere || (!isFirst && toolChoice !== 'none') ? {} : { toolChoice }),
    ...(outputFormat.schema === undefined ? {} : { output: outputFormat.schema }),
    ...(settings === undefined ? {} : { settings }),
  }
}

function isTooLong(thrown: unknown): boolean {
  return OrchestrationError.isInstance(thrown) && thrown.code === 'MODEL_CONTEXT_EXCEEDED'
}
