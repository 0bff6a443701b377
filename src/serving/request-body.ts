import { didYouMean } from '../errors/internal.js'
import { type PayloadClass, schemaOf } from '../schema/index.js'
import { declaredProperties } from './declared-properties.js'
import { Problem, type ProblemFault } from './problem.js'
import { snakeCase } from './wire-value.js'

/** What a body may be at most. */
export interface BodyLimits {
  /** In bytes. @default 1 MiB */
  readonly maxBodyBytes: number
  /** How deep arrays and objects may be in each other. @default 64 */
  readonly maxDepth: number
}

/**
 * The JSON of a request's body; `undefined` if it has none.
 * @throws Problem 413, 415, 400 with the place, in characters or as a path
 */
export async function readJson(request: Request, limits: BodyLimits): Promise<unknown> {
  const bytes = await readBytes(request, limits.maxBodyBytes)
  if (bytes.length === 0) return undefined
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== 'application/json' && !type.endsWith('+json')) {
    const detail = `The body has to be application/json, not ${type === '' ? 'of no content type' : type}.`
    throw new Problem(415, { code: 'UNSUPPORTED_MEDIA_TYPE', detail })
  }
  return parseJson(decoded(bytes), limits.maxDepth)
}

/** What a JSON text says. @throws Problem 400 with the place, in characters or as a path */
export function parseJson(text: string, maxDepth: number): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    throw noJson(thrown instanceof Error ? thrown.message : 'it cannot be read')
  }
  checkShape(value, maxDepth)
  return value
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw noJson('it is not UTF-8')
  }
}

function noJson(why: string): Problem {
  return new Problem(400, { code: 'BAD_REQUEST', detail: `The body is not JSON: ${why}.` })
}

/**
 * The body as an instance of a class; no body is one without properties. The names of its properties may be in camelCase too; `null`
 * for one that need not be there counts as left out.
 * @throws Problem as {@link readJson}; PAYLOAD_INVALID with what is wrong, all of it; Problem 422 for properties that there are not
 */
export async function readAs<T>(request: Request, target: PayloadClass<T>, limits: BodyLimits): Promise<T> {
  return parseAs((await readJson(request, limits)) ?? {}, target)
}

/** Reads a value that has come as JSON, as {@link readAs} does. */
export async function parseAs<T>(value: unknown, target: PayloadClass<T>): Promise<T> {
  return schemaOf(target).parseAsync(withKnownNames(value, declaredProperties(target)), { strict: true }) as Promise<T>
}

/** How many unknown properties are told of. */
const mostFaults = 20

function withKnownNames(value: unknown, properties: Readonly<Record<string, unknown>>): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const faults: ProblemFault[] = []
  const known: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    const name = Object.hasOwn(properties, key) ? key : snakeCase(key)
    if (Object.hasOwn(properties, name)) known[name] = item
    else {
      const hint = didYouMean(name, Object.keys(properties), 'It has none.')
      faults.push({ path: key, message: `there is no property "${key}". ${hint}` })
      // Whoever has made up thousands does not read them all, and they cost more to answer than to send.
      if (faults.length === mostFaults) break
    }
  }
  if (faults.length === 0) return known
  const detail = `In the body, ${faults.map(({ message }) => message).join(' And ')}`
  throw new Problem(422, { code: 'PAYLOAD_INVALID', detail, faults })
}

async function readBytes(request: Request, most: number): Promise<Uint8Array> {
  const tooLarge = (): Problem =>
    new Problem(413, {
      code: 'TOO_LARGE',
      detail: `The body is larger than ${most} bytes.`,
      headers: { connection: 'close' },
    })
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge()
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of piecesOf(request.body)) {
    size += chunk.length
    // Whatever the header has said.
    if (size > most) throw tooLarge()
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** @throws Problem 400 if the client goes away in the middle */
async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body as unknown as AsyncIterable<Uint8Array>
  } catch {
    throw new Problem(400, { code: 'BAD_REQUEST', detail: 'The body has broken off.' })
  }
}

const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Refuses what would make trouble further in: bodies too deep to be walked, and keys that mean something to JavaScript. */
function checkShape(value: unknown, maxDepth: number): void {
  const open: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [
    { value, path: '', depth: 0 },
  ]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (typeof at.value !== 'object' || at.value === null) continue
    if (at.depth >= maxDepth) {
      const message = `is nested deeper than ${maxDepth} levels`
      throw new Problem(400, {
        code: 'BAD_REQUEST',
        detail: `The body ${message}.`,
        faults: [{ path: at.path, message }],
      })
    }
    for (const [key, inner] of Object.entries(at.value)) {
      const path = Array.isArray(at.value) ? `${at.path}[${key}]` : at.path === '' ? key : `${at.path}.${key}`
      if (forbiddenKeys.has(key)) {
        const message = `the name ${JSON.stringify(key)} is not allowed`
        throw new Problem(400, { code: 'BAD_REQUEST', detail: `In the body, ${message}.`, faults: [{ path, message }] })
      }
      open.push({ value: inner, path, depth: at.depth + 1 })
    }
  }
}
