import { type JsonSchema, type PayloadClass, type Schema, schemaOf } from '../../schema/index.js'

/** What arguments of a class look like. */
export function argumentsOf(target: PayloadClass): JsonSchema {
  return schemaOf(target).toJsonSchema()
}

/** What a typed tool takes: what the orchestration takes, if that is an object; otherwise an object with it as `input`. */
export interface ToolInput {
  readonly schema: JsonSchema
  /** What the orchestration is given. */
  readonly valueOf: (args: Readonly<Record<string, unknown>>) => unknown
}

/** @param declared what the orchestration takes; `undefined` if it does not say */
export function toolInput(declared: Schema | undefined): ToolInput {
  const schema = declared?.toJsonSchema()
  if (schema?.type === 'object') return { schema, valueOf: args => args }
  const description = 'What it is given.'
  return {
    schema: objectOf({ input: schema ?? { description } }, schema === undefined ? [] : ['input']),
    valueOf: ({ input }) => input,
  }
}

/** An object of these properties. Definitions of each are those of the whole, because references are to the root. */
export function objectOf(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]): JsonSchema {
  const definitions: Record<string, JsonSchema> = {}
  const own = Object.entries(properties).map(([name, { $defs = {}, ...schema }]) => {
    Object.assign(definitions, $defs)
    return [name, schema] as const
  })
  return {
    type: 'object',
    properties: Object.fromEntries(own),
    required: [...required],
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  }
}
