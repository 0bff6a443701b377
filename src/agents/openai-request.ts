import type OpenAI from 'openai'
import { type PartWriter, writeParts } from './message-parts.js'
import type { ModelOutputSchema, ModelRequest, ModelSettings, ModelTool, ToolChoice } from './model-client.js'
import type { ModelMessage } from './model-message.js'
import { checkModelSettings } from './model-settings.js'

type Body = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'stream'>

/** A request as the chat completions API wants it, except for whether it streams. @throws OPTION_INVALID */
export function openAiRequest({ model, messages, tools, toolChoice, output, settings = {} }: ModelRequest): Body {
  const hasTools = tools !== undefined && tools.length > 0
  return {
    model,
    messages: messages.map(openAiMessage),
    // Servers refuse an empty list, and a choice where there is nothing to choose from.
    ...(hasTools ? { tools: tools.map(openAiTool) } : {}),
    ...(hasTools && toolChoice !== undefined ? { tool_choice: openAiToolChoice(toolChoice) } : {}),
    ...(output === undefined ? {} : responseFormat(output)),
    ...openAiSettings(checkModelSettings(settings), hasTools),
  }
}

function responseFormat({ mode, name, schema, strict }: ModelOutputSchema): Partial<Body> {
  if (mode === 'prompt') return {}
  if (mode === 'json') return { response_format: { type: 'json_object' } }
  return { response_format: { type: 'json_schema', json_schema: { name, schema: { ...schema }, strict } } }
}

function openAiMessage(message: ModelMessage): OpenAI.ChatCompletionMessageParam {
  if (message.role === 'tool') return { role: 'tool', content: message.content, tool_call_id: message.toolCallId }
  if (message.role === 'system') return { role: 'system', content: message.content }
  if (message.role === 'user') {
    const { content } = message
    return { role: 'user', content: typeof content === 'string' ? content : writeParts(content, partWriter) }
  }
  const calls = message.toolCalls ?? []
  if (calls.length === 0) return { role: 'assistant', content: message.content }
  return {
    role: 'assistant',
    content: message.content === '' ? null : message.content,
    tool_calls: calls.map(call => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    })),
  }
}

const partWriter: PartWriter<OpenAI.ChatCompletionContentPart> = {
  text: text => ({ type: 'text', text }),
  image: ({ url, detail }) => ({ type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } }),
  file: part => ({
    type: 'file',
    file: 'fileId' in part ? { file_id: part.fileId } : { filename: part.name, file_data: part.data },
  }),
}

function openAiTool({ name, description, parameters, strict }: ModelTool): OpenAI.ChatCompletionTool {
  return { type: 'function', function: { name, description, parameters: { ...parameters }, strict } }
}

function openAiToolChoice(choice: ToolChoice): OpenAI.ChatCompletionToolChoiceOption {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } }
}

function openAiSettings(settings: ModelSettings, hasTools: boolean): Partial<Body> {
  const { temperature, topP, maxTokens, seed, stop, reasoningEffort, parallelToolCalls, extra } = settings
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxTokens === undefined ? {} : { max_completion_tokens: maxTokens }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined ? {} : { stop: [...stop] }),
    ...(reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort }),
    ...(hasTools && parallelToolCalls !== undefined ? { parallel_tool_calls: parallelToolCalls } : {}),
    ...extra,
  }
}
