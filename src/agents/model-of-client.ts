import type OpenAI from 'openai'
import { OptionError } from '../errors/index.js'
import type { ModelClient } from './model-client.js'
import { OpenAIChatModel } from './openai-chat-model.js'

/**
 * The model behind a client: a {@link ModelClient} itself, or chat completions over the official client.
 * @throws OPTION_INVALID
 */
export function modelOfClient(client: OpenAI | ModelClient): ModelClient {
  if (typeof client === 'object' && client !== null) {
    if ('complete' in client) return client
    if ('chat' in client) return new OpenAIChatModel(client)
  }
  throw new OptionError('client', 'a client of the `openai` package or a ModelClient', client)
}
