import { type ErrorCode, ensureError, errorCodes, OrchestrationError } from '../errors/index.js'
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
const maxCauses = 8

/** What an error says is kept even if nothing else of it is. */
type Kept = 'all' | 'words'

/**
 * What is kept of an error. What cannot be stored of it is left out: an error must not hide behind its details. Of errors in its
 * fields only the words are kept, so that errors that refer to each other come to an end.
 * @param encode writes a field, and of errors in it only the words
 */
export function errorForm(
  error: Error,
  tagOf: ReadonlyMap<unknown, string>,
  encode: Encode,
  kept: Kept,
  around: readonly Error[] = [],
): ErrorForm {
  const tag = tagOf.get(error.constructor)
  const { name, message } = ensureError(error)
  const words = {
    name: String(name),
    message: String(message),
    ...(tag === undefined ? {} : { class: tag }),
  }
  if (kept === 'words') return words
  const fields: Record<string, Json> = {}
  for (const key of Object.keys(error)) {
    if (apart.has(key)) continue
    const field = ifStorable((error as unknown as Record<string, unknown>)[key], encode)
    if (field !== undefined) fields[key] = field
  }
  const cause = causeForm(error, tagOf, encode, around)
  return {
    ...words,
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...(cause === undefined ? {} : { cause }),
  }
}

/** What is no field of an error, although it may be an enumerable property. */
const apart: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', '__proto__'])

function causeForm(
  error: Error,
  tagOf: ReadonlyMap<unknown, string>,
  encode: Encode,
  around: readonly Error[],
): Json | undefined {
  const { cause } = error
  if (!(cause instanceof Error)) return cause === undefined ? undefined : ifStorable(cause, encode)
  if (cause === error || around.includes(cause) || around.length >= maxCauses) return undefined
  return { $: '@error', v: errorForm(cause, tagOf, encode, 'all', [...around, error]) as unknown as Json }
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
