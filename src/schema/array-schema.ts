import type { Conversion } from './instantiate.js'
import type { JsonSchema } from './json-schema.js'
import type { JsonSchemaWriter } from './json-schema-writer.js'
import { issueAt, type PayloadIssue } from './payload-error.js'
import type { PayloadPath } from './payload-path.js'
import { Schema } from './schema.js'
import type { PayloadClass } from './type-ref.js'

/** The schema of `[ref]`. A list is only copied if one of its elements had to be converted. */
export class ArraySchema<E> extends Schema<E[]> {
  constructor(readonly element: Schema<E>) {
    super()
  }

  override get name(): string {
    return `${this.element.name}[]`
  }

  override get isAsync(): boolean {
    return this.element.isAsync
  }

  override get payloadClasses(): readonly PayloadClass[] {
    return this.element.payloadClasses
  }

  override accepts(other: Schema): boolean {
    const resolved = other.resolve()
    return resolved instanceof ArraySchema && this.element.accepts(resolved.element)
  }

  override convert(value: unknown, path: PayloadPath, conversion: Conversion): unknown {
    if (!Array.isArray(value)) {
      conversion.issues.push(issueAt(path, path.length === 0 ? 'expected an array' : 'must be an array', value, 'type'))
      return value
    }
    let copy: unknown[] | undefined
    // Not `map` or `forEach`: a hole must be seen as the `undefined` it reads as.
    for (let index = 0; index < value.length; index++) {
      const converted = this.element.convert(value[index], [...path, index], conversion)
      if (converted === value[index]) continue
      copy ??= [...value]
      copy[index] = converted
    }
    return copy ?? value
  }

  override holds(value: unknown): boolean {
    return (value as unknown[]).every(item => this.element.holds(item))
  }

  override violations(value: unknown, path: PayloadPath): PayloadIssue[] | Promise<PayloadIssue[]> {
    const found = (value as unknown[]).map((item, index) => this.element.violations(item, [...path, index]))
    if (!this.isAsync) return (found as PayloadIssue[][]).flat()
    return Promise.all(found.map(async list => list)).then(lists => lists.flat())
  }

  override describe(writer: JsonSchemaWriter): JsonSchema {
    return { type: 'array', items: this.element.describe(writer) }
  }
}
