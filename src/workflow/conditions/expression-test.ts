import { type Condition, parseCondition } from '../../graph/internal.js'
import type { Values } from '../templates/template.js'
import type { ValuePath } from '../templates/value-path.js'
import type { ConditionTest, Tested } from './condition-test.js'

/** A CEL expression. */
export class ExpressionTest implements ConditionTest {
  readonly text: string
  readonly paths: readonly ValuePath[]
  readonly #condition: Condition

  /** @throws CONDITION_INVALID, with the position */
  constructor(text: string) {
    this.text = text
    this.#condition = parseCondition(text)
    this.paths = this.#condition.paths
  }

  test(values: Values): Tested {
    const read: Record<string, unknown> = {}
    for (const [root] of this.paths) {
      const value = values.of(root)
      if (value !== undefined) read[root] = value
    }
    const { value: met, missing } = this.#condition.evaluate(read)
    return { met, actual: met, ...(missing === undefined ? {} : { missing }) }
  }
}
