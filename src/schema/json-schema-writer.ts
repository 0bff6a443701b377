import { OrchestrationError } from '../errors/index.js'
import { type Discriminator, isPayloadClass, type PropertyShape, shapeOf, staticTarget } from './class-shape.js'
import { constraintKeywords, mergeKeywords } from './constraint-keywords.js'
import type { JsonSchema } from './json-schema.js'
import { nullable } from './nullable-json-schema.js'
import { classDescription } from './property-notes.js'
import { className } from './received-type.js'
import type { PayloadClass } from './type-ref.js'
import { ruleType } from './validation-rules.js'

/** The constant a class carries where a discriminator tells it from others. */
interface Mark {
  readonly property: string
  readonly value: string
}

interface Definition {
  readonly name: string
  schema: JsonSchema
}

/**
 * Writes one JSON Schema document. Classes become definitions, one for each class reference: classes of the same name
 * stay apart (`Item`, `Item_2`), and recursion is a `$ref`.
 */
export class JsonSchemaWriter {
  readonly #strict: boolean
  readonly #definitions = new Map<PayloadClass, Map<string, Definition>>()
  readonly #names = new Set<string>()

  constructor(strict: boolean) {
    this.#strict = strict
  }

  /** A reference to the definition of a class, which is written when it is first asked for. */
  reference(target: PayloadClass, mark?: Mark): JsonSchema {
    return { $ref: `#/$defs/${this.#definition(target, mark).name}` }
  }

  /** The whole document. The root class is written at the root; as a definition only if something refers to it. */
  document(root: JsonSchema, rootClass: PayloadClass | undefined): JsonSchema {
    const definition = rootClass === undefined ? undefined : this.#definition(rootClass, undefined)
    const body = definition === undefined ? root : structuredClone(definition.schema)
    const all = [...this.#definitions.values()].flatMap(byMark => [...byMark.values()])
    const used = all.filter(each => each !== definition || refersTo(all, each.name))
    if (used.length === 0) return body
    return { ...body, $defs: Object.fromEntries(used.map(({ name, schema }) => [name, schema])) }
  }

  #definition(target: PayloadClass, mark: Mark | undefined): Definition {
    let byMark = this.#definitions.get(target)
    if (byMark === undefined) this.#definitions.set(target, (byMark = new Map()))
    const key = mark === undefined ? '' : `${mark.property}=${mark.value}`
    let definition = byMark.get(key)
    if (definition === undefined) {
      definition = { name: this.#freeName(target), schema: {} }
      byMark.set(key, definition)
      definition.schema = this.#classSchema(target, mark)
    }
    return definition
  }

  #freeName(target: PayloadClass): string {
    const wanted = className(target).replace(/[^\w.-]/g, '') || 'Anonymous'
    let name = wanted
    for (let number = 2; this.#names.has(name); number++) name = `${wanted}_${number}`
    this.#names.add(name)
    return name
  }

  #classSchema(target: PayloadClass, mark: Mark | undefined): JsonSchema {
    const properties: [string, JsonSchema][] = []
    const required: string[] = []
    if (mark !== undefined) {
      properties.push([mark.property, { type: 'string', const: mark.value }])
      required.push(mark.property)
    }
    for (const property of shapeOf(target).properties.values()) {
      if (property.exposedName === mark?.property) continue
      properties.push([property.exposedName, this.#propertySchema(target, property)])
      if (!property.optional) required.push(property.exposedName)
    }
    const description = classDescription(target)
    return {
      type: 'object',
      ...(description === undefined ? {} : { description }),
      properties: Object.fromEntries(properties),
      ...(required.length === 0 ? {} : { required }),
    }
  }

  #propertySchema(target: PayloadClass, property: PropertyShape): JsonSchema {
    const { description, fragment } = property.notes
    const derived = { ...this.#derived(property), ...structuredClone(fragment ?? {}) }
    if (this.#strict) assertExpressible(derived, target, property.name)
    const schema = property.nullable ? nullable(derived) : derived
    if (description === undefined) return schema
    // Drafts before 2019-09 ignore what stands next to a `$ref`, and OpenAI refuses it.
    return schema.$ref === undefined ? { ...schema, description } : { description, anyOf: [schema] }
  }

  #derived(property: PropertyShape): JsonSchema {
    const constraints = property.rules.filter(rule => rule.type !== ruleType.conditional)
    const whole = constraints.filter(rule => !rule.each).map(constraintKeywords)
    const each = constraints.filter(rule => rule.each)
    const declared = this.#declared(property)
    const own = mergeKeywords(whole)
    if (each.length === 0 && own.type !== 'array') return withLength(mergeKeywords([declared, own]), property, false)
    const items = withLength(mergeKeywords([declared, ...each.map(constraintKeywords)]), property, true)
    return { ...own, type: 'array', ...(Object.keys(items).length === 0 ? {} : { items }) }
  }

  #declared({ name, type }: PropertyShape): JsonSchema {
    if (type === undefined) return {}
    if (type.discriminator !== undefined) return this.#union(type.discriminator)
    const target = staticTarget(type, name)
    if (target === String) return { type: 'string' }
    if (target === Number) return { type: 'number' }
    if (target === Boolean) return { type: 'boolean' }
    if (target === Date) return { type: 'string', format: 'date-time' }
    if (target === Object) return { type: 'object' }
    return isPayloadClass(target) ? this.reference(target) : {}
  }

  #union({ property, subtypes }: Discriminator): JsonSchema {
    return { anyOf: subtypes.map(({ name, target }) => this.reference(target, { property, value: name })) }
  }
}

function withLength(schema: JsonSchema, { rules }: PropertyShape, each: boolean): JsonSchema {
  const isNotEmpty = rules.some(rule => rule.name === 'isNotEmpty' && Boolean(rule.each) === each)
  const isFree = schema.format === undefined && schema.enum === undefined && schema.const === undefined
  return isNotEmpty && isFree && schema.type === 'string' ? mergeKeywords([schema, { minLength: 1 }]) : schema
}

function refersTo(definitions: readonly Definition[], name: string): boolean {
  const pointer = JSON.stringify(`#/$defs/${name}`)
  return definitions.some(({ schema }) => JSON.stringify(schema).includes(`"$ref":${pointer}`))
}

function assertExpressible(schema: JsonSchema, target: PayloadClass, property: string): void {
  const problem = inexpressible(schema)
  if (problem === undefined) return
  const name = `${className(target)}.${property}`
  throw new OrchestrationError(
    `${name} ${problem}, which the strict mode of structured output cannot express. Say more with a validator ` +
      '(`@IsString()`, `{ each: true }` for elements), `@Type(() => …)` or `@JsonSchemaFragment({ … })`.',
    { code: 'SCHEMA_UNSUPPORTED', details: { class: className(target), property } },
  )
}

function inexpressible(schema: JsonSchema): string | undefined {
  if (schema.type === 'array') {
    const problem = inexpressible(schema.items ?? {})
    return problem === undefined ? undefined : `is an array whose element ${problem}`
  }
  if (schema.type === 'object')
    return schema.properties === undefined ? 'is an object of unknown properties' : undefined
  const says = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref'].some(keyword => keyword in schema)
  return says ? undefined : 'has no type that could be derived'
}
