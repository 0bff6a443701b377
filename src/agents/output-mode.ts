import { OptionError } from '../errors/index.js'
import type { ModelClient, ModelOutputSchema, ModelRequest } from './model-client.js'
import { ModelError } from './model-error.js'

/**
 * How a model is told what its output must look like: by a schema that the server holds it to; by the server's JSON mode, with the
 * schema in the instructions; in the instructions only; or the first of these that the server does not refuse.
 */
export type OutputMode = 'schema' | 'json' | 'prompt' | 'auto'

const outputModes: ReadonlySet<unknown> = new Set<OutputMode>(['schema', 'json', 'prompt', 'auto'])

/** @throws OPTION_INVALID */
export function checkOutputMode(mode: OutputMode): OutputMode {
  if (outputModes.has(mode)) return mode
  throw new OptionError('outputMode', "'schema', 'json', 'prompt' or 'auto'", mode)
}

type ToldMode = Exclude<OutputMode, 'auto'>

/**
 * A model that is asked for structured output in a mode. With `auto`, what a server refuses is not tried again with the same client and
 * model; nothing else is remembered.
 */
export function inOutputMode(client: ModelClient, mode: OutputMode): ModelClient {
  return {
    async complete(request, options) {
      const { output } = request
      if (output === undefined) return client.complete(request, options)
      if (mode !== 'auto') return client.complete(told(request, output, mode), options)
      for (;;) {
        const known = modeFor(client, request.model, output.name)
        try {
          return await client.complete(told(request, output, known), options)
        } catch (thrown) {
          const next = weaker[known]
          if (next === undefined || !isRefused(thrown)) throw thrown
          remember(client, isAboutSchema.test(thrown.message) ? [request.model, output.name] : [request.model], next)
        }
      }
    },
  }
}

const weaker: Readonly<Record<ToldMode, ToldMode | undefined>> = { schema: 'json', json: 'prompt', prompt: undefined }

const modesOfClients = new WeakMap<ModelClient, Map<string, ToldMode>>()

function modeFor(client: ModelClient, model: string, schema: string): ToldMode {
  const modes = modesOfClients.get(client)
  return modes?.get(JSON.stringify([model, schema])) ?? modes?.get(JSON.stringify([model])) ?? 'schema'
}

function remember(client: ModelClient, key: readonly string[], mode: ToldMode): void {
  let modes = modesOfClients.get(client)
  if (modes === undefined) modesOfClients.set(client, (modes = new Map()))
  modes.set(JSON.stringify(key), mode)
}

/** Servers have no code for it, so it is told by their words, of which the format's name is always one. */
function isRefused(thrown: unknown): thrown is ModelError {
  if (!(thrown instanceof ModelError) || thrown.code !== 'MODEL_FAILED') return false
  return refusedBy.has(thrown.status ?? 0) && aboutFormat.test(thrown.message)
}

const refusedBy: ReadonlySet<number> = new Set([400, 404, 415, 422, 501])
const aboutFormat =
  /response[_ ]?format|json[_ ]?(?:schema|object|mode)|structured[_ ]?output|text\.format|output_(?:config|format)|guided/i
/** The server knows such formats, but does not take this one. */
const isAboutSchema = /invalid[_ ](?:json[_ ])?schema/i

function told(request: ModelRequest, output: ModelOutputSchema, mode: ToldMode): ModelRequest {
  if (mode === 'schema') return request
  const [first, ...rest] = request.messages
  const system = first?.role === 'system' ? first.content : undefined
  const words = schemaInWords(output)
  const content = system === undefined || system === '' ? words : `${system}\n\n${words}`
  return {
    ...request,
    messages: [{ role: 'system', content }, ...(system === undefined ? request.messages : rest)],
    output: { ...output, mode },
  }
}

/** What the server does not tell the model. */
export function schemaInWords({ schema }: ModelOutputSchema): string {
  return `Your answer has to be one JSON value that this JSON Schema describes, and nothing else:\n${JSON.stringify(schema)}`
}
