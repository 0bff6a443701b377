import { prototypeKeys } from '../workflow-limits.js'

/** A way into plain data: `['search', 'results', 0]`. */
export type ValuePath = readonly [string, ...(string | number)[]]

/** A path as it is read, or what is wrong with it and where, counted from 0. */
export type ReadPath = { readonly path: ValuePath } | { readonly problem: string; readonly at: number }

const name = /[\p{L}\p{N}_$-]+/uy
const index = /\[\s*(\d{1,9})\s*\]/y
const quoted = /\[\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*\]/y

/** Reads `search.results[0].title`, `search['a key']`, `search.results.0`. */
export function readPath(text: string): ReadPath {
  const path: (string | number)[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) at = pattern.lastIndex
    return found
  }
  const first = take(name)
  if (first === null) return { problem: 'a name is missing', at }
  path.push(first[0])
  while (at < text.length) {
    const before = at
    if (text[at] === '.') {
      at++
      const key = take(name)
      if (key === null) return { problem: 'a name is missing after the dot', at }
      path.push(/^\d{1,9}$/.test(key[0]) ? Number(key[0]) : key[0])
    } else {
      const number = take(index)
      const key = number === null ? take(quoted) : null
      if (number !== null) path.push(Number(number[1]))
      else if (key !== null) path.push(key[1] ?? key[2] ?? '')
      else return { problem: `${JSON.stringify(text[at])} is not expected`, at }
    }
    const last = path.at(-1)
    if (typeof last === 'string' && prototypeKeys.has(last)) {
      return { problem: `"${last}" is no key that data may have`, at: before }
    }
  }
  return { path: path as unknown as ValuePath }
}

/** The value at the end of the way, `undefined` if it is not there. Only own keys count, and only those of objects and arrays. */
export function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  let value = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    if (Array.isArray(value) ? typeof key !== 'number' : !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}

/** The path as it would be written. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((key, at) => {
      if (typeof key === 'number') return `[${key}]`
      if (/^[\p{L}\p{N}_$-]+$/u.test(key)) return at === 0 ? key : `.${key}`
      return `[${JSON.stringify(key)}]`
    })
    .join('')
}
