import { ensureError, OrchestrationError } from '../../errors/index.js'

/**
 * A value as JSON text, on one line unless an indent is given. What could do something to a terminal is escaped, which means the same in
 * JSON.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(plainValue(value), undefined, indent).replaceAll(
    /[^\P{C}\n\u200D]|[\u2028\u2029]/gu,
    character => {
      const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
      return units.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
    },
  )
}

/** A value of a run as plain JSON; an error as its name, code and message. What JSON has no form for is `null`. */
export function plainValue(value: unknown): unknown {
  return convert(value, new Set())
}

function convert(value: unknown, around: Set<object>): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value !== 'object' || value === null || around.has(value)) return null
  around.add(value)
  const plain = ofObject(value, around)
  around.delete(value)
  return plain
}

function ofObject(value: object, around: Set<object>): unknown {
  if (Array.isArray(value)) return value.map(item => convert(item, around))
  if (value instanceof Error) return errorForm(value)
  if (value instanceof Set) return [...value].map(item => convert(item, around))
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), convert(item, around)]))
  }
  const { toJSON } = value as { readonly toJSON?: unknown }
  if (typeof toJSON === 'function') return convert(toJSON.call(value), around)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && typeof item !== 'function')
  return Object.fromEntries(entries.map(([key, item]) => [key, convert(item, around)]))
}

/** An error as data: no stack, no secrets that may be in its cause. */
export function errorForm(thrown: unknown): { name: string; message: string; code?: string } {
  const error = ensureError(thrown)
  const { name, message } = error
  return { name, message, ...(OrchestrationError.isInstance(error) ? { code: error.code } : {}) }
}

/** The name of a field in JSON: `stateName` is `state_name`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
