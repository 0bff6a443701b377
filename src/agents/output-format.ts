import { ensureError, OrchestrationError } from '../errors/index.js'
import {
  type JsonSchema,
  PayloadError,
  type PayloadIssue,
  type Schema,
  schemaOf,
  type TypeRef,
} from '../schema/index.js'
import { parseJsonText } from './json-in-text.js'
import type { ModelOutputSchema } from './model-client.js'
import { schemaInWords } from './output-mode.js'
import { PartialOutput } from './partial-output.js'

/** The output in an answer, or what is wrong with it. */
export type ReadOutput<T> =
  | { readonly value: T }
  | {
      readonly problem: string
      readonly issues: readonly PayloadIssue[]
      readonly cause: Error
      /** What to tell the model so that it can answer again. @default that it is not what was asked for, and the problem */
      readonly repair?: string
    }

/** What an agent's answers look like, and how they are read. */
export interface OutputFormat<out T> {
  /** What the server is told; `undefined` for free text. */
  readonly schema: ModelOutputSchema | undefined
  /**
   * Reads an answer. A Markdown fence or words around the JSON are no part of it, a comma too many before a closing bracket does not
   * matter, and `null` for an optional property means that it is missing. Nothing else is put right: a number in quotes is no number.
   */
  read(answer: string): Promise<ReadOutput<T>>
  /** Reads an answer while it comes; `undefined` for free text. @default it cannot be read before it is whole */
  partial?(): PartialOutput | undefined
}

/** Answers in free text. */
export const textOutput: OutputFormat<string> = {
  schema: undefined,
  read: async answer => ({ value: answer }),
}

/** The property that carries an output which is no object: OpenAI's strict mode wants one at the root. */
const wrapper = 'value'

interface DescribedOutput {
  readonly schema: ModelOutputSchema
  readonly wrapped: boolean
}

/** Answers in JSON, of the declared type. */
export class StructuredOutput implements OutputFormat<unknown> {
  readonly #type: Schema
  #request: DescribedOutput | undefined

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
      // Also where the server does not hold the model to it: models write `null` for what is left out.
      return { value: await this.#type.parseAsync(value, { strict: true }) }
    } catch (thrown) {
      const found = outputProblem(thrown)
      return { ...found, repair: `${repairLead}: ${found.problem}. ${schemaInWords(schema)}\n` }
    }
  }

  partial(): PartialOutput {
    return new PartialOutput(this.#described.wrapped ? wrapper : undefined)
  }

  // Not before it is needed: a thunk may stand for a class that does not exist yet.
  get #described(): DescribedOutput {
    this.#request ??= describe(this.#type)
    return this.#request
  }
}

const repairLead = 'Your answer is not what was asked for'

function describe(type: Schema): DescribedOutput {
  const name = type.name.replace(/[^\w-]/g, '').slice(0, 64) || 'output'
  const { json, strict } = jsonSchemaOf(type)
  const wrapped = json.type !== 'object'
  return { schema: { name, schema: wrapped ? inObject(json) : json, strict }, wrapped }
}

/** Strict mode has no records and no free form; what it cannot express is described as it is, and validated all the same. */
function jsonSchemaOf(type: Schema): { readonly json: JsonSchema; readonly strict: boolean } {
  try {
    const json = type.toJsonSchema({ strict: true })
    if (json.type !== 'object' || json.properties !== undefined) return { json, strict: true }
  } catch (thrown) {
    if (!(OrchestrationError.isInstance(thrown) && thrown.code === 'SCHEMA_UNSUPPORTED')) throw thrown
  }
  return { json: type.toJsonSchema(), strict: false }
}

const printedIssues = 25
const printedChars = 300

/** What a failed attempt to read an output says: each problem with its place, what was expected and what was found, and how many more
 * there are. Anything but a bad value is rethrown. */
export function outputProblem(thrown: unknown): Exclude<ReadOutput<never>, { value: never }> {
  const cause = ensureError(thrown)
  if (cause instanceof SyntaxError) return { problem: `it is not valid JSON: ${cause.message}`, issues: [], cause }
  if (!(cause instanceof PayloadError)) throw cause
  const { issues } = cause
  const printed = issues.slice(0, printedIssues).map(issue => shortened(`${issue.message} (got ${issue.received})`))
  if (issues.length > printedIssues) printed.push(`and ${issues.length - printedIssues} more`)
  return { problem: printed.join('; '), issues, cause }
}

function shortened(text: string): string {
  return text.length <= printedChars ? text : `${text.slice(0, printedChars / 2)} … ${text.slice(-printedChars / 2)}`
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
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false
  const keys = Object.keys(json)
  return keys.length === 1 && keys[0] === wrapper
}
