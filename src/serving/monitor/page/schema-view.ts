import { h } from './element.js'
import { counted } from './format.js'
import { jsonBox } from './json-text.js'
import type { JsonSchema } from './wire.js'

/** What something takes, for people: its fields, and the schema itself. */
export function schemaView(schema: JsonSchema | undefined): readonly Node[] {
  const title = h('h2', {}, 'What it takes')
  if (schema === undefined) return [title, h('p', { class: 'hint' }, 'It does not say, so any JSON will do.')]
  const root = resolved(schema, schema)
  const about = root.description === undefined ? [] : [h('p', { class: 'hint' }, root.description)]
  const fields = Object.entries(root.properties ?? {})
  const summary =
    fields.length === 0
      ? h('p', {}, 'A value of type ', h('code', {}, typeOf(schema)), '.')
      : h('dl', { class: 'fields' }, ...fields.flatMap(([name, field]) => fieldOf(name, field, root, schema)))
  const source = h('details', {}, h('summary', {}, 'JSON Schema'), jsonBox(schema, 'JSON Schema of the input'))
  return [title, ...about, summary, source]
}

/** A field and those inside of it, each by its whole path. */
function fieldOf(name: string, field: JsonSchema, parent: JsonSchema, root: JsonSchema, depth = 0): readonly Node[] {
  const isRequired = parent.required?.includes(name.slice(name.lastIndexOf('.') + 1)) === true
  const inside = resolved(field, root)
  const description = field.description ?? inside.description ?? ''
  const fields = depth < 3 ? Object.entries(inside.properties ?? {}) : []
  return [
    h(
      'dt',
      {},
      h('code', {}, name),
      ` ${fields.length > 0 ? 'object' : typeOf(field)}`,
      isRequired ? h('span', { class: 'required' }, 'required') : null,
    ),
    h('dd', {}, [description, ...limitsOf(field)].filter(Boolean).join(' · ')),
    ...fields.flatMap(([key, each]) => fieldOf(`${name}.${key}`, each, inside, root, depth + 1)),
  ]
}

function typeOf(schema: JsonSchema): string {
  const { type, enum: choices, items, anyOf, oneOf, $ref } = schema
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf('/') + 1)
  if (choices !== undefined) return choices.map(each => JSON.stringify(each)).join(' | ')
  if (items !== undefined) return `${typeOf(items)}[]`
  const others = anyOf ?? oneOf
  if (others !== undefined) return others.map(typeOf).join(' | ')
  return typeof type === 'string' ? type : (type?.join(' | ') ?? 'any')
}

const limits: Readonly<Record<string, (limit: string) => string>> = {
  minimum: limit => `at least ${limit}`,
  maximum: limit => `at most ${limit}`,
  minLength: limit => `at least ${counted(Number(limit), 'character')}`,
  maxLength: limit => `at most ${counted(Number(limit), 'character')}`,
  minItems: limit => `at least ${counted(Number(limit), 'item')}`,
  maxItems: limit => `at most ${counted(Number(limit), 'item')}`,
  pattern: limit => `matches ${limit}`,
  format: limit => limit,
}

function limitsOf(schema: JsonSchema): readonly string[] {
  return Object.entries(limits).flatMap(([key, words]) =>
    schema[key] === undefined ? [] : [words(schema[key] as string)],
  )
}

function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const { $ref } = schema
  const name = $ref?.slice($ref.lastIndexOf('/') + 1)
  return (name === undefined ? undefined : root.$defs?.[name]) ?? schema
}
