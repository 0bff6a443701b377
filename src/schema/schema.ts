import { OrchestrationError } from '../errors/index.js'
import type { Conversion } from './instantiate.js'
import type { JsonSchema, JsonSchemaOptions } from './json-schema.js'
import { JsonSchemaWriter } from './json-schema-writer.js'
import { issueAt, PayloadError, type PayloadIssue } from './payload-error.js'
import type { PayloadPath } from './payload-path.js'
import { isStackOverflow } from './stack-overflow.js'
import type { StandardJsonSchemaOptions, StandardResult, StandardSchemaProps } from './standard-schema.js'
import { strictJsonSchema } from './strict-json-schema.js'
import { inexpressible } from './strict-limits.js'
import type { PayloadClass } from './type-ref.js'

/** How {@link Schema.parse} reads. */
export interface ParseOptions {
  /**
   * The value is a model's answer to `toJsonSchema({ strict: true })`, in which every property must be given: `null`
   * for an optional property that is not nullable counts as left out.
   * @default false
   */
  readonly strict?: boolean
}

const root: PayloadPath = []

/**
 * What values of one declared type must look like. Made by {@link schemaOf}; one object per class, so it can be
 * compared.
 */
export abstract class Schema<out T = unknown> {
  /** The type in words: `SearchPlan`, `SearchItem[]`, `string`. */
  abstract readonly name: string

  /**
   * Whether validating needs to be awaited, because a validator with `async: true` (or `@ValidatePromise`) can be
   * reached. class-validator would silently skip those in a synchronous validation.
   */
  abstract readonly isAsync: boolean

  #standard: StandardSchemaProps<T> | undefined

  /**
   * Converts and validates a value at a boundary. A plain object becomes an instance of the class; an instance stays
   * the same object, only plain objects that it holds in properties with `@Type` become instances; an instance of
   * another class is refused.
   * @returns the value, or a promise of it if and only if {@link isAsync}.
   * @throws PayloadError (or rejects with it) if the value is not what is declared.
   */
  check(value: unknown): T | Promise<T> {
    return this.#check(value, false)
  }

  /**
   * Like {@link check}, for callers that cannot wait.
   * @throws PayloadError if the value is not what is declared.
   * @throws OrchestrationError `SCHEMA_UNSUPPORTED` if a validator is asynchronous.
   */
  parse(value: unknown, options: ParseOptions = {}): T {
    if (this.isAsync) {
      throw new OrchestrationError(`${this.name} has an asynchronous validator: use parseAsync instead of parse.`, {
        code: 'SCHEMA_UNSUPPORTED',
        details: { type: this.name },
      })
    }
    return this.#check(value, options.strict === true) as T
  }

  /** Like {@link check}, always with a promise. Rejects with a `PayloadError` if the value is not what is declared. */
  async parseAsync(value: unknown, options: ParseOptions = {}): Promise<T> {
    return this.#check(value, options.strict === true)
  }

  /**
   * Whether a value that was checked against `other` fits here as it is: the same type, or a subclass of this one's
   * class.
   */
  abstract accepts(other: Schema): boolean

  /**
   * The type as JSON Schema; a new object each time. Validators that have no counterpart in JSON Schema contribute
   * nothing, see `@JsonSchemaFragment`. OpenAI's strict mode also wants an object at the root, which only a class
   * that is no union gives.
   * @throws OrchestrationError `SCHEMA_UNSUPPORTED` in strict mode, for what that cannot express: a property whose type cannot be
   * derived, an object of any properties.
   */
  toJsonSchema(options: JsonSchemaOptions = {}): JsonSchema {
    const strict = options.strict === true
    const writer = new JsonSchemaWriter(strict)
    const document = writer.document(this.describe(writer), this.resolve().payloadClass)
    if (!strict) return document
    const problem = inexpressible(document)
    if (problem === undefined) return strictJsonSchema(document)
    throw new OrchestrationError(
      `${this.name} ${problem}, which the strict mode of structured output cannot express. Use a class instead.`,
      { code: 'SCHEMA_UNSUPPORTED', details: { type: this.name } },
    )
  }

  /** The type as Standard Schema version 1, with its JSON Schema part; what the helpers of `openai` take. */
  get '~standard'(): StandardSchemaProps<T> {
    this.#standard ??= {
      version: 1,
      vendor: 'advancer',
      validate: value => this.#standardValidate(value),
      jsonSchema: {
        input: options => this.#standardJsonSchema(options, options.libraryOptions?.['strict'] !== false),
        output: options => this.#standardJsonSchema(options, false),
      },
    }
    return this.#standard
  }

  /** @internal Turns a value into what is declared, as far as its shape allows; the rest are issues. */
  abstract convert(value: unknown, path: PayloadPath, conversion: Conversion): unknown

  /** @internal Whether a converted value satisfies all synchronous rules. */
  abstract holds(value: unknown): boolean

  /** @internal What is wrong with a converted value, in a promise only if the schema is asynchronous. */
  abstract violations(value: unknown, path: PayloadPath): PayloadIssue[] | Promise<PayloadIssue[]>

  /** @internal */
  abstract describe(writer: JsonSchemaWriter): JsonSchema

  /** @internal The schema behind a thunk; any other schema itself. */
  resolve(): Schema {
    return this
  }

  /** @internal The classes a value can consist of, as far as this schema names them itself. */
  get payloadClasses(): readonly PayloadClass[] {
    const { payloadClass } = this
    return payloadClass === undefined ? [] : [payloadClass]
  }

  /** @internal The class of a schema of a class. */
  get payloadClass(): PayloadClass | undefined {
    return undefined
  }

  #check(value: unknown, strict: boolean): T | Promise<T> {
    const conversion: Conversion = { issues: [], strict }
    try {
      const converted = this.convert(value, root, conversion)
      if (conversion.issues.length > 0) {
        const issues = [...conversion.issues, ...this.#otherIssues(converted, conversion.issues)]
        throw new PayloadError(this.name, issues)
      }
      if (!this.isAsync && this.holds(converted)) return converted as T
      const violations = this.violations(converted, root)
      if (!(violations instanceof Promise)) return this.#accepted(converted, violations)
      return violations.then(issues => this.#accepted(converted, issues))
    } catch (thrown) {
      const failure = isStackOverflow(thrown) ? this.#tooDeep(value, thrown) : thrown
      if (this.isAsync) return Promise.reject(failure)
      throw failure
    }
  }

  /** What the validators find besides, so that who has to put a value right is told everything at once. */
  #otherIssues(converted: unknown, known: readonly PayloadIssue[]): readonly PayloadIssue[] {
    if (this.isAsync || known.some(issue => issue.segments.length === 0)) return []
    try {
      const found = this.violations(converted, root)
      if (found instanceof Promise) return []
      // What was not converted is no instance; that is known.
      return found.filter(
        ({ constraint, segments }) => constraint !== 'type' && !known.some(each => isOneWay(each.segments, segments)),
      )
    } catch {
      // A validator may not bear what could not be converted; that is what the error is about.
      return []
    }
  }

  #accepted(converted: unknown, issues: readonly PayloadIssue[]): T {
    if (issues.length > 0) throw new PayloadError(this.name, issues)
    return converted as T
  }

  #tooDeep(value: unknown, cause: unknown): PayloadError {
    const problem = 'it contains itself, or is nested too deeply to be checked'
    return new PayloadError(this.name, [issueAt(root, problem, value, 'type')], { cause })
  }

  #standardValidate(value: unknown): StandardResult<T> | Promise<StandardResult<T>> {
    if (this.isAsync) return this.parseAsync(value, { strict: true }).then(found => ({ value: found }), standardFailure)
    try {
      return { value: this.parse(value, { strict: true }) }
    } catch (thrown) {
      return standardFailure(thrown)
    }
  }

  #standardJsonSchema({ target }: StandardJsonSchemaOptions, strict: boolean): JsonSchema {
    if (!targets.has(target)) {
      throw new OrchestrationError(
        `JSON Schema target "${target}" is not supported; use one of: ${[...targets].join(', ')}.`,
        { code: 'SCHEMA_UNSUPPORTED', details: { target } },
      )
    }
    return this.toJsonSchema({ strict })
  }
}

/** Whether one of two places is in the other one. */
function isOneWay(one: PayloadPath, other: PayloadPath): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  return short.every((step, at) => step === long[at])
}

// What is written means the same in both: `$ref` has no siblings, and `$defs` is reached by pointer.
const targets: ReadonlySet<string> = new Set(['draft-07', 'draft-2020-12'])

function standardFailure(thrown: unknown): { readonly issues: { message: string; path: PayloadPath }[] } {
  if (!(thrown instanceof PayloadError)) throw thrown
  return {
    issues: thrown.issues.map(issue => ({ message: `${issue.message} (got ${issue.received})`, path: issue.segments })),
  }
}
