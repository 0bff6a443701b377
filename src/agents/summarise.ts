import type OpenAI from 'openai'
import { type ContextWindow, checkMaxTokens } from './context-window.js'
import { cut, joined, shorten } from './message-units.js'
import type { ModelClient } from './model-client.js'
import { type ModelMessage, textOf } from './model-message.js'
import { modelOfClient } from './model-of-client.js'
import { estimateTokens, type TokenCounter, tokensOf } from './token-counter.js'

/** How {@link summarise} shortens. */
export interface SummariseOptions {
  /** How many tokens instructions and conversation may have before the older part is summarised. */
  readonly maxTokens: number
  /** How many tokens of the newest part stay as they are. @default half of `maxTokens` */
  readonly keepTokens?: number
  /** Who writes the summary; goes with `model`. @default the agent's */
  readonly client?: OpenAI | ModelClient
  /** @default the agent's */
  readonly model?: string
  /** What the model is told to do. @default to keep facts, decisions, names, numbers and open questions */
  readonly instructions?: string
  /** @default estimateTokens, about four characters a token */
  readonly countTokens?: TokenCounter
}

const defaultInstructions =
  'You summarise conversations, so that they can be continued from the summary alone. Keep facts, decisions, names, numbers, results ' +
  'of tools and open questions; leave out small talk. Answer with the summary only.'

/**
 * The model sees a summary of the older part of the conversation, and the newest part as it is. What stays follows the rules of
 * `dropOldest`. A summary is a call of a model; it is made only when the conversation has outgrown `maxTokens`. If it fails, the agent
 * fails.
 *
 * @throws OPTION_INVALID
 */
export function summarise(options: SummariseOptions): ContextWindow {
  const { countTokens = estimateTokens, instructions = defaultInstructions, model } = options
  const maxTokens = checkMaxTokens(options.maxTokens)
  const keepTokens = Math.min(maxTokens, checkMaxTokens(options.keepTokens ?? Math.max(1, Math.floor(maxTokens / 2))))
  const client = options.client === undefined ? undefined : modelOfClient(options.client)
  return {
    async fit(messages, { system, agentModel, ask }) {
      const taken = countTokens({ role: 'system', content: system })
      if (taken + tokensOf(messages, countTokens) <= maxTokens) return messages
      const { left, dropped } = shorten(cut(messages), rest => tokensOf(joined(rest), countTokens) <= keepTokens)
      if (dropped.length === 0) return messages
      const summary = await ask(
        [
          { role: 'system', content: instructions },
          { role: 'user', content: dropped.map(told).join('\n') },
        ],
        { client: client ?? agentModel.client, model: model ?? agentModel.model },
      )
      const recalled: ModelMessage = { role: 'user', content: `Summary of the conversation so far: ${summary}` }
      return [...left.system, recalled, ...left.exchanges.flat(2)]
    },
  }
}

function told(message: ModelMessage): string {
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : []
  const called = calls.map(call => `\n  calls ${call.name}(${call.arguments})`).join('')
  return `${message.role}: ${textOf(message)}${called}`
}
