import { OrchestrationError } from '../errors/index.js'
import type { Conversion } from './instantiate.js'
import type { JsonSchema } from './json-schema.js'
import type { JsonSchemaWriter } from './json-schema-writer.js'
import type { PayloadIssue } from './payload-error.js'
import type { PayloadPath } from './payload-path.js'
import { Schema } from './schema.js'
import type { PayloadClass, TypeRef } from './type-ref.js'

/** The schema of a thunk, which is called at the first use. */
export class LazySchema<T> extends Schema<T> {
  #resolved: Schema<T> | undefined

  constructor(
    readonly thunk: () => TypeRef,
    readonly lookUp: (ref: TypeRef) => Schema,
  ) {
    super()
  }

  override resolve(): Schema<T> {
    if (this.#resolved === undefined) {
      const ref = this.thunk() as TypeRef | undefined
      if (ref === undefined) {
        throw new OrchestrationError(
          'A thunk of a type reference returned undefined. The modules import each other in a circle, ' +
            'and the type was needed before its module had run: use it at run time only, ' +
            'or import the module of the class first.',
          { code: 'SCHEMA_UNSUPPORTED' },
        )
      }
      this.#resolved = this.lookUp(ref).resolve() as Schema<T>
    }
    return this.#resolved
  }

  override get payloadClass(): PayloadClass | undefined {
    return this.resolve().payloadClass
  }

  override get payloadClasses(): readonly PayloadClass[] {
    return this.resolve().payloadClasses
  }

  override get name(): string {
    return this.resolve().name
  }

  override get isAsync(): boolean {
    return this.resolve().isAsync
  }

  override accepts(other: Schema): boolean {
    return this.resolve().accepts(other)
  }

  override convert(value: unknown, path: PayloadPath, conversion: Conversion): unknown {
    return this.resolve().convert(value, path, conversion)
  }

  override holds(value: unknown): boolean {
    return this.resolve().holds(value)
  }

  override violations(value: unknown, path: PayloadPath): PayloadIssue[] | Promise<PayloadIssue[]> {
    return this.resolve().violations(value, path)
  }

  override describe(writer: JsonSchemaWriter): JsonSchema {
    return this.resolve().describe(writer)
  }
}
