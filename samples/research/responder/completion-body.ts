import { fingerprint, modelName, tokensIn } from './extractive-model.js'
import type { ChatRequest, Completion } from './wire.js'
import { textOf } from './wire.js'

/** The body of a response that is not streamed. */
export function chatCompletion(request: ChatRequest, completion: Completion) {
  const { content, toolCalls, finishReason } = completion
  const message = {
    role: 'assistant',
    content,
    refusal: null,
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  }
  return {
    ...envelope(request, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage: usageOf(request, completion),
  }
}

/** The events of a streamed response, a few words or a piece of a call's arguments each. */
export function* chatCompletionChunks(request: ChatRequest, completion: Completion) {
  const base = envelope(request, 'chat.completion.chunk')
  const withUsage = request.stream_options?.include_usage === true
  const chunk = (delta: object, reason: string | null = null) => ({
    ...base,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
    ...(withUsage && { usage: null }),
  })
  yield chunk({ role: 'assistant', content: completion.content === null ? null : '' })
  for (const content of pieces(completion.content ?? '')) yield chunk({ content })
  for (const [index, { id, type, function: called }] of completion.toolCalls.entries()) {
    yield chunk({ tool_calls: [{ index, id, type, function: { name: called.name, arguments: '' } }] })
    for (const part of pieces(called.arguments)) yield chunk({ tool_calls: [{ index, function: { arguments: part } }] })
  }
  yield chunk({}, completion.finishReason)
  if (withUsage) yield { ...base, choices: [], usage: usageOf(request, completion) }
}

function envelope(request: ChatRequest, object: string) {
  return {
    id: `chatcmpl-${fingerprint(request).slice(0, 24)}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: modelName,
  }
}

function usageOf(request: ChatRequest, completion: Completion) {
  const { messages, tools, response_format: format } = request
  const said = messages.map(message => textOf(message) + (message.tool_calls ? JSON.stringify(message.tool_calls) : ''))
  const given = [...said, tools ? JSON.stringify(tools) : '', format ? JSON.stringify(format) : '']
  const calls = completion.toolCalls.map(call => call.function.name + call.function.arguments)
  const prompt = given.reduce((sum, text) => sum + tokensIn(text), 0)
  const answer = [completion.content ?? '', ...calls].reduce((sum, text) => sum + tokensIn(text), 0)
  return { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer }
}

/** Text in pieces of up to eight words; joined they are the text again. */
function pieces(text: string): string[] {
  return text.match(/(?:\s*\S+){1,8}\s*/g) ?? (text === '' ? [] : [text])
}
