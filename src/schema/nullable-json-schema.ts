import type { JsonSchema } from './json-schema.js'

/** The same schema, with `null` allowed. */
export function nullable(schema: JsonSchema): JsonSchema {
  if (allowsNull(schema)) return schema
  if (schema.anyOf !== undefined) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] }
  if (schema.$ref !== undefined) return { anyOf: [schema, { type: 'null' }] }
  const { const: constant, ...rest } = schema
  const types = schema.type === undefined ? {} : { type: [schema.type, 'null' as const].flat() }
  if ('const' in schema) return { ...rest, ...types, enum: [constant, null] }
  return { ...schema, ...types, ...(schema.enum === undefined ? {} : { enum: [...schema.enum, null] }) }
}

function allowsNull(schema: JsonSchema): boolean {
  if (schema.anyOf !== undefined) return schema.anyOf.some(allowsNull)
  if (schema.enum !== undefined) return schema.enum.includes(null)
  if (schema.$ref !== undefined || 'const' in schema) return false
  return schema.type === undefined || [schema.type].flat().includes('null')
}
