import { EvaluationError, Optional, type ParseResult } from '@marcbachmann/cel-js'
import { OrchestrationError } from '../../errors/index.js'
import type { Evaluated, ExpressionPath, ExpressionValues } from './condition.js'
import { maxSearched, maxSteps } from './limits.js'
import { isCelFailure, readable } from './messages.js'
import { readableValues, selectionOf } from './readable-values.js'
import type { RewrittenText } from './rewritten-text.js'
import type { Survey } from './survey.js'

interface Parts {
  readonly text: string
  readonly parsed: ParseResult
  readonly survey: Survey
  /** What it comes to, as far as that is known. */
  readonly type: string
  readonly rewritten: RewrittenText
}

const missingCodes: readonly string[] = ['no_such_key', 'index_out_of_bounds', 'unknown_variable']

/** An expression that is ready to be evaluated. */
export class ParsedExpression {
  readonly #parts: Parts
  readonly #selection: ReturnType<typeof selectionOf>

  constructor(parts: Parts) {
    this.#parts = parts
    this.#selection = selectionOf(parts.survey.paths)
  }

  get type(): string {
    return this.#parts.type
  }

  get paths(): readonly ExpressionPath[] {
    return this.#parts.survey.paths
  }

  /** @throws CONDITION_FAILED */
  compute(values: ExpressionValues): Evaluated<unknown> {
    try {
      return { value: plain(this.#parts.parsed(this.#read(values) as never)) }
    } catch (thrown) {
      const missing = this.#missing(thrown)
      if (missing !== undefined) return { value: undefined, missing }
      throw this.#failed(thrown)
    }
  }

  /** @throws CONDITION_FAILED */
  decide(values: ExpressionValues): Evaluated<boolean> {
    const { value, missing } = this.compute(values)
    if (missing !== undefined) return { value: false, missing }
    if (typeof value === 'boolean') return { value }
    if (value === null || value === undefined) return { value: false }
    const got = Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
    throw this.#error(`it came to ${got}, but a condition must come to true or false; compare it with something`)
  }

  #read(values: ExpressionValues): ReadonlyMap<string, unknown> {
    const { loops, growth, searches } = this.#parts.survey
    const { values: read, longest, longestText } = readableValues(values, this.#selection)
    const steps = (longest * growth) ** loops
    if (searches * steps * longestText > maxSearched) {
      throw new RangeError(`it could search more than ${maxSearched} characters, over ${longest} items`)
    }
    if (loops > 1 && steps > maxSteps) {
      throw new RangeError(
        `its ${loops} calls inside of each other could take more than ${maxSteps} steps over ${longest} items`,
      )
    }
    return read
  }

  /** The path that was not there, as it is written in the text. */
  #missing(thrown: unknown): string | undefined {
    if (!(thrown instanceof EvaluationError) || !missingCodes.includes(thrown.code)) return undefined
    const { text, rewritten } = this.#parts
    const { node } = thrown
    if (node === undefined) return text
    return text.slice(rewritten.sourceOf(node.start), rewritten.sourceOf(node.end - 1) + 1)
  }

  #failed(thrown: unknown): OrchestrationError {
    if (isCelFailure(thrown)) {
      const { rewritten } = this.#parts
      const start = thrown.range?.start
      const place = start === undefined ? '' : `at character ${rewritten.sourceOf(start) + 1}: `
      return this.#error(`${place}${readable(thrown).replace(/\.$/, '')}`, thrown)
    }
    return this.#error(thrown instanceof Error ? thrown.message : String(thrown), thrown)
  }

  #error(problem: string, cause?: unknown): OrchestrationError {
    const { text } = this.#parts
    return new OrchestrationError(
      `The expression "${text}" could not be computed: ${problem}. Check the values that it reads, or guard it with has() or != null.`,
      { code: 'CONDITION_FAILED', details: { text, problem }, ...(cause === undefined ? {} : { cause }) },
    )
  }
}

/** What the language computes with, as JSON has it. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Optional) return value.hasValue() ? plain(value.value()) : undefined
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries: Iterable<readonly [unknown, unknown]> = value instanceof Map ? value : Object.entries(value)
  return Object.fromEntries([...entries].map(([key, each]) => [String(key), plain(each)]))
}
