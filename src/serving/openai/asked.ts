import type { ChatMessage } from '../../chat/index.js'
import type { Json } from '../../schema/index.js'
import { ApiError, unsupported } from './api-error.js'
import { fieldsOf, isGiven } from './fields.js'

/** What a request asks for, whichever of the two APIs it uses. */
export interface Asked {
  /** The model as the client names it. */
  readonly model: string
  /** What was said before, the oldest first. */
  readonly before: readonly ChatMessage[]
  /** What the user says now. */
  readonly last: ChatMessage
  readonly stream: boolean
  /** Whether states, tools and thoughts are told while they happen. */
  readonly progress: boolean
  /** Whether the work goes on when the client has left. */
  readonly detached: boolean
  readonly metadata: Readonly<Record<string, Json>>
}

/** What a model's name ends with if its progress is wanted. */
export const progressSuffix = ':progress'

/**
 * What both APIs have in common.
 * @throws ApiError 400
 */
export function readAsked(body: unknown, messages: readonly ChatMessage[], param: string): Asked {
  const { model: given, stream, metadata } = fieldsOf(body)
  if (typeof given !== 'string' || given === '') {
    const message = 'The request has to name a model; GET /v1/models lists them.'
    throw new ApiError(400, { message, param: 'model', code: 'missing_required_parameter' })
  }
  if (isGiven(stream) && typeof stream !== 'boolean')
    throw new ApiError(400, { message: 'stream has to be true or false.', param: 'stream', code: 'invalid_type' })
  const last = messages.at(-1)
  if (last === undefined || last.role !== 'user') {
    const message = `The last message of ${param} has to be the user's: it is what is answered.`
    throw new ApiError(400, { message, param, code: 'invalid_value' })
  }
  const marked = given.endsWith(progressSuffix)
  const known = readMetadata(metadata)
  return {
    model: marked ? given.slice(0, -progressSuffix.length) : given,
    before: messages.slice(0, -1),
    last,
    stream: stream === true,
    progress: marked || flag(known, 'progress', ['true', 'false']) === 'true',
    detached: flag(known, 'on_disconnect', ['cancel', 'continue']) === 'continue',
    metadata: known,
  }
}

/**
 * Refuses what cannot be given; whatever else a client sends has no effect here and is let through.
 * @throws ApiError 400
 */
export function refuseUnsupported(body: unknown): void {
  const fields = fieldsOf(body)
  for (const name of ['tools', 'functions'])
    if (Array.isArray(fields[name]) ? fields[name].length > 0 : isGiven(fields[name]))
      throw unsupported(name, `${name} are not taken: a model here has its own tools, and calls them itself.`)
  for (const name of ['tool_choice', 'function_call']) {
    if (isGiven(fields[name]) && fields[name] !== 'none' && fields[name] !== 'auto')
      throw unsupported(name, `${name} cannot be chosen: there are no tools of the client here.`)
  }
  if (isGiven(fields['n']) && fields['n'] !== 1)
    throw unsupported('n', 'n has to be 1: there is one answer to a request.')
  if ((fields['logprobs'] ?? false) !== false) throw unsupported('logprobs', 'logprobs are not known here.')
  if ((fields['top_logprobs'] ?? 0) !== 0) throw unsupported('top_logprobs', 'top_logprobs are not known here.')
  const { modalities } = fields
  if (isGiven(fields['audio']) || (Array.isArray(modalities) && modalities.some(each => each !== 'text')))
    throw unsupported(!isGiven(fields['audio']) ? 'modalities' : 'audio', 'Answers are text here.')
  if (isGiven(fields['web_search_options']))
    throw unsupported('web_search_options', 'web_search_options cannot be given: a model here has its own tools.')
  refuseFormat('response_format', fields['response_format'])
  refuseFormat('text.format', fieldsOf(fields['text'])['format'])
}

function refuseFormat(param: string, value: unknown): void {
  const { type = 'text' } = fieldsOf(value)
  if (type === 'text') return
  const message = `${param} has to be text: what an answer looks like is declared by the model itself.`
  throw unsupported(param, message)
}

function readMetadata(value: unknown): Readonly<Record<string, Json>> {
  if (!isGiven(value)) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, Json>>
  throw new ApiError(400, { message: 'metadata has to be an object.', param: 'metadata', code: 'invalid_type' })
}

function flag(metadata: Readonly<Record<string, Json>>, name: string, values: readonly string[]): string | undefined {
  const value = metadata[name]
  if (value === undefined) return undefined
  if (typeof value === 'string' && values.includes(value)) return value
  const message = `metadata.${name} has to be ${values.map(each => `"${each}"`).join(' or ')}.`
  throw new ApiError(400, { message, param: `metadata.${name}`, code: 'invalid_value' })
}
