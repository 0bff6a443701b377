import type { Values } from '../templates/template.js'
import type { ValuePath } from '../templates/value-path.js'

/** What a test has come to. */
export interface Tested {
  readonly met: boolean
  /** What was looked at: the value of the field, what a JSONPath has found, the value of an expression; JSON. */
  readonly actual: unknown
  /** A path that was read and not there. */
  readonly missing?: string
}

/** A question about values, safe to ask: it runs no code of the definition. */
export interface ConditionTest {
  /** The field, the JSONPath or the expression as it is written. */
  readonly text: string
  /** What it reads; `undefined` if it may read everything. */
  readonly paths: readonly ValuePath[] | undefined
  /** @throws CONDITION_FAILED where the values have the wrong types */
  test(values: Values, all: () => Readonly<Record<string, unknown>>): Tested
}
