import { OrchestrationError } from '../errors/index.js'
import { isPayloadClass, type PropertyShape, shapeOf, staticTarget } from './class-shape.js'
import { constraintKeywords, mergeKeywords } from './constraint-keywords.js'
import type { JsonSchema } from './json-schema.js'
import { nullable } from './nullable-json-schema.js'
import { classDescription } from './property-notes.js'
import { className } from './received-type.js'
import { inexpressible } from './strict-limits.js'
import type { PayloadClass } from './type-ref.js'
import { type UnionMember, unionOf } from './union.js'
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
  reference(target: PayloadClass, marks: readonly Mark[] = []): JsonSchema {
    return { $ref: `#/$defs/${this.#definition(target, marks).name}` }
  }

  /** The whole document. The root class is written at the root; as a definition only if something refers to it. */
  document(root: JsonSchema, rootClass: PayloadClass | undefined): JsonSchema {
    const definition = rootClass === undefined ? undefined : this.#definition(rootClass, [])
    const body = definition === undefined ? root : structuredClone(definition.schema)
    const all = [...this.#definitions.values()].flatMap(byMark => [...byMark.values()])
    const used = all.filter(each => each !== definition || refersTo(all, each.name))
    if (used.length === 0) return body
    return { ...body, $defs: Object.fromEntries(used.map(({ name, schema }) => [name, schema])) }
  }

  #definition(target: PayloadClass, marks: readonly Mark[]): Definition {
    let byMark = this.#definitions.get(target)
    if (byMark === undefined) this.#definitions.set(target, (byMark = new Map()))
    const key = JSON.stringify(marks.map(({ property, value }) => [property, value]))
    let definition = byMark.get(key)
    if (definition === undefined) {
      definition = { name: this.#freeName(target), schema: {} }
      byMark.set(key, definition)
      definition.schema = this.#classSchema(target, marks)
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

  #classSchema(target: PayloadClass, marks: readonly Mark[]): JsonSchema {
    const union = unionOf(target)
    const isMarked = (name: string): boolean => marks.some(mark => mark.property === name)
    const description = classDescription(target)
    const described = description === undefined ? {} : { description }
    if (union !== undefined && !isMarked(union.property)) {
      return { ...described, ...this.#union(union.property, union.members, marks) }
    }
    const properties: [string, JsonSchema][] = []
    const required: string[] = []
    for (const { property, value } of marks) {
      properties.push([property, { type: 'string', const: value }])
      required.push(property)
    }
    for (const property of shapeOf(target).properties.values()) {
      if (isMarked(property.exposedName)) continue
      properties.push([property.exposedName, this.#propertySchema(target, property)])
      if (!property.optional) required.push(property.exposedName)
    }
    return {
      type: 'object',
      ...described,
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
    const given = property.notes.declared?.describe(this)
    if (given !== undefined) return mergeKeywords([own, given])
    if (each.length === 0 && own.type !== 'array') return withLength(mergeKeywords([declared, own]), property, false)
    const items = withLength(mergeKeywords([declared, ...each.map(constraintKeywords)]), property, true)
    return { ...own, type: 'array', ...(Object.keys(items).length === 0 ? {} : { items }) }
  }

  #declared({ name, type }: PropertyShape): JsonSchema {
    if (type === undefined) return {}
    if (type.discriminator !== undefined)
      return this.#union(type.discriminator.property, type.discriminator.subtypes, [])
    const target = staticTarget(type, name)
    if (target === String) return { type: 'string' }
    if (target === Number) return { type: 'number' }
    if (target === Boolean) return { type: 'boolean' }
    if (target === Date) return { type: 'string', format: 'date-time' }
    if (target === Object) return { type: 'object' }
    if (target === BigInt) return { type: 'string', pattern: '^-?\\d+$' }
    return isPayloadClass(target) ? this.reference(target) : {}
  }

  #union(property: string, members: readonly UnionMember[], marks: readonly Mark[]): JsonSchema {
    return { anyOf: members.map(({ name, target }) => this.reference(target, [...marks, { property, value: name }])) }
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
