import { type JsonSchema, type PayloadClass, schemaOf, type TypeRef } from '../../schema/index.js'
import type { Described } from '../route.js'

/** The schemas that a document refers to, each class once. */
export class ComponentSchemas {
  readonly #schemas = new Map<string, JsonSchema>()

  /** A reference to what describes a body. */
  referenceTo(described: Described): JsonSchema {
    if (typeof described === 'object' && 'schema' in described) return this.#hoisted(described.schema)
    const schema = this.#hoisted(schemaOf(described as TypeRef).toJsonSchema())
    const name = typeof described === 'function' && described !== Object ? (described as PayloadClass).name : ''
    if (name === '' || schema.type !== 'object') return schema
    this.#put(name, schema)
    return { $ref: `${pointer}${name}` }
  }

  /** All of them, by name. */
  get all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** A schema whose own definitions are among those of the document. */
  #hoisted({ $defs = {}, ...schema }: JsonSchema): JsonSchema {
    for (const [name, definition] of Object.entries($defs)) this.#put(name, repointed(definition) as JsonSchema)
    return repointed(schema) as JsonSchema
  }

  #put(name: string, schema: JsonSchema): void {
    const known = this.#schemas.get(name)
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
      throw new Error(`Two classes of the document are called "${name}". Give one of them another name.`)
    this.#schemas.set(name, schema)
  }
}

const pointer = '#/components/schemas/'

/** The same schema with references to where the definitions are in the document. */
function repointed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(repointed)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      key === '$ref' && typeof value === 'string' ? [key, value.replace('#/$defs/', pointer)] : [key, repointed(value)],
    ),
  )
}
