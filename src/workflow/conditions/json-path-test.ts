import { ensureError, OrchestrationError } from '../../errors/index.js'
import type { Values } from '../templates/template.js'
import type { ValuePath } from '../templates/value-path.js'
import type { ConditionTest, Tested } from './condition-test.js'
import type { JsonPath } from './json-path.js'

/** How many values of those that a JSONPath finds a condition tells of. */
const mostTold = 20

/** A JSONPath: met if it finds anything (S2-07). */
export class JsonPathTest implements ConditionTest {
  readonly text: string
  readonly paths: readonly ValuePath[] | undefined
  readonly #query: JsonPath

  constructor(text: string, query: JsonPath) {
    this.text = text
    this.#query = query
    this.paths = pathsOf(text)
  }

  test(_values: Values, all: () => Readonly<Record<string, unknown>>): Tested {
    const found = this.#find(all())
    return { met: found.length > 0, actual: found.length === 1 ? found[0] : found }
  }

  /** Data may be nested too deeply to be looked through. */
  #find(values: Readonly<Record<string, unknown>>): readonly unknown[] {
    try {
      return this.#query.find(values, mostTold)
    } catch (thrown) {
      const { message } = ensureError(thrown)
      throw new OrchestrationError(`The JSONPath "${this.text}" could not be followed: ${message}.`, {
        code: 'CONDITION_FAILED',
        details: { text: this.text },
        cause: thrown,
      })
    }
  }
}

/** The name that it begins with; `undefined` if it begins with all of them, or reads others in a filter. */
function pathsOf(text: string): readonly ValuePath[] | undefined {
  const first = /^\$\s*(?:\.\s*([\p{L}\p{N}_]+)|\[\s*(?:'([^'\\]+)'|"([^"\\]+)")\s*\])/u.exec(text)
  const name = first?.[1] ?? first?.[2] ?? first?.[3]
  return name === undefined || text.indexOf('$', 1) > 0 ? undefined : [[name]]
}
