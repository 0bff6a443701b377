import { createHash, randomUUID } from 'node:crypto'
import type { JournalStore } from '../durability/index.js'
import { OrchestrationError } from '../errors/index.js'
import type { Json } from '../schema/index.js'
import type { Principal } from './principal.js'
import { Problem } from './problem.js'
import type { ServerContext } from './server-context.js'

/** The header by which a client says that two requests are one. */
export const idempotencyHeader = 'Idempotency-Key'

/** What the document says of {@link idempotencyHeader}. */
export const idempotencyNote =
  'A text of the client, 1 to 200 characters: the same request with the same key has its effect once, and the same answer.'

/** A request that is to have its effect once. */
export interface IdempotentRequest {
  readonly request: Request
  /** What is asked for, for example `execute/Research`: keys of different operations have nothing to do with each other. */
  readonly operation: string
  readonly body: unknown
}

/** What was answered. */
export interface IdempotentAnswer {
  readonly status: number
  readonly body: Json
}

/** What an attempt goes by. */
export interface IdempotentAttempt {
  /** For what it makes; a second attempt gets the same. */
  readonly id: string
  /** Names the request, if it has a key: whoever finds something that carries it knows that an attempt before has made it. */
  readonly key?: string
}

/** What is kept of a request with a key. */
interface KeptRequest {
  readonly digest: string
  /** The id of what comes of it, decided before it is begun, so that a second attempt makes no second one. */
  readonly id: string
  readonly answer?: IdempotentAnswer
}

const collection = 'serving/idempotency'
const underWay = new WeakMap<ServerContext, Map<string, Promise<IdempotentAnswer>>>()

/**
 * Does what a request asks for, once for each key that its client gives it. After a crash it is done again with the same id, and has to
 * make of that what it would have made. Without a key it is simply done. What throws is not kept, so that the key can be used for
 * another attempt.
 * @throws Problem 400 for a key that is none, 422 if the key was used with another body
 */
export async function idempotently(
  server: ServerContext,
  principal: Principal,
  { request, operation, body }: IdempotentRequest,
  work: (attempt: IdempotentAttempt) => Promise<IdempotentAnswer>,
): Promise<IdempotentAnswer> {
  const given = request.headers.get(idempotencyHeader)
  if (given === null) return work({ id: randomUUID() })
  if (!/^[\x21-\x7e]{1,200}$/.test(given)) {
    const detail = `${idempotencyHeader} has to be 1 to 200 visible ASCII characters without spaces.`
    throw new Problem(400, { code: 'BAD_REQUEST', detail })
  }
  const key = digestOf([principal.tenant, operation, given])
  const running = runningIn(server)
  const before = running.get(key)
  // One after the other: whoever comes second finds what the first has left.
  const answer = Promise.resolve(before?.catch(() => undefined)).then(() =>
    once(server.host.store, key, digestOf(body), work),
  )
  running.set(key, answer)
  try {
    return await answer
  } finally {
    if (running.get(key) === answer) running.delete(key)
  }
}

/** Forgets a request, when what came of it is gone. */
export async function forgetKey({ host }: ServerContext, key: string): Promise<void> {
  await host.store.write([{ collection, id: key, data: undefined }])
}

async function once(
  store: JournalStore,
  key: string,
  digest: string,
  work: (attempt: IdempotentAttempt) => Promise<IdempotentAnswer>,
): Promise<IdempotentAnswer> {
  const kept = await keptRequest(store, key, digest)
  if (kept.digest !== digest) {
    const detail = `This ${idempotencyHeader} was used with another body. Use a new one for a new request.`
    throw new Problem(422, { code: 'CONFLICT', detail })
  }
  if (kept.answer !== undefined) return kept.answer
  try {
    const answer = await work({ id: kept.id, key })
    await store.write([{ collection, id: key, data: JSON.stringify({ ...kept, answer }) }])
    return answer
  } catch (thrown) {
    await store.write([{ collection, id: key, data: undefined }])
    throw thrown
  }
}

/** What is kept of a request; of one that has just come, that it has. */
async function keptRequest(store: JournalStore, key: string, digest: string): Promise<KeptRequest> {
  const found = await store.document(collection, key)
  if (found !== undefined) return JSON.parse(found.data) as KeptRequest
  const kept = { digest, id: randomUUID() }
  try {
    await store.write([{ collection, id: key, data: JSON.stringify(kept), revision: 0 }])
    return kept
  } catch (thrown) {
    if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'DOCUMENT_CONFLICT') throw thrown
    // Another process was quicker.
    return keptRequest(store, key, digest)
  }
}

function runningIn(server: ServerContext): Map<string, Promise<IdempotentAnswer>> {
  let running = underWay.get(server)
  if (running === undefined) underWay.set(server, (running = new Map()))
  return running
}

function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)) ?? '')
    .digest('base64url')
}

/** The same whatever the order of properties. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}
