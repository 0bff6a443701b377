import { isPlainObject } from './field-checks.js'

/**
 * What JSON says, with the names that other programs write turned into ours: keys in snake_case, `node_type`, `edge_type`, types of
 * rules in snake_case, `bidirectional`. Anything else stays as it is, to be told as wrong by whoever reads it.
 */
export function namesFromJson(json: unknown): unknown {
  if (!isPlainObject(json)) return json
  const fields = inCamelCase(json)
  return {
    ...fields,
    ...('nodes' in fields && { nodes: each(fields['nodes'], nodeFromJson) }),
    ...('edges' in fields && { edges: each(fields['edges'], edgeFromJson) }),
    ...('rules' in fields && { rules: each(fields['rules'], ruleFromJson) }),
    ...('metadata' in fields && { metadata: metadataFromJson(fields['metadata']) }),
  }
}

function nodeFromJson(node: Record<string, unknown>): unknown {
  return renamed(node, 'nodeType')
}

function edgeFromJson(edge: Record<string, unknown>): unknown {
  const { bidirectional, ...fields } = renamed(edge, 'edgeType')
  if (bidirectional === undefined) return fields
  // What is neither true nor false is left for the reader to refuse.
  if (typeof bidirectional !== 'boolean') return { ...fields, bidirectional }
  return bidirectional ? { kind: 'dialogue', ...fields } : fields
}

function ruleFromJson(rule: Record<string, unknown>): unknown {
  const fields = inCamelCase(rule)
  const { type } = fields
  return typeof type === 'string' ? { ...fields, type: camelCase(type) } : fields
}

/** Only the one key that has a meaning: all others belong to whoever wrote them. */
function metadataFromJson(metadata: unknown): unknown {
  if (!isPlainObject(metadata) || !('entry_point' in metadata)) return metadata
  const { entry_point: entryPoint, ...rest } = metadata
  return { entryPoint, ...rest }
}

function renamed(value: Record<string, unknown>, alias: string): Record<string, unknown> {
  const { [alias]: type, ...fields } = inCamelCase(value)
  return type === undefined ? fields : { type, ...fields }
}

function each(items: unknown, change: (item: Record<string, unknown>) => unknown): unknown {
  return Array.isArray(items) ? items.map(item => (isPlainObject(item) ? change(item) : item)) : items
}

function inCamelCase(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [camelCase(key), value]))
}

function camelCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
