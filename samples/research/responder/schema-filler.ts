import { contentStems } from '../words.js'
import type { PlannedQuery } from './key-phrases.js'
import { planQueries } from './key-phrases.js'
import type { WrittenReport } from './report-writer.js'
import { writeReport } from './report-writer.js'
import type { UserMessage } from './user-message.js'
import type { JsonSchema } from './wire.js'
import { RequestError } from './wire.js'

/** What the values are made of. */
interface Material {
  readonly message: UserMessage
  readonly plan: readonly PlannedQuery[]
  readonly report: WrittenReport
  readonly root: JsonSchema
}

/** Where in the value a schema stands: property name, and the index within the nearest list. */
interface Place {
  readonly name: string
  readonly index: number
  readonly depth: number
}

const deepest = 12

/**
 * A JSON value that fits `schema`, made from a message: what a property gets is decided by its name and description
 * (title, topic, query, kind of information, summary, content, citations …), in lists by its position too.
 * @throws RequestError 400 when a `$ref` points nowhere
 */
export function fillSchema(schema: JsonSchema, message: UserMessage): unknown {
  const material = { message, plan: planQueries(message.question), report: writeReport(message), root: schema }
  return fill(schema, material, { name: '', index: 0, depth: 0 })
}

function fill(given: JsonSchema, material: Material, place: Place): unknown {
  const schema = resolve(given, material.root)
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return closest(schema.enum, schema, material, place)
  const types = [schema.type ?? (schema.properties ? 'object' : schema.items ? 'array' : 'string')].flat()
  const type = types.find(one => one !== 'null') ?? 'null'
  // a schema that contains itself ends here
  if (place.depth > deepest) return types.includes('null') ? null : type === 'array' ? [] : type === 'object' ? {} : ''
  if (type === 'object') return fillObject(schema, material, place)
  if (type === 'array') return fillArray(schema, material, place)
  if (type === 'string') return fitted(stringFor(schema, material, place), schema)
  if (type === 'boolean') return material.report.covered
  if (type === 'null') return null
  return numberFor(schema, material, type === 'integer')
}

function fillObject(schema: JsonSchema, material: Material, place: Place): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    value[name] = fill(property, material, { name, index: place.index, depth: place.depth + 1 })
  }
  return value
}

function fillArray(schema: JsonSchema, material: Material, place: Place): unknown[] {
  const item = schema.items ?? {}
  const available = isAbout(sources, schema, place.name) ? material.report.citations.length : material.plan.length
  const length = Math.min(Math.max(available, schema.minItems ?? 0), schema.maxItems ?? Infinity)
  return Array.from({ length }, (_, index) => fill(item, material, { name: place.name, index, depth: place.depth + 1 }))
}

const sources = /citation|source|reference/i
const searches = /quer(?:y|ies)|search|keyword|phrase|question/i
const kinds = /type|kind|categor|aspect|intent|purpose|reason/i
const titles = /title|headline|heading/i
const topics = /topic|subject|theme/i
const bodies = /content|body|markdown|report|detail|section|text/i

function stringFor(schema: JsonSchema, { message, plan, report }: Material, place: Place): string {
  const planned = plan[place.index % Math.max(1, plan.length)]
  const about = (pattern: RegExp) => isAbout(pattern, schema, place.name)
  if (about(titles)) return report.title
  if (about(topics)) return message.question.replace(/\s*\?$/, '')
  if (about(sources)) return report.citations[place.index] ?? ''
  if (about(kinds)) return planned?.informationType ?? ''
  if (about(searches)) return planned?.query ?? message.query
  if (about(bodies)) return report.content
  return report.summary
}

/** The name decides; the description is only asked when no pattern knows the name. */
function isAbout(pattern: RegExp, schema: JsonSchema, name: string): boolean {
  if (pattern.test(name)) return true
  const known = [titles, topics, sources, kinds, searches, bodies, /summary|abstract|answer|conclusion|overview/i]
  return !known.some(one => one.test(name)) && pattern.test(schema.description ?? '')
}

function closest(values: readonly unknown[], schema: JsonSchema, material: Material, place: Place): unknown {
  const wanted = contentStems(`${stringFor(schema, material, place)} ${material.message.question}`)
  const overlap = (value: unknown) => [...contentStems(String(value))].filter(stem => wanted.has(stem)).length
  return values.reduce((best, value) => (overlap(value) > overlap(best) ? value : best), values[0])
}

function numberFor(schema: JsonSchema, { report }: Material, integer: boolean): number {
  if (typeof schema.default === 'number') return schema.default
  const low = schema.minimum ?? 0
  // a bounded number is taken for a rating, an open one for a count
  if (schema.maximum !== undefined) return report.covered ? schema.maximum : low
  const count = Math.max(low, report.citations.length)
  return integer ? Math.ceil(count) : count
}

function fitted(text: string, schema: JsonSchema): string {
  const limit = schema.maxLength
  if (limit === undefined || text.length <= limit) return text
  return text.slice(0, limit).replace(/\s+\S*$/, '')
}

/** Follows `$ref` and picks what can be filled of a combination: the first alternative that is not null. */
function resolve(schema: JsonSchema, root: JsonSchema, depth = 0): JsonSchema {
  if (depth > deepest) throw new RequestError(400, 'The schema refers to itself without end.', 'response_format')
  const { $ref: reference, anyOf, oneOf, allOf, ...own } = schema
  if (reference !== undefined) return resolve({ ...target(reference, root), ...own }, root, depth + 1)
  const alternatives = anyOf ?? oneOf
  if (alternatives !== undefined) {
    const chosen = alternatives.find(one => one.type !== 'null') ?? { type: 'null' }
    return resolve({ ...chosen, ...own }, root, depth + 1)
  }
  if (allOf === undefined) return schema
  return allOf
    .map(part => resolve(part, root, depth + 1))
    .reduce(
      (all, part) => ({
        ...all,
        ...part,
        properties: { ...all.properties, ...part.properties },
      }),
      own,
    )
}

function target(reference: string, root: JsonSchema): JsonSchema {
  const path = reference.replace(/^#\/?/, '').split('/').filter(Boolean)
  let at: unknown = root
  for (const key of path)
    at = (at as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')]
  if (typeof at !== 'object' || at === null) {
    throw new RequestError(400, `The schema has nothing at ${reference}.`, 'response_format')
  }
  return at as JsonSchema
}
