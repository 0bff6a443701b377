import { type ErrorCode, errorCodes, OrchestrationError } from '../errors/index.js'
import type { Json } from './json.js'
import type { PayloadClass } from './type-ref.js'

/**
 * An error as it is stored: what it says, its plain fields and its causes, but no stack. It comes back as an instance of its own
 * class if that is registered, as an OrchestrationError if it was one, and otherwise as an Error of its name.
 */
export interface ErrorForm {
  readonly name: string
  readonly message: string
  readonly class?: string
  readonly fields?: Readonly<Record<string, Json>>
  readonly cause?: Json
}

type Encode = (value: unknown) => Json

/** How many causes of causes are kept. */
const maxDepth = 8

/** What is kept of an error. What cannot be stored of it is left out: an error must not hide behind its details. */
export function errorForm(error: Error, tagOf: ReadonlyMap<unknown, string>, encode: Encode, depth = 0): ErrorForm {
  const tag = tagOf.get(error.constructor)
  const fields: Record<string, Json> = {}
  for (const key of Object.keys(error)) {
    if (key === 'name' || key === 'message' || key === 'stack' || key === '__proto__') continue
    const field = ifStorable((error as unknown as Record<string, unknown>)[key], encode)
    if (field !== undefined) fields[key] = field
  }
  const { cause } = error
  const storedCause =
    cause instanceof Error
      ? depth < maxDepth
        ? { $: '@error', v: errorForm(cause, tagOf, encode, depth + 1) as unknown as Json }
        : undefined
      : cause === undefined
        ? undefined
        : ifStorable(cause, encode)
  return {
    name: String(error.name),
    message: String(error.message),
    ...(tag === undefined ? {} : { class: tag }),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...(storedCause === undefined ? {} : { cause: storedCause }),
  }
}

/** The error behind a form. */
export function errorFrom(
  { name, message }: ErrorForm,
  target: PayloadClass | undefined,
  fields: Readonly<Record<string, unknown>>,
  cause: unknown,
): Error {
  const error = blankError(message, target, fields, cause)
  for (const [key, value] of [...Object.entries(fields), ['name', name] as const]) {
    if (key !== 'name' || error.name !== name) {
      Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true })
    }
  }
  return error
}

function blankError(
  message: string,
  target: PayloadClass | undefined,
  { code, retryable, details }: Readonly<Record<string, unknown>>,
  cause: unknown,
): Error {
  const withCause = cause === undefined ? undefined : { cause }
  if (target === undefined && typeof code === 'string' && Object.hasOwn(errorCodes, code)) {
    return new OrchestrationError(message, {
      code: code as ErrorCode,
      retryable: retryable === true,
      details: (details ?? {}) as Readonly<Record<string, unknown>>,
      ...withCause,
    })
  }
  const error = new Error(message, withCause)
  if (target !== undefined) Object.setPrototypeOf(error, target.prototype as object)
  return error
}

function ifStorable(value: unknown, encode: Encode): Json | undefined {
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return undefined
  try {
    return encode(value)
  } catch {
    return undefined
  }
}
