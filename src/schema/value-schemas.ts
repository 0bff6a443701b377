import { type Conversion, isoDate } from './instantiate.js'
import type { JsonSchema } from './json-schema.js'
import type { JsonSchemaWriter } from './json-schema-writer.js'
import { issueAt, type PayloadIssue } from './payload-error.js'
import type { PayloadPath } from './payload-path.js'
import { Schema } from './schema.js'

/** The schema of values that a single test tells apart: primitives, dates, objects of any kind. */
class ValueSchema<T> extends Schema<T> {
  override readonly isAsync = false

  constructor(
    override readonly name: string,
    readonly expectation: string,
    readonly test: (value: unknown) => boolean,
    readonly json: JsonSchema,
  ) {
    super()
  }

  override accepts(other: Schema): boolean {
    return other.resolve() === this
  }

  override convert(value: unknown, path: PayloadPath, { issues }: Conversion): unknown {
    if (!this.test(value)) {
      issues.push(
        issueAt(
          path,
          path.length === 0 ? `expected ${this.expectation}` : `must be ${this.expectation}`,
          value,
          'type',
        ),
      )
    }
    return value
  }

  override holds(): boolean {
    return true
  }

  override violations(): PayloadIssue[] {
    return []
  }

  override describe(_writer: JsonSchemaWriter): JsonSchema {
    return structuredClone(this.json)
  }
}

class ObjectSchema extends ValueSchema<Record<string, unknown>> {
  override accepts(other: Schema): boolean {
    const resolved = other.resolve()
    return resolved === this || resolved.payloadClass !== undefined
  }
}

class DateSchema extends ValueSchema<Date> {
  override convert(value: unknown, path: PayloadPath, conversion: Conversion): unknown {
    const date = typeof value === 'string' && isoDate.test(value) ? new Date(value) : value
    return super.convert(this.test(date) ? date : value, path, conversion)
  }
}

/** The schemas of the built-in types. A number must be finite: JSON has no `NaN` and no `Infinity`. */
export const valueSchemas: ReadonlyMap<unknown, Schema> = new Map<unknown, Schema>([
  [String, new ValueSchema<string>('string', 'a string', value => typeof value === 'string', { type: 'string' })],
  [Number, new ValueSchema<number>('number', 'a finite number', Number.isFinite, { type: 'number' })],
  [Boolean, new ValueSchema<boolean>('boolean', 'a boolean', value => typeof value === 'boolean', { type: 'boolean' })],
  [
    Object,
    new ObjectSchema(
      'object',
      'an object that is not an array',
      value => typeof value === 'object' && value !== null && !Array.isArray(value),
      { type: 'object' },
    ),
  ],
  [
    Date,
    new DateSchema(
      'date',
      'a valid Date or an ISO 8601 string',
      value => value instanceof Date && !Number.isNaN(value.getTime()),
      { type: 'string', format: 'date-time' },
    ),
  ],
])
