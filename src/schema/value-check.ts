import type { Conversion } from './instantiate.js'
import type { PayloadIssue } from './payload-error.js'
import type { PayloadPath } from './payload-path.js'
import type { Schema } from './schema.js'

/** Whether a value inside an instance is what was declared of it. */
export function isOf(schema: Schema, value: unknown): boolean {
  const conversion: Conversion = { issues: [], strict: false }
  const converted = schema.convert(value, [], conversion)
  return conversion.issues.length === 0 && schema.holds(converted)
}

/** What is wrong with a value inside an instance, each problem at its place. */
export function problemsOf(schema: Schema, value: unknown, path: PayloadPath): readonly PayloadIssue[] {
  const conversion: Conversion = { issues: [], strict: false }
  const converted = schema.convert(value, path, conversion)
  if (conversion.issues.length > 0) return conversion.issues
  const found = schema.violations(converted, path)
  return found instanceof Promise ? [] : found
}
