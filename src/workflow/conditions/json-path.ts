import { JSONPathEnvironment, JSONPathError, type JSONPathQuery, type JSONValue } from 'json-p3'

/** A JSONPath (RFC 9535) that has been read, or what is wrong with it and where, counted from 1. */
export type ReadJsonPath = { readonly query: JsonPath } | { readonly problem: string; readonly position: number }

/** Finds values in JSON. */
export interface JsonPath {
  /** At most so many of the values found. */
  find(json: unknown, most: number): readonly unknown[]
}

/** Reads a JSONPath. `match()` and `search()` are refused: their regular expressions may take for ever. */
export function readJsonPath(text: string): ReadJsonPath {
  try {
    const query = environment.compile(text)
    // What is found through a filter is looked for in the whole of the data, each time for each item.
    if ((text.match(/\?/g) ?? []).length > 3) return { problem: 'it has more than three filters', position: 1 }
    return { query: { find: (json, most) => found(query, json, most) } }
  } catch (thrown) {
    if (!(thrown instanceof JSONPathError)) throw thrown
    const { message, token } = thrown
    return { problem: message.replace(/ \('.*':\d+\)$/s, ''), position: (token?.index ?? 0) + 1 }
  }
}

function found(query: JSONPathQuery, json: unknown, most: number): readonly unknown[] {
  const values: unknown[] = []
  for (const node of query.lazyQuery(json as JSONValue)) {
    values.push(node.value)
    if (values.length >= most) break
  }
  return values
}

interface NumberToken {
  readonly kind: string
  readonly value: string
}

type ParseNumber = (stream: { readonly current: NumberToken }) => unknown

/** The package takes `0.5` for a number with a leading zero; this hands it over in a form that it reads. */
class Environment extends JSONPathEnvironment {
  constructor() {
    super({ maxRecursionDepth: 100 })
    const { parser } = this as unknown as { parser: { tokenMap: Map<string, ParseNumber> } }
    const parseNumber = parser.tokenMap.get('NUMBER')
    if (parseNumber === undefined) throw new Error('this version of json-p3 reads numbers in another way')
    parser.tokenMap.set('NUMBER', function (this: unknown, stream) {
      const { current } = stream
      const isFraction = /^0(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)$/.test(current.value)
      if (!isFraction) return parseNumber.call(this, stream)
      const normal = `${Number(current.value)}`
      const readable = normal.startsWith('0.') ? `${normal.slice(2).replace(/^0+/, '')}e-${normal.length - 2}` : normal
      return parseNumber.call(this, {
        current: Object.assign(Object.create(current) as object, { value: readable }) as NumberToken,
      })
    })
  }

  protected override setupFilterFunctions(): void {
    super.setupFilterFunctions()
    this.functionRegister.delete('match')
    this.functionRegister.delete('search')
  }
}

const environment = new Environment()
