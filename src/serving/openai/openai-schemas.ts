import type { JsonSchema } from '../../schema/index.js'

/** A body of OpenAI's API as the document describes it: what is of use here; clients send and expect more. */
interface Body {
  readonly schema: JsonSchema
}

const text = { type: 'string' } satisfies JsonSchema
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
const object = (properties: Record<string, JsonSchema>, required: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  required: [...required],
})

const metadata: JsonSchema = {
  type: 'object',
  description:
    'progress: "true" tells what happens meanwhile; on_disconnect: "continue" lets the work go on without the client.',
  additionalProperties: text,
}
const content: JsonSchema = { anyOf: [text, list({ type: 'object' })], description: 'A text, or parts.' }
const role: JsonSchema = { enum: ['system', 'developer', 'user', 'assistant'] }
const messages = list(object({ role, content }, ['role', 'content']))
const stream: JsonSchema = {
  type: 'boolean',
  description: 'Whether the answer comes in pieces; no, if it is left out.',
}
const modelName: JsonSchema = {
  ...text,
  description: 'A model of /v1/models; with ":progress" behind it, what happens is told.',
}

export const model: Body = {
  schema: object({ id: text, object: text, created: { type: 'integer' }, owned_by: text, description: text }, [
    'id',
    'object',
    'created',
    'owned_by',
  ]),
}

export const models: Body = { schema: object({ object: text, data: list(model.schema) }, ['object', 'data']) }

export const chatCompletionRequest: Body = {
  schema: object(
    {
      model: modelName,
      messages,
      stream,
      stream_options: object({ include_usage: { type: 'boolean' } }, []),
      metadata,
    },
    ['model', 'messages'],
  ),
}

export const chatCompletion: Body = {
  schema: object(
    {
      id: text,
      object: text,
      created: { type: 'integer' },
      model: text,
      choices: list(object({ index: { type: 'integer' }, message: object({ role: text, content: text }, []) }, [])),
      usage: { type: 'object' },
      metadata: { type: 'object', description: 'execution_id of the run; request_id of the question, if it is one.' },
    },
    ['id', 'object', 'created', 'model', 'choices', 'usage'],
  ),
}

export const responseRequest: Body = {
  schema: object(
    {
      model: modelName,
      input: { anyOf: [text, messages] },
      instructions: text,
      previous_response_id: text,
      store: { type: 'boolean', description: 'Whether the response is kept; yes, if it is left out.' },
      stream,
      metadata,
    },
    ['model', 'input'],
  ),
}

export const response: Body = {
  schema: object(
    {
      id: text,
      object: text,
      status: { enum: ['in_progress', 'completed', 'failed'] },
      output: list({ type: 'object' }),
    },
    ['id', 'object', 'status', 'output'],
  ),
}

export const deletedResponse: Body = {
  schema: object({ id: text, object: text, deleted: { type: 'boolean' } }, ['id', 'object', 'deleted']),
}
