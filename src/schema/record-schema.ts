import type { Conversion } from './instantiate.js'
import type { JsonSchema } from './json-schema.js'
import type { JsonSchemaWriter } from './json-schema-writer.js'
import { issueAt, type PayloadIssue } from './payload-error.js'
import type { PayloadPath } from './payload-path.js'
import { isPlainObject } from './received-type.js'
import { Schema } from './schema.js'
import type { PayloadClass } from './type-ref.js'

/** The schema of a plain object with any keys and values of one type. It is only copied if a value had to be converted. */
export class RecordSchema<E> extends Schema<Record<string, E>> {
  constructor(readonly element: Schema<E>) {
    super()
  }

  override get name(): string {
    return `Record<string, ${this.element.name}>`
  }

  override get isAsync(): boolean {
    return this.element.isAsync
  }

  override get payloadClasses(): readonly PayloadClass[] {
    return this.element.payloadClasses
  }

  override accepts(other: Schema): boolean {
    const resolved = other.resolve()
    return resolved instanceof RecordSchema && this.element.accepts(resolved.element)
  }

  override convert(value: unknown, path: PayloadPath, conversion: Conversion): unknown {
    if (!isPlainObject(value)) {
      const problem = 'a plain object'
      conversion.issues.push(
        issueAt(path, path.length === 0 ? `expected ${problem}` : `must be ${problem}`, value, 'type'),
      )
      return value
    }
    const before = Object.entries(value)
    const after = before.map(([key, item]) => [key, this.element.convert(item, [...path, key], conversion)] as const)
    return after.every(([, item], at) => item === before[at]?.[1]) ? value : Object.fromEntries(after)
  }

  override holds(value: unknown): boolean {
    return Object.values(value as object).every(item => this.element.holds(item))
  }

  override violations(value: unknown, path: PayloadPath): PayloadIssue[] | Promise<PayloadIssue[]> {
    const found = Object.entries(value as object).map(([key, item]) => this.element.violations(item, [...path, key]))
    if (!this.isAsync) return (found as PayloadIssue[][]).flat()
    return Promise.all(found.map(async list => list)).then(lists => lists.flat())
  }

  override describe(writer: JsonSchemaWriter): JsonSchema {
    return { type: 'object', additionalProperties: this.element.describe(writer) }
  }
}
