import type { JsonSchema } from '../../src/schema/index.js'

const keywords = new Set(
  `type description properties required additionalProperties items enum const anyOf $ref $defs pattern format multipleOf minimum
   maximum exclusiveMinimum exclusiveMaximum minItems maxItems`.split(/\s+/),
)
const formats = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'])

/** What OpenAI's strict mode would refuse of a schema, by the rules of its documentation. */
export function strictFaults(root: JsonSchema): string[] {
  const faults: string[] = []
  if (root.type !== 'object' || root.anyOf !== undefined) faults.push('the root is no object')
  const visit = (schema: JsonSchema, at: string): void => {
    for (const keyword of Object.keys(schema)) if (!keywords.has(keyword)) faults.push(`${at} has ${keyword}`)
    if (schema.$ref !== undefined) {
      const target = schema.$ref.replace('#/$defs/', '')
      if (root.$defs?.[target] === undefined) faults.push(`${at} refers to ${schema.$ref}, which is not there`)
      if (Object.keys(schema).length > 1) faults.push(`${at} has something beside $ref`)
      return
    }
    if (schema.type === undefined && schema.anyOf === undefined) faults.push(`${at} has no type`)
    const { format } = schema
    if (format !== undefined && !formats.has(String(format as string)))
      faults.push(`${at} has a format that it does not know`)
    const types = [schema.type ?? []].flat()
    if (types.includes('object')) {
      const names = Object.keys(schema.properties ?? {})
      if (schema.properties === undefined) faults.push(`${at} has no properties`)
      if (schema.additionalProperties !== false) faults.push(`${at} is open`)
      if (JSON.stringify(schema.required) !== JSON.stringify(names)) faults.push(`${at} does not require everything`)
      for (const name of names) visit(schema.properties?.[name] as JsonSchema, `${at}.${name}`)
    }
    if (types.includes('array')) {
      if (schema.items === undefined) faults.push(`${at} has no items`)
      else visit(schema.items, `${at}[]`)
    }
    schema.anyOf?.forEach((member, index) => visit(member, `${at}|${index}`))
    for (const [name, definition] of Object.entries(schema.$defs ?? {})) visit(definition, name)
  }
  visit(root, 'root')
  return faults
}
