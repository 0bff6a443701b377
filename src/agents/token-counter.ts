import type { ModelMessage } from './model-message.js'
import { textOf } from './model-message.js'

/** Says how many tokens a message has, for the model it goes to. */
export type TokenCounter = (message: ModelMessage) => number

const charactersPerToken = 4
/** Role, separators, names: about what the chat formats of OpenAI add to each message. */
const tokensPerMessage = 4
/** What a picture of usual size costs in high detail. */
const tokensPerImage = 765

/**
 * An estimate that needs no tokenizer: one token for each four characters, four for each message, 765 for each image. Good for English
 * to within a fifth or so; other scripts and code have more tokens. Give a counter of your own where that matters.
 */
export const estimateTokens: TokenCounter = message => {
  let characters = textOf(message).length
  let images = 0
  if (message.role === 'assistant') {
    for (const call of message.toolCalls ?? []) characters += call.name.length + call.arguments.length
  }
  if (message.role === 'user' && typeof message.content !== 'string') {
    for (const part of message.content) {
      if (part.type === 'image') images++
      if (part.type === 'file' && 'data' in part) characters += part.data.length
    }
  }
  return tokensPerMessage + Math.ceil(characters / charactersPerToken) + images * tokensPerImage
}

/** The tokens of several messages. */
export function tokensOf(messages: readonly ModelMessage[], count: TokenCounter): number {
  return messages.reduce((sum, message) => sum + count(message), 0)
}
