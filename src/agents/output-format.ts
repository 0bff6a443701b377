import { ensureError } from '../errors/index.js'
import {
  type JsonSchema,
  PayloadError,
  type PayloadIssue,
  type Schema,
  schemaOf,
  type TypeRef,
} from '../schema/index.js'
import type { ModelOutputSchema } from './model-client.js'

/** The output in an answer, or what is wrong with it. */
export type ReadOutput<T> =
  | { readonly value: T }
  | { readonly problem: string; readonly issues: readonly PayloadIssue[]; readonly cause: Error }

/** What an agent's answers look like, and how they are read. */
export interface OutputFormat<out T> {
  /** What the server is told; `undefined` for free text. */
  readonly schema: ModelOutputSchema | undefined
  read(answer: string): Promise<ReadOutput<T>>
}

/** Answers in free text. */
export const textOutput: OutputFormat<string> = {
  schema: undefined,
  read: async answer => ({ value: answer }),
}

/** The property that carries an output which is no object: OpenAI's strict mode wants one at the root. */
const wrapper = 'value'

/** Answers in JSON, of the declared type. */
export class StructuredOutput implements OutputFormat<unknown> {
  readonly #type: Schema
  #request: { readonly schema: ModelOutputSchema; readonly wrapped: boolean } | undefined

  constructor(ref: TypeRef) {
    this.#type = schemaOf(ref)
  }

  get schema(): ModelOutputSchema {
    return this.#described.schema
  }

  async read(answer: string): Promise<ReadOutput<unknown>> {
    const { wrapped, schema } = this.#described
    try {
      const json = parseJsonText(answer)
      const value = wrapped && isWrapper(json) ? json[wrapper] : json
      return { value: await this.#type.parseAsync(value, { strict: schema.strict }) }
    } catch (thrown) {
      return outputProblem(thrown)
    }
  }

  // Not before it is needed: a thunk may stand for a class that does not exist yet.
  get #described(): { readonly schema: ModelOutputSchema; readonly wrapped: boolean } {
    if (this.#request !== undefined) return this.#request
    const json = this.#type.toJsonSchema({ strict: true })
    const isObject = json.type === 'object'
    // Strict mode has no objects of unknown properties.
    const strict = !isObject || json.properties !== undefined
    const name = this.#type.name.replace(/[^\w-]/g, '').slice(0, 64) || 'output'
    this.#request = { schema: { name, schema: isObject ? json : inObject(json), strict }, wrapped: !isObject }
    return this.#request
  }
}

/** JSON as models write it: a Markdown fence around it is no part of it. @throws SyntaxError */
export function parseJsonText(text: string): unknown {
  const fenced = /^\s*```\w*\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(text)
  return JSON.parse(fenced?.[1] ?? text)
}

/** What a failed attempt to read an output says. Anything but a bad value is rethrown. */
export function outputProblem(thrown: unknown): Exclude<ReadOutput<never>, { value: never }> {
  const cause = ensureError(thrown)
  if (cause instanceof SyntaxError) return { problem: `it is not valid JSON: ${cause.message}`, issues: [], cause }
  if (!(cause instanceof PayloadError)) throw cause
  const problem = cause.issues.map(issue => `${issue.message} (got ${issue.received})`).join('; ')
  return { problem, issues: cause.issues, cause }
}

function inObject({ $defs, ...json }: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: { [wrapper]: json },
    required: [wrapper],
    additionalProperties: false,
    ...($defs === undefined ? {} : { $defs }),
  }
}

function isWrapper(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && wrapper in json
}
