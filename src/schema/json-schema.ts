/** The names JSON Schema has for the kinds of JSON values. */
export type JsonSchemaType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null'

/** A JSON Schema (2020-12) as plain data. The keywords this package writes are typed, others are allowed. */
export interface JsonSchema {
  type?: JsonSchemaType | JsonSchemaType[]
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  $ref?: string
  $defs?: Record<string, JsonSchema>
  [keyword: string]: unknown
}

/** How {@link Schema.toJsonSchema} writes. */
export interface JsonSchemaOptions {
  /**
   * Write what OpenAI's strict mode accepts: every property is required and an optional one may be `null`, objects
   * are closed, keywords the mode refuses move into the description. Read the answer with `parse(value, { strict:
   * true })`.
   * @default false
   */
  readonly strict?: boolean
}
