import { OrchestrationError } from '../errors/index.js'
import { declaredClasses, shapeOf } from './class-shape.js'
import { adoptNested, type Conversion, instantiate } from './instantiate.js'
import type { JsonSchema } from './json-schema.js'
import type { JsonSchemaWriter } from './json-schema-writer.js'
import { issueAt, PayloadError, type PayloadIssue } from './payload-error.js'
import type { PayloadPath } from './payload-path.js'
import { className, isPlainObject } from './received-type.js'
import { type RuleSet, ruleSetOf } from './rule-set.js'
import { Schema } from './schema.js'
import type { PayloadClass } from './type-ref.js'
import { unionOf } from './union.js'
import { awaitedViolationsOf, violationsOf } from './violations.js'

/** The schema of a payload class. Metadata is read at the first use, when all decorators have run. */
export class ClassSchema<T> extends Schema<T> {
  override readonly name: string
  readonly #target: PayloadClass<T>
  #isAsync: boolean | undefined
  #hasNested: boolean | undefined
  #rules: RuleSet | undefined

  constructor(target: PayloadClass<T>) {
    super()
    this.name = className(target)
    this.#target = target
  }

  override get payloadClass(): PayloadClass<T> {
    return this.#target
  }

  override get isAsync(): boolean {
    this.#isAsync ??= reachesAsync(this.#target, new Set())
    return this.#isAsync
  }

  override accepts(other: Schema): boolean {
    const target = other.resolve().payloadClass
    return target !== undefined && (target === this.#target || target.prototype instanceof this.#target)
  }

  override convert(value: unknown, path: PayloadPath, conversion: Conversion): unknown {
    if (value instanceof this.#target) {
      if (this.#needsAdoption(value as object)) adoptNested(value as object, path, conversion)
      return value
    }
    if (isPlainObject(value)) return this.#instantiate(value, path, conversion)
    const expected = `expected a plain object or an instance of ${this.name}`
    conversion.issues.push(issueAt(path, path.length === 0 ? expected : `must be a ${this.name}`, value, 'type'))
    return value
  }

  override holds(value: unknown): boolean {
    const rules = this.#rulesFor(value as object)
    return rules.isEmpty || rules.holds(value as object)
  }

  override violations(value: unknown, path: PayloadPath): PayloadIssue[] | Promise<PayloadIssue[]> {
    const found = this.#rulesFor(value as object).isEmpty ? [] : undefined
    if (this.isAsync) return found === undefined ? awaitedViolationsOf(value as object, path) : Promise.resolve(found)
    return found ?? violationsOf(value as object, path)
  }

  override describe(writer: JsonSchemaWriter): JsonSchema {
    return writer.reference(this.#target)
  }

  #rulesFor(value: object): RuleSet {
    if (value.constructor !== this.#target) return ruleSetOf(value.constructor as unknown as PayloadClass)
    this.#rules ??= ruleSetOf(this.#target)
    return this.#rules
  }

  #needsAdoption(value: object): boolean {
    if (value.constructor !== this.#target) return true
    this.#hasNested ??= shapeOf(this.#target).nested.length > 0
    return this.#hasNested
  }

  #instantiate(value: Record<string, unknown>, path: PayloadPath, conversion: Conversion): object {
    try {
      return instantiate(this.#target, value, path, conversion)
    } catch (cause) {
      if (cause instanceof OrchestrationError || cause instanceof RangeError) throw cause
      const problem = `could not be turned into an instance: a constructor or a @Transform threw (see \`cause\`)`
      throw new PayloadError(this.name, [issueAt(path, problem, value, 'transform')], { cause })
    }
  }
}

function reachesAsync(target: PayloadClass, seen: Set<PayloadClass>): boolean {
  if (seen.has(target)) return false
  seen.add(target)
  if (ruleSetOf(target).hasAsync) return true
  const members = unionOf(target)?.members ?? []
  if (members.some(member => reachesAsync(member.target, seen))) return true
  return [...shapeOf(target).properties.values()].some(
    property => property.nested && declaredClasses(property).some(nested => reachesAsync(nested, seen)),
  )
}
