import { OrchestrationError } from '../errors/index.js'
import type { Json } from '../schema/index.js'

/** Deeper than any data that is meant, and far from what exhausts the stack. */
const deepest = 500

/**
 * A value as plain JSON: instances become objects of their own fields, or what their `toJSON` says, and `undefined` becomes `null`.
 * @throws PAYLOAD_NOT_SERIALIZABLE, naming `what` and the path, for what has no JSON form
 */
export function plainData(value: unknown, what: string): Json {
  const plain = (each: unknown, path: string, around: readonly object[]): Json => {
    const given = hasToJson(each) ? each.toJSON() : each
    if (given === null || given === undefined) return null
    if (typeof given === 'string' || typeof given === 'boolean') return given
    if (typeof given === 'number' && Number.isFinite(given)) return given
    if (typeof given !== 'object')
      throw notPlain(what, path, `is ${typeof given === 'number' ? given : `a ${typeof given}`}`)
    if (around.includes(given)) throw notPlain(what, path, 'contains itself')
    if (around.length >= deepest) throw notPlain(what, path, 'is nested too deeply')
    const inside = [...around, given]
    if (Array.isArray(given)) return [...given].map((item, index) => plain(item, `${path}[${index}]`, inside))
    if (given instanceof Map || given instanceof Set) throw notPlain(what, path, `is a ${given.constructor.name}`)
    const fields = Object.entries(given).filter(([, field]) => field !== undefined)
    return Object.fromEntries(fields.map(([key, field]) => [key, plain(field, `${path}.${key}`, inside)]))
  }
  return plain(value, '', [])
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return typeof value === 'object' && value !== null && typeof (value as { toJSON?: unknown }).toJSON === 'function'
}

function notPlain(what: string, path: string, problem: string): OrchestrationError {
  const place = path === '' ? what : `${what}, at ${path.replace(/^\./, '')},`
  const message = `${place} ${problem}, which has no JSON form. Return texts, numbers, booleans, lists and objects of them.`
  return new OrchestrationError(message, { code: 'PAYLOAD_NOT_SERIALIZABLE', details: { path } })
}
