import { ExpressionError } from '../../graph/internal.js'
import type { ConditionTest } from '../conditions/condition-test.js'
import { ExpressionTest } from '../conditions/expression-test.js'
import { FieldTest } from '../conditions/field-test.js'
import { readJsonPath } from '../conditions/json-path.js'
import { JsonPathTest } from '../conditions/json-path-test.js'
import { type Operator, operators } from '../conditions/operators.js'
import { Template, type TemplateProblem } from '../templates/template.js'
import { readPath } from '../templates/value-path.js'
import type { FaultList } from './fault-list.js'
import { FieldReader } from './field-reader.js'
import type { TreeNode } from './node-tree.js'
import { configKeys } from './read-config.js'
import type { ReferenceCheck } from './reference-check.js'
import type { Scope } from './scope.js'

/** Reads what a config is made of, and notes which names it reads. */
export class ConfigReader {
  readonly fields: FieldReader
  /** The names that were read; `undefined` in it: all of them. */
  readonly reads = new Set<string | undefined>()
  readonly #node: TreeNode
  readonly #faults: FaultList
  readonly #references: ReferenceCheck

  constructor(node: TreeNode, faults: FaultList, references: ReferenceCheck) {
    const { definition, path } = node.source
    this.#node = node
    this.#faults = faults
    this.#references = references
    this.fields = new FieldReader(definition.config ?? {}, `${path}.config`, faults, configKeys[definition.type])
  }

  /** A value with templates in it. */
  template(name: string, scope: Scope): Template | undefined {
    const json = this.fields.any(name, true)
    return json === undefined ? undefined : this.templateOf(json, this.fields.at(name), scope)
  }

  templateOf(json: unknown, place: string, scope: Scope): Template {
    const problems: TemplateProblem[] = []
    const template = Template.read(json, place, problems)
    for (const { place: at, problem, position } of problems) {
      this.#faults.add(
        at,
        `The template is wrong at character ${position}: ${problem}.`,
        'Write {{node.path}}, or \\{{ for braces.',
      )
    }
    for (const { path, place: at } of template.references) this.#read(path, at, scope)
    return template
  }

  /** A CEL expression, or a JSONPath if it begins with `$`. */
  condition(name: string, scope: Scope): ConditionTest | undefined {
    const value = this.fields.any(name)
    if (typeof value === 'boolean') return this.#expression(String(value), this.fields.at(name), scope)
    const text = this.fields.text(name)
    if (text === undefined) {
      if (value === '') this.#faults.add(this.fields.at(name), 'It is empty.', 'Write a CEL expression or a JSONPath.')
      return undefined
    }
    const place = this.fields.at(name)
    return text.trimStart().startsWith('$')
      ? this.#jsonPath(text.trim(), place, scope)
      : this.#expression(text, place, scope)
  }

  /** `field`, `op` and `value`. */
  comparison(scope: Scope): ConditionTest | undefined {
    const { fields } = this
    const text = fields.text('field')
    const op = fields.any('op') ?? 'eq'
    if (typeof op !== 'string') fields.text('op')
    else if (!(operators as readonly string[]).includes(op)) {
      this.#faults.unknown(fields.at('op'), 'The operator', op, operators, '')
    }
    const value = this.templateOf(fields.any('value', true) ?? null, fields.at('value'), scope)
    if (text === undefined) return undefined
    const bare = /^\s*\{\{(.*)\}\}\s*$/s.exec(text)?.[1] ?? text
    const read = readPath(bare.trim())
    if ('problem' in read) {
      this.#faults.add(
        fields.at('field'),
        `The field is wrong at character ${read.at + 1}: ${read.problem}.`,
        'Write a path such as search.count.',
      )
      return undefined
    }
    this.#read(read.path, fields.at('field'), scope)
    return new FieldTest(this.#node.id, read.path, op as Operator, value)
  }

  #expression(text: string, place: string, scope: Scope): ConditionTest | undefined {
    try {
      const test = new ExpressionTest(text)
      for (const path of test.paths) this.#read(path, place, scope)
      return test
    } catch (thrown) {
      if (!(thrown instanceof ExpressionError)) throw thrown
      const { position, problem } = thrown
      this.#faults.add(
        place,
        `The expression is wrong at character ${position}: ${problem}`,
        'Write CEL, such as search.count > 3.',
      )
      return undefined
    }
  }

  #jsonPath(text: string, place: string, scope: Scope): ConditionTest | undefined {
    const read = readJsonPath(text)
    if ('problem' in read) {
      this.#faults.add(
        place,
        `The JSONPath is wrong at character ${read.position}: ${read.problem}.`,
        'Write it as RFC 9535 says, such as $.search.items[0].',
      )
      return undefined
    }
    const test = new JsonPathTest(text, read.query)
    if (test.paths === undefined) this.reads.add(undefined)
    else for (const path of test.paths) this.#read(path, place, scope)
    return test
  }

  #read(path: readonly (string | number)[], place: string, scope: Scope): void {
    const [root] = path as [string]
    this.reads.add(root === 'nodes' ? undefined : root)
    this.#references.check(path, place, this.#node, scope)
  }
}
