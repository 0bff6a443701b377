import type OpenAI from 'openai'
import { OptionError } from '../errors/index.js'
import { type PartWriter, writeParts } from './message-parts.js'
import type { ModelOutputSchema, ModelRequest, ModelSettings, ModelTool, ToolChoice } from './model-client.js'
import type { ModelMessage } from './model-message.js'
import { checkModelSettings } from './model-settings.js'

type Body = Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, 'stream'>

/** How much of its reasoning a model is asked to sum up. */
export type ReasoningSummary = 'auto' | 'concise' | 'detailed'

/** What a model adds to every request. */
export interface ResponsesDefaults {
  readonly store: boolean
  readonly reasoningSummary: ReasoningSummary | undefined
}

/** A request as the responses API wants it, except for whether it streams. @throws OPTION_INVALID */
export function responsesRequest(request: ModelRequest, defaults: ResponsesDefaults): Body {
  const { model, messages, tools, toolChoice, output, settings = {} } = request
  const hasTools = tools !== undefined && tools.length > 0
  return {
    model,
    input: messages.flatMap(inputItems),
    store: defaults.store,
    // Servers refuse a choice where there is nothing to choose from.
    ...(hasTools ? { tools: tools.map(functionTool) } : {}),
    ...(hasTools && toolChoice !== undefined ? { tool_choice: functionChoice(toolChoice) } : {}),
    ...(output === undefined ? {} : textFormat(output)),
    ...responsesSettings(checkModelSettings(settings), hasTools, defaults.reasoningSummary),
  }
}

function textFormat({ mode, name, schema, strict }: ModelOutputSchema): Partial<Body> {
  if (mode === 'prompt') return {}
  if (mode === 'json') return { text: { format: { type: 'json_object' } } }
  return { text: { format: { type: 'json_schema', name, schema: { ...schema }, strict } } }
}

function inputItems(message: ModelMessage): OpenAI.Responses.ResponseInputItem[] {
  if (message.role === 'system') return [{ role: 'system', content: message.content }]
  if (message.role === 'tool') {
    return [{ type: 'function_call_output', call_id: message.toolCallId, output: message.content }]
  }
  if (message.role === 'user') {
    const { content } = message
    return [{ role: 'user', content: typeof content === 'string' ? content : writeParts(content, partWriter) }]
  }
  const calls = (message.toolCalls ?? []).map(
    ({ id, name, arguments: given }) => ({ type: 'function_call', call_id: id, name, arguments: given }) as const,
  )
  const isSilent = message.content === '' && calls.length > 0
  return isSilent ? calls : [{ role: 'assistant', content: message.content }, ...calls]
}

const partWriter: PartWriter<OpenAI.Responses.ResponseInputContent> = {
  text: text => ({ type: 'input_text', text }),
  image: ({ url, detail = 'auto' }) => ({ type: 'input_image', image_url: url, detail }),
  file: part =>
    'fileId' in part
      ? { type: 'input_file', file_id: part.fileId }
      : { type: 'input_file', filename: part.name, file_data: part.data },
}

function functionTool({ name, description, parameters, strict }: ModelTool): OpenAI.Responses.FunctionTool {
  return { type: 'function', name, description, parameters: { ...parameters }, strict }
}

function functionChoice(choice: ToolChoice): 'auto' | 'none' | 'required' | OpenAI.Responses.ToolChoiceFunction {
  return typeof choice === 'string' ? choice : { type: 'function', name: choice.name }
}

function responsesSettings(
  settings: ModelSettings,
  hasTools: boolean,
  summary: ReasoningSummary | undefined,
): Partial<Body> {
  const { temperature, topP, maxTokens, seed, stop, reasoningEffort: effort, parallelToolCalls, extra } = settings
  refuse('seed', seed)
  refuse('stop', stop)
  const reasoning = { ...(effort === undefined ? {} : { effort }), ...(summary === undefined ? {} : { summary }) }
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...(Object.keys(reasoning).length === 0 ? {} : { reasoning }),
    ...(hasTools && parallelToolCalls !== undefined ? { parallel_tool_calls: parallelToolCalls } : {}),
    ...extra,
  }
}

function refuse(setting: keyof ModelSettings, value: unknown): void {
  if (value === undefined) return
  const expected = 'left out with OpenAIResponsesModel, whose API does not know it (OpenAIChatModel has it)'
  throw new OptionError(`settings.${setting}`, expected, value)
}
