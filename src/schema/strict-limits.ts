import type { JsonSchema } from './json-schema.js'

/** Why OpenAI's strict mode cannot express a schema; `undefined` if it can. */
export function inexpressible(schema: JsonSchema): string | undefined {
  const types = [schema.type ?? []].flat()
  if ('allOf' in schema) return 'is described by `allOf`'
  if (types.includes('array')) {
    const problem = inexpressible(schema.items ?? {})
    if (problem !== undefined) return `is an array whose element ${problem}`
  }
  if (types.includes('object')) {
    if (schema.properties === undefined) return 'is an object of unknown properties'
    for (const [name, property] of Object.entries(schema.properties)) {
      const problem = inexpressible(property)
      if (problem !== undefined) return `is an object whose property "${name}" ${problem}`
    }
  }
  for (const member of [...(schema.anyOf ?? []), ...((schema['oneOf'] as JsonSchema[] | undefined) ?? [])]) {
    const problem = inexpressible(member)
    if (problem !== undefined) return `has an alternative that ${problem}`
  }
  return saying.some(keyword => keyword in schema) ? undefined : 'has no type that could be derived'
}

const saying = ['type', 'enum', 'const', 'anyOf', 'oneOf', '$ref']
