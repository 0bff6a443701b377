import { OptionError, OrchestrationError } from '../errors/index.js'
import { damagedJournal } from './damaged-journal.js'
import type { JournalStore } from './journal-store.js'
import { checkName } from './names.js'
import { StoreError } from './store-error.js'

/** A name for an entry of a run's journal. */
export interface Checkpoint {
  readonly runId: string
  readonly name: string
  readonly seq: number
  /** When it was named, in milliseconds since 1970. */
  readonly createdAt: number
}

/** The named places in journals; each name belongs to one run. */
export class Checkpoints {
  readonly #store: JournalStore

  constructor(store: JournalStore) {
    this.#store = store
  }

  /** @throws NAME_INVALID, CHECKPOINT_EXISTS, OPTION_INVALID */
  async create(runId: string, name: string, seq: number, last: number, createdAt: number): Promise<Checkpoint> {
    checkName('The name of a checkpoint', name)
    checkEntry(runId, seq, last)
    const data = JSON.stringify({ seq, createdAt })
    try {
      await this.#store.write([{ collection: collectionOf(runId), id: name, data, revision: 0 }])
    } catch (thrown) {
      if (!(thrown instanceof StoreError) || thrown.code !== 'DOCUMENT_CONFLICT') throw thrown
      throw new OrchestrationError(`Run "${runId}" has a checkpoint "${name}" already. Choose another name.`, {
        code: 'CHECKPOINT_EXISTS',
        details: { runId, name },
        cause: thrown,
      })
    }
    return { runId, name, seq, createdAt }
  }

  /** @throws CHECKPOINT_UNKNOWN */
  async get(runId: string, name: string): Promise<Checkpoint> {
    const found = await this.#store.document(collectionOf(runId), name)
    if (found !== undefined) return checkpointFrom(runId, name, found.data)
    const names = (await this.list(runId)).map(checkpoint => `"${checkpoint.name}"`).join(', ')
    throw new OrchestrationError(
      `Run "${runId}" has no checkpoint "${name}". It has: ${names === '' ? 'none' : names}.`,
      { code: 'CHECKPOINT_UNKNOWN', details: { runId, name } },
    )
  }

  async list(runId: string): Promise<readonly Checkpoint[]> {
    const found = await this.#store.documents(collectionOf(runId))
    return found.map(({ id, data }) => checkpointFrom(runId, id, data))
  }

  async clear(runId: string): Promise<void> {
    const collection = collectionOf(runId)
    const found = await this.#store.documents(collection)
    await this.#store.write(found.map(({ id }) => ({ collection, id, data: undefined })))
  }
}

/** Makes sure that a run has an entry of this number. @throws OPTION_INVALID */
export function checkEntry(runId: string, seq: number, last: number): void {
  if (Number.isInteger(seq) && seq >= 1 && seq <= last) return
  throw new OptionError('at', `the number of an entry of run "${runId}", from 1 to ${last}`, seq)
}

function collectionOf(runId: string): string {
  return `checkpoints/${runId}`
}

function checkpointFrom(runId: string, name: string, data: string): Checkpoint {
  try {
    const { seq, createdAt } = JSON.parse(data) as { readonly seq: unknown; readonly createdAt: unknown }
    if (typeof seq !== 'number' || typeof createdAt !== 'number') throw new Error('it names no entry.')
    return { runId, name, seq, createdAt }
  } catch (thrown) {
    throw damagedJournal(runId, `checkpoint "${name}"`, thrown)
  }
}
