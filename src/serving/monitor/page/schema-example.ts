import type { JsonSchema } from './wire.js'

/** A value of the form that a schema describes, to be filled in: what is required, with examples and defaults if there are some. */
export function exampleOf(schema: JsonSchema, definitions = schema.$defs ?? {}, depth = 0): unknown {
  const { default: preset, examples, const: constant, enum: choices, anyOf, oneOf, allOf, $ref } = schema
  if (preset !== undefined) return preset
  if (examples?.[0] !== undefined) return examples[0]
  if (constant !== undefined) return constant
  if (choices?.[0] !== undefined) return choices[0]
  if (depth > 8) return null
  const referred = $ref === undefined ? undefined : definitions[$ref.slice($ref.lastIndexOf('/') + 1)]
  const other = referred ?? (anyOf ?? oneOf ?? allOf)?.[0]
  if (other !== undefined) return exampleOf(other, definitions, depth + 1)
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0]
  switch (type) {
    case 'object': {
      const { properties = {}, required = Object.keys(properties) } = schema
      const entries = Object.entries(properties).filter(([name]) => required.includes(name))
      return Object.fromEntries(entries.map(([name, each]) => [name, exampleOf(each, definitions, depth + 1)]))
    }
    case 'array':
      return schema.items === undefined ? [] : [exampleOf(schema.items, definitions, depth + 1)]
    case 'string':
      return ''
    case 'number':
    case 'integer':
      return schema.minimum ?? 0
    case 'boolean':
      return false
    default:
      return null
  }
}
