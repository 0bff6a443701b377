import { OrchestrationError } from '../errors/index.js'

/** A message is being answered. */
export function chatBusy(chatId: string, what: string): OrchestrationError {
  return new OrchestrationError(
    `Chat "${chatId}" is answering a message and cannot ${what}. Wait for the reply, or cancel() first; or choose with ` +
      '`whenBusy` that messages wait or take its place.',
    { code: 'CHAT_BUSY', retryable: true, details: { chatId } },
  )
}

/** A message is still to be answered, though nobody is at work on it. */
export function leftUnfinished(chatId: string, turn: string): OrchestrationError {
  return new OrchestrationError(
    `Chat "${chatId}" has a message that is not answered yet, from an earlier process or because its turn could not be written ` +
      'down. Go on with it with resume(), give it up with clear(), or send messages with another `whenBusy`.',
    { code: 'CHAT_BUSY', details: { chatId, turn } },
  )
}

/** A turn, or a message that waits for its own, is given up. */
export function chatCancelled(chatId: string, reason: string): OrchestrationError {
  return new OrchestrationError(`Chat "${chatId}" was cancelled: ${reason}`, {
    code: 'RUN_CANCELLED',
    details: { chatId, reason },
  })
}
