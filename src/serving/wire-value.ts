import { ensureError, OrchestrationError } from '../errors/index.js'
import type { Json } from '../schema/index.js'

/**
 * A value of a run as clients get it: plain JSON, instances as objects of their fields, dates in ISO 8601, sets and maps as arrays and
 * objects. Of an error its name, code and message, never its stack or its cause. What JSON has no form for is `null`.
 */
export function wireValue(value: unknown): Json {
  return convert(value, new Set())
}

function convert(value: unknown, around: Set<object>): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? null : convertObject(value, around)
    default:
      return null
  }
}

function convertObject(value: object, around: Set<object>): Json {
  // A durable run has no cycles; a value that somebody put together by hand may.
  if (around.has(value)) return null
  around.add(value)
  const json = objectForm(value, around)
  around.delete(value)
  return json
}

function objectForm(value: object, around: Set<object>): Json {
  if (Array.isArray(value)) return value.map(item => convert(item, around))
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Error) return errorForm(value)
  if (value instanceof Set) return [...value].map(item => convert(item, around))
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), convert(item, around)]))
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  const { toJSON } = value as { readonly toJSON?: unknown }
  if (typeof toJSON === 'function') return convert(toJSON.call(value), around)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && typeof item !== 'function')
  return Object.fromEntries(entries.map(([key, item]) => [key, convert(item, around)]))
}

/** An error as clients get it. */
export function errorForm(thrown: unknown): { name: string; message: string; code?: string; retryable?: boolean } {
  const error = ensureError(thrown)
  const { name, message } = error
  if (!OrchestrationError.isInstance(error)) return { name, message }
  return { name, message, code: error.code, retryable: error.retryable }
}

/** A moment as clients get it. */
export function wireTime(at: number): string {
  return new Date(at).toISOString()
}

/** The name of a property in JSON: `stateName` is `state_name`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
