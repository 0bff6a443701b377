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
    if ('chat' in client) return chatModelOf(client)
  }
  throw new OptionError('client', 'a client of the `openai` package or a ModelClient', client)
}

// What is known of a client's server is known to all agents that use it.
const chatModels = new WeakMap<OpenAI, ModelClient>()

function chatModelOf(client: OpenAI): ModelClient {
  let model = chatModels.get(client)
  if (model === undefined) chatModels.set(client, (model = new OpenAIChatModel(client)))
  return model
}
