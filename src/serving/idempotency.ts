import { createHash, randomUUID } from 'node:crypto'
import type { JournalStore, StoredDocument } from '../durability/index.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import type { Json } from '../schema/index.js'
import type { Principal } from './principal.js'
import { Problem } from './problem.js'
import type { ServerContext } from './server-context.js'

/** The header by which a client says that two requests are one. */
export const idempotencyHeader = 'Idempotency-Key'

/** What the document says of {@link idempotencyHeader}. */
export const idempotencyNote =
  'A text of the client, 1 to 200 characters: the same request with the same key has its effect once, and the same answer, for 24 hours.'

/** How long a key is kept, in milliseconds: a day, which is what clients know from elsewhere. */
const keptMs = 86_400_000

/** How often keys are thrown away that are not kept any more, in milliseconds. */
const sweepEveryMs = 3_600_000

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
  /** When it came, in milliseconds since 1970. */
  readonly at: number
  /** The id of what comes of it, decided before it is begun, so that a second attempt makes no second one. */
  readonly id: string
  readonly answer?: IdempotentAnswer
}

const collection = 'serving/idempotency'
const underWay = new WeakMap<ServerContext, Map<string, Promise<IdempotentAnswer>>>()
const sweptAt = new WeakMap<ServerContext, number>()

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
  const answer = Promise.resolve(before?.catch(() => undefined)).then(() => once(server, key, digestOf(body), work))
  sweepNowAndThen(server)
  running.set(key, answer)
  try {
    return await answer
  } finally {
    if (running.get(key) === answer) running.delete(key)
  }
}

/** Forgets a request, when the run that came of it is gone. The key may stand for another one by now. */
export async function forgetKey({ host: { store } }: ServerContext, key: string, runId: string): Promise<void> {
  const found = await store.document(collection, key)
  if (found === undefined) return
  const { id, answer } = JSON.parse(found.data) as KeptRequest
  const { execution_id: made = id } = (answer?.body ?? {}) as { readonly execution_id?: string }
  if (made === runId) await forget(store, found)
}

async function once(
  { host: { store }, clock }: ServerContext,
  key: string,
  digest: string,
  work: (attempt: IdempotentAttempt) => Promise<IdempotentAnswer>,
): Promise<IdempotentAnswer> {
  const { kept, document } = await keptRequest(store, key, { digest, id: randomUUID(), at: clock.now() })
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
    // What another process has answered meanwhile stays.
    await forget(store, document)
    throw thrown
  }
}

/** What is kept of a request; of one that has just come, or whose key has been used so long ago that it counts no more, that it has. */
async function keptRequest(
  store: JournalStore,
  key: string,
  fresh: KeptRequest,
): Promise<{ readonly kept: KeptRequest; readonly document: StoredDocument }> {
  const found = await store.document(collection, key)
  if (found !== undefined && isKept(found, fresh.at))
    return { kept: JSON.parse(found.data) as KeptRequest, document: found }
  const data = JSON.stringify(fresh)
  const revision = found?.revision ?? 0
  try {
    await store.write([{ collection, id: key, data, revision }])
    return { kept: fresh, document: { id: key, data, revision: revision + 1 } }
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown
    // Another process was quicker.
    return keptRequest(store, key, fresh)
  }
}

function isKept({ data }: StoredDocument, now: number): boolean {
  return (JSON.parse(data) as KeptRequest).at > now - keptMs
}

/** No effect if it has changed since it was read. */
async function forget(store: JournalStore, { id, revision }: StoredDocument): Promise<void> {
  try {
    await store.write([{ collection, id, data: undefined, revision }])
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown
  }
}

function isConflict(thrown: unknown): boolean {
  return OrchestrationError.isInstance(thrown) && thrown.code === 'DOCUMENT_CONFLICT'
}

/** Throws keys away that are not kept any more, while nobody waits for it. */
function sweepNowAndThen(server: ServerContext): void {
  const { host, clock, logger } = server
  const now = clock.now()
  const before = sweptAt.get(server)
  if (before === undefined || now - before >= sweepEveryMs) sweptAt.set(server, now)
  // A process that has just begun has other things to do.
  if (before === undefined || now - before < sweepEveryMs) return
  sweep(host.store, now).catch((thrown: unknown) =>
    logger.warn('Old keys could not be thrown away', ensureError(thrown)),
  )
}

async function sweep(store: JournalStore, now: number): Promise<void> {
  let after: string | undefined
  do {
    const page = await store.documents(collection, after, 500)
    for (const found of page) if (!isKept(found, now)) await forget(store, found)
    after = page.at(-1)?.id
  } while (after !== undefined)
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
