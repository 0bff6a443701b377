import type { Template, Values } from '../templates/template.js'
import { pathText, type ValuePath, valueAt } from '../templates/value-path.js'
import type { ConditionTest, Tested } from './condition-test.js'
import { compare, type Operator } from './operators.js'

/** `field`, `op` and `value`: a comparison without an expression. */
export class FieldTest implements ConditionTest {
  readonly text: string
  readonly paths: readonly ValuePath[]
  readonly #field: ValuePath
  readonly #op: Operator
  readonly #value: Template
  readonly #nodeId: string

  constructor(nodeId: string, field: ValuePath, op: Operator, value: Template) {
    this.text = pathText(field)
    this.paths = [field]
    this.#nodeId = nodeId
    this.#field = field
    this.#op = op
    this.#value = value
  }

  test(values: Values): Tested {
    const [root, ...rest] = this.#field
    const actual = valueAt(values.of(root), rest)
    const met = compare(actual, this.#op, this.#value.render(this.#nodeId, values))
    return { met, actual: actual ?? null, ...(actual === undefined ? { missing: this.text } : {}) }
  }
}
