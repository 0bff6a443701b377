import type { JsonSchema, JsonSchemaType } from './json-schema.js'
import { nullable } from './nullable-json-schema.js'

const acceptedFormats: ReadonlySet<string> = new Set(
  'date-time time date duration email hostname ipv4 ipv6 uuid'.split(' '),
)

const refused: ReadonlySet<string> = new Set(
  `
    minLength maxLength uniqueItems minProperties maxProperties patternProperties propertyNames contains
    minContains maxContains unevaluatedProperties unevaluatedItems default examples title deprecated
    readOnly writeOnly $schema $id $comment not if then else dependentRequired dependentSchemas dependencies
    prefixItems additionalItems contentEncoding contentMediaType contentSchema
  `
    .trim()
    .split(/\s+/),
)

/**
 * Rewrites a schema to what OpenAI's strict mode accepts: objects are closed and require every property, optional
 * ones may be `null`, `oneOf` becomes `anyOf`, and constraints the mode refuses are told in the description instead.
 */
export function strictJsonSchema(schema: JsonSchema): JsonSchema {
  const strict: JsonSchema = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (!refused.has(keyword)) strict[keyword === 'oneOf' ? 'anyOf' : keyword] = rewritten(keyword, value)
  }
  const hints = hintsFor(schema)
  if (typeof strict.format === 'string' && !acceptedFormats.has(strict.format)) delete strict.format
  if (typeof strict['pattern'] === 'string' && beyondPlain.test(strict['pattern'])) delete strict['pattern']
  if (schema.enum !== undefined && schema.type === undefined) typeEnum(strict, schema.enum)
  if (hints.length > 0) strict.description = [schema.description, `(${hints.join('; ')})`].filter(Boolean).join(' ')
  return schema.properties === undefined ? strict : closed(strict, schema.properties, schema.required ?? [])
}

// Also what only some engines know: names, references back, classes of Unicode.
const beyondPlain = /\(\?(?:<?[=!]|<)|\\[1-9]|\\[kpP]/

function rewritten(keyword: string, value: unknown): unknown {
  if (keyword === 'items') return strictJsonSchema(value as JsonSchema)
  if (keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf')
    return (value as JsonSchema[]).map(strictJsonSchema)
  if (keyword !== '$defs') return value
  return mapValues(value as Record<string, JsonSchema>, strictJsonSchema)
}

function closed(strict: JsonSchema, properties: Record<string, JsonSchema>, required: readonly string[]): JsonSchema {
  return {
    ...strict,
    properties: mapValues(properties, (property, name) => {
      const inner = strictJsonSchema(property)
      return required.includes(name) ? inner : nullable(inner)
    }),
    required: Object.keys(properties),
    additionalProperties: false,
  }
}

/** Strict mode wants a type beside the values. */
function typeEnum(strict: JsonSchema, values: readonly unknown[]): void {
  const types = [...new Set(values.map(jsonTypeOf))]
  const isNullable = types.includes('null')
  const [first, ...others] = types.filter(type => type !== 'null')
  if (first !== undefined && others.length === 0) strict.type = isNullable ? [first, 'null'] : first
  else {
    delete strict.enum
    strict.anyOf = types.map(type => ({ type, enum: values.filter(value => jsonTypeOf(value) === type) }))
  }
}

function jsonTypeOf(value: unknown): JsonSchemaType {
  if (value === null) return 'null'
  if (Number.isInteger(value)) return 'integer'
  return typeof value as 'string' | 'number' | 'boolean'
}

function mapValues(
  schemas: Record<string, JsonSchema>,
  map: (schema: JsonSchema, name: string) => JsonSchema,
): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, map(schema, name)]))
}

function hintsFor(schema: JsonSchema): string[] {
  const hints: string[] = []
  if (schema['minLength'] !== undefined) hints.push(`at least ${characters(schema['minLength'])}`)
  if (schema['maxLength'] !== undefined) hints.push(`at most ${characters(schema['maxLength'])}`)
  if (schema['uniqueItems'] === true) hints.push('no element twice')
  if (typeof schema.format === 'string' && !acceptedFormats.has(schema.format)) hints.push(`format: ${schema.format}`)
  if (typeof schema['pattern'] === 'string' && beyondPlain.test(schema['pattern'])) {
    hints.push(`matching the regular expression ${schema['pattern']}`)
  }
  return hints
}

function characters(count: unknown): string {
  return `${String(count)} character${count === 1 ? '' : 's'}`
}
