import type { JsonSchema } from './json-schema.js'

/** What is wrong with a value, as Standard Schema (version 1) reports it. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly PropertyKey[]
}

/** The outcome of a validation, as Standard Schema (version 1) reports it. */
export type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** How a JSON Schema is asked for. Targets: `draft-2020-12` and `draft-07`; any other is refused. */
export interface StandardJsonSchemaOptions {
  readonly target: string
  /** `strict: false` asks `input` for the schema that is not in OpenAI's strict mode. */
  readonly libraryOptions?: Record<string, unknown> | undefined
}

/** The `~standard` property: Standard Schema version 1 with its JSON Schema part. */
export interface StandardSchemaProps<T> {
  readonly version: 1
  readonly vendor: 'advancer'
  readonly types?: { readonly input: T; readonly output: T } | undefined
  /**
   * Converts and validates like `parse`; asynchronous only if the schema is. `null` for an optional property that is
   * not nullable counts as left out, because that is how models answer to the schema of `jsonSchema.input`.
   */
  readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>
  readonly jsonSchema: {
    /** What a model is told to produce: OpenAI's strict mode, unless `libraryOptions.strict` is `false`. */
    readonly input: (options: StandardJsonSchemaOptions) => JsonSchema
    /** What a validated value looks like as JSON. */
    readonly output: (options: StandardJsonSchemaOptions) => JsonSchema
  }
}
