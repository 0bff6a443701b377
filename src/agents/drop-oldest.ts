import { type ContextWindow, checkMaxTokens } from './context-window.js'
import { cut, joined, shorten } from './message-units.js'
import type { ModelMessage } from './model-message.js'
import { estimateTokens, type TokenCounter, tokensOf } from './token-counter.js'

/** How {@link dropOldest} shortens. */
export interface DropOldestOptions {
  /**
   * How many tokens instructions and conversation may have. Leave room for the answer and for the descriptions of the tools: what the
   * model takes, less both.
   */
  readonly maxTokens: number
  /** @default estimateTokens, about four characters a token */
  readonly countTokens?: TokenCounter
}

/**
 * The model sees the newest part of the conversation. The oldest exchanges go first, a question always with what followed from it; then,
 * within the newest one, the oldest tool calls with their results. System messages, the newest message of the user and the last step
 * stay, also if they alone are too long: then the server has the word. If the server finds it too long, half of it
 * is tried once: what a model counts may be far from the estimate.
 *
 * @throws OPTION_INVALID
 */
export function dropOldest({ maxTokens, countTokens = estimateTokens }: DropOldestOptions): ContextWindow {
  checkMaxTokens(maxTokens)
  const within = (messages: readonly ModelMessage[], system: string, max: number): readonly ModelMessage[] => {
    const left = max - countTokens({ role: 'system', content: system })
    if (tokensOf(messages, countTokens) <= left) return messages
    return joined(shorten(cut(messages), rest => tokensOf(joined(rest), countTokens) <= left).left)
  }
  return {
    fit: (messages, { system }) => within(messages, system, maxTokens),
    shrink(messages, { system }) {
      const present = tokensOf([{ role: 'system', content: system }, ...messages], countTokens)
      const shorter = within(messages, system, Math.min(maxTokens, present) / 2)
      return shorter.length < messages.length ? shorter : undefined
    },
  }
}
