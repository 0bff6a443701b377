import type { ModelCallOptions, ModelClient, ModelRequest, ModelResponse } from 'advancer'
import OpenAI from 'openai'
import type { AssistantModel } from './assistant.js'

/** With a key the model of a server, without one a model that needs none. */
export function chooseModel(env: NodeJS.ProcessEnv): AssistantModel & { readonly description: string } {
  const apiKey = env['OPENAI_API_KEY']
  if (apiKey === undefined || apiKey === '') {
    return {
      client: new SmallModel(),
      model: 'small',
      description: 'A small model without a key: try "note: buy milk"',
    }
  }
  const model = env['OPENAI_MODEL'] || 'gpt-4.1-mini'
  const client = new OpenAI({ apiKey, baseURL: env['OPENAI_BASE_URL']?.trim() || undefined, logLevel: 'off' })
  return { client, model, description: `${model} at ${client.baseURL}` }
}

/** Knows two things: what was said, and that notes are saved with a tool. */
class SmallModel implements ModelClient {
  async complete(
    { messages, model }: ModelRequest,
    { onDelta, signal }: ModelCallOptions = {},
  ): Promise<ModelResponse> {
    const last = messages.at(-1)
    const text = typeof last?.content === 'string' ? last.content : 'something that is no text'
    const note = last?.role === 'user' ? /^note: *(.+)$/i.exec(text)?.[1] : undefined
    if (note !== undefined) {
      const call = { id: `note-${messages.length}`, name: 'save_note', arguments: JSON.stringify({ text: note }) }
      return { content: '', toolCalls: [call], finishReason: 'tool_calls', model }
    }
    const turns = messages.filter(({ role }) => role === 'user').length
    const content = last?.role === 'tool' ? `Well: ${text}` : `You said "${text}". That was message ${turns}.`
    for (const word of content.match(/\S+\s*/g) ?? []) {
      signal?.throwIfAborted()
      onDelta?.(word)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    return { content, toolCalls: [], finishReason: 'stop', model }
  }
}
