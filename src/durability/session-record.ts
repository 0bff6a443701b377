import { OrchestrationError } from '../errors/index.js'
import { type Json, PayloadCodec, type TypeRef } from '../schema/index.js'
import type { JournalStore } from './journal-store.js'
import { checkName } from './names.js'
import { StoreError } from './store-error.js'

const collection = 'sessions'

/** The format of stored sessions. */
const sessionFormat = 1

/** Where a session goes on that was taken back to a checkpoint. */
export interface RestoredPlace {
  readonly runId: string
  readonly seq: number
  readonly orchestration: string
  /** The states of its branches there. */
  readonly states: readonly string[]
  /** The run that it will be from there on. */
  readonly forkId: string
  /** The run that the session leaves for it. */
  readonly replaces?: string
}

/** What is stored of a session; everything else is in its runs. */
export interface SessionRecord {
  readonly sessionId: string
  readonly task: unknown
  readonly context: Readonly<Record<string, unknown>>
  readonly enablePause: boolean
  readonly createdAt: number
  readonly updatedAt: number
  /** Its latest run. */
  readonly runId?: string
  readonly restored?: RestoredPlace
}

/** A session that cannot be read, and why. */
export interface UnreadSession {
  readonly sessionId: string
  readonly unread: unknown
}

type StoredSession = Omit<SessionRecord, 'sessionId' | 'task' | 'context'> & {
  readonly format: number
  readonly task: Json
  readonly context: Json
}

/** The sessions of a store. */
export class SessionRecords {
  readonly #store: JournalStore
  readonly #codec: PayloadCodec

  /** @param classes of which tasks and values of contexts may be instances */
  constructor(store: JournalStore, classes: readonly TypeRef[]) {
    this.#store = store
    this.#codec = new PayloadCodec(classes)
  }

  /** Adds a session; what comes back is a copy. @throws NAME_INVALID, SESSION_EXISTS, PAYLOAD_NOT_SERIALIZABLE */
  async create(record: SessionRecord): Promise<SessionRecord> {
    const { sessionId } = record
    checkName('The id of a session', sessionId)
    const data = this.#encode(record)
    try {
      await this.#store.write([{ collection, id: sessionId, data, revision: 0 }])
    } catch (thrown) {
      if (!isConflict(thrown)) throw thrown
      throw new OrchestrationError(
        `Session "${sessionId}" exists already. Open it with openSession(), or choose another id.`,
        { code: 'SESSION_EXISTS', details: { sessionId } },
      )
    }
    return this.#decode(sessionId, data)
  }

  /** @throws NAME_INVALID, SESSION_UNKNOWN */
  async get(sessionId: string): Promise<SessionRecord> {
    return (await this.#read(sessionId)).record
  }

  /** Changes a session as it is now, whoever has changed it before. @throws SESSION_UNKNOWN */
  async update(sessionId: string, change: (record: SessionRecord) => SessionRecord): Promise<SessionRecord> {
    for (;;) {
      const { record, revision } = await this.#read(sessionId)
      const changed = change(record)
      try {
        await this.#store.write([{ collection, id: sessionId, data: this.#encode(changed), revision }])
        return changed
      } catch (thrown) {
        if (!isConflict(thrown)) throw thrown
      }
    }
  }

  /** Sessions by id; one that cannot be read is an error in its place. */
  async list(after: string | undefined, limit: number): Promise<readonly (SessionRecord | UnreadSession)[]> {
    const found = await this.#store.documents(collection, after, limit)
    return found.map(({ id, data }) => {
      try {
        return this.#decode(id, data)
      } catch (thrown) {
        return { sessionId: id, unread: thrown }
      }
    })
  }

  async delete(sessionId: string): Promise<void> {
    await this.#store.write([{ collection, id: sessionId, data: undefined }])
  }

  async #read(sessionId: string): Promise<{ readonly record: SessionRecord; readonly revision: number }> {
    checkName('The id of a session', sessionId)
    const found = await this.#store.document(collection, sessionId)
    if (found === undefined) throw sessionUnknown(sessionId)
    return { record: this.#decode(sessionId, found.data), revision: found.revision }
  }

  #encode(record: SessionRecord): string {
    const stored: StoredSession & { readonly sessionId: string } = {
      ...record,
      format: sessionFormat,
      task: this.#codec.encode(record.task),
      context: this.#codec.encode(record.context),
    }
    return JSON.stringify(stored)
  }

  #decode(sessionId: string, data: string): SessionRecord {
    const { format, task, context, ...rest } = parsed(sessionId, data)
    if (format > sessionFormat) {
      throw new StoreError(
        'STORE_FORMAT_UNKNOWN',
        `Session "${sessionId}" was stored in format ${format}; this version reads formats up to ${sessionFormat}. Update the package.`,
        { sessionId, format },
      )
    }
    try {
      const values = { task: this.#codec.decode(task), context: this.#codec.decode(context) }
      return { ...rest, ...(values as Pick<SessionRecord, 'task' | 'context'>), sessionId }
    } catch (thrown) {
      throw unreadable(sessionId, thrown)
    }
  }
}

function parsed(sessionId: string, data: string): StoredSession {
  let stored: unknown
  try {
    stored = JSON.parse(data)
  } catch (thrown) {
    throw unreadable(sessionId, thrown)
  }
  const { format, createdAt, context } = (stored ?? {}) as Partial<StoredSession>
  if (typeof format !== 'number' || typeof createdAt !== 'number' || typeof context !== 'object') {
    throw unreadable(sessionId, undefined)
  }
  return stored as StoredSession
}

function unreadable(sessionId: string, cause: unknown): OrchestrationError {
  return new OrchestrationError(
    `What is stored of session "${sessionId}" cannot be read. Restore it from a backup, or delete it; if its task or context is of ` +
      'a class of yours, name that in `classes`.',
    { code: 'PAYLOAD_NOT_SERIALIZABLE', details: { sessionId }, cause },
  )
}

/** Whether somebody else has been quicker to change a document. */
function isConflict(thrown: unknown): boolean {
  return OrchestrationError.isInstance(thrown) && thrown.code === 'DOCUMENT_CONFLICT'
}

function sessionUnknown(sessionId: string): OrchestrationError {
  return new OrchestrationError(
    `There is no session "${sessionId}" in this store: it was never created here, or has been deleted.`,
    { code: 'SESSION_UNKNOWN', details: { sessionId } },
  )
}
