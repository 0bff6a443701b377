import { OrchestrationError } from '../errors/index.js'
import type { JournalStore } from './journal-store.js'
import { checkName } from './names.js'

/** A place that a session can be taken back to. */
export interface SessionCheckpoint {
  /** Unique, also among checkpoints of the same name. */
  readonly checkpointId: string
  readonly sessionId: string
  readonly name: string
  readonly runId: string
  /** The last entry of the run's journal that counts. */
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/** The checkpoints of sessions. */
export class SessionCheckpoints {
  readonly #store: JournalStore

  constructor(store: JournalStore) {
    this.#store = store
  }

  /** @throws NAME_INVALID */
  async create(place: Omit<SessionCheckpoint, 'checkpointId'>): Promise<SessionCheckpoint> {
    const { sessionId, createdAt } = place
    checkName('The name of a checkpoint', place.name)
    // In the order of their ids they are in the order of their making, and two of one millisecond are still two.
    const id = `${String(createdAt).padStart(15, '0')}-${globalThis.crypto.randomUUID()}`
    const data = JSON.stringify(place)
    await this.#store.write([{ collection: collectionOf(sessionId), id, data, revision: 0 }])
    return { checkpointId: `${sessionId}/${id}`, ...place }
  }

  /** @throws CHECKPOINT_UNKNOWN */
  async get(checkpointId: string): Promise<SessionCheckpoint> {
    const [sessionId = '', id = '', ...rest] = typeof checkpointId === 'string' ? checkpointId.split('/') : []
    const found = id === '' || rest.length > 0 ? undefined : await this.#store.document(collectionOf(sessionId), id)
    if (found === undefined) throw checkpointUnknown(checkpointId)
    return checkpointFrom(sessionId, id, found.data)
  }

  /** Those of a session, the oldest first. */
  async list(sessionId: string): Promise<readonly SessionCheckpoint[]> {
    const found = await this.#store.documents(collectionOf(sessionId))
    return found.map(({ id, data }) => checkpointFrom(sessionId, id, data))
  }

  async clear(sessionId: string): Promise<void> {
    const collection = collectionOf(sessionId)
    const found = await this.#store.documents(collection)
    await this.#store.write(found.map(({ id }) => ({ collection, id, data: undefined })))
  }
}

function collectionOf(sessionId: string): string {
  return `session-checkpoints/${sessionId}`
}

function checkpointFrom(sessionId: string, id: string, data: string): SessionCheckpoint {
  const place = JSON.parse(data) as Omit<SessionCheckpoint, 'checkpointId'>
  return { ...place, checkpointId: `${sessionId}/${id}` }
}

function checkpointUnknown(checkpointId: unknown): OrchestrationError {
  return new OrchestrationError(
    `There is no checkpoint "${String(checkpointId)}": it was never made in this store, or its session has been deleted.`,
    { code: 'CHECKPOINT_UNKNOWN', details: { checkpointId } },
  )
}
