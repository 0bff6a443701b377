import type { Orchestration, OrchestrationRun, RunOptions } from '../core/index.js'
import { sleep } from '../core/internal.js'
import type { JournalStore, OpenRunRequest } from '../durability/index.js'
// Not from the door that has the stores: they load what only Node has.
import { answerRequest, codecOf } from '../durability/internal.js'
import { OrchestrationError } from '../errors/index.js'
import { PayloadCodec } from '../schema/index.js'
import { ChatMessage, isChatMessage } from './chat-message.js'
import type { TurnAnswer, UnfinishedTurn } from './kept-turns.js'
import { type LeasedStore, leasedStore } from './leased-store.js'

const codec = new PayloadCodec([ChatMessage])

/** After how many milliseconds a run that somebody has is asked for again. */
const claimAgainMs = 50

/** Which turn a chat has, by the id of the chat. */
const collection = 'chat-turns'

/**
 * The runs that answer messages, in a store: one document a chat says which run is at work on which message. It is there before the
 * run is, and until the reply is in the history.
 */
export class KeptRuns<TIn, TOut> {
  readonly #orchestration: Orchestration<TIn, TOut>
  readonly #store: JournalStore
  /** Turns that are being taken down, by their ids: one that is cancelled meanwhile must not be there in the end. */
  readonly #beginning = new Map<string, Promise<void>>()
  /** What the runs that are at work here have of the store. */
  readonly #leases = new WeakMap<OrchestrationRun<TOut>, LeasedStore>()

  constructor(orchestration: Orchestration<TIn, TOut>, store: JournalStore) {
    this.#orchestration = orchestration
    this.#store = store
  }

  /** Takes down that a turn begins. @throws CHAT_BUSY if another process has begun one meanwhile */
  async begin(chatId: string, turnId: string, message: ChatMessage): Promise<void> {
    const written = this.#takeDown(chatId, turnId, message)
    this.#beginning.set(turnId, written)
    try {
      await written
    } finally {
      this.#beginning.delete(turnId)
    }
  }

  async #takeDown(chatId: string, turnId: string, message: ChatMessage): Promise<void> {
    const data = JSON.stringify(codec.encode({ turnId, message: message }))
    try {
      await this.#store.write([{ collection, id: chatId, data, revision: 0 }])
    } catch (thrown) {
      if (!hasCode(thrown, 'DOCUMENT_CONFLICT')) throw thrown
      throw new OrchestrationError(
        `Chat "${chatId}" is answering a message in another process. Wait for the reply, and send the message again.`,
        { code: 'CHAT_BUSY', retryable: true, details: { chatId }, cause: thrown },
      )
    }
  }

  /** The turn of a chat. @throws PAYLOAD_NOT_SERIALIZABLE if what is stored is none */
  async find(chatId: string): Promise<UnfinishedTurn | undefined> {
    const found = await this.#store.document(collection, chatId)
    if (found === undefined) return undefined
    const { turnId: id, message } = readTurn(chatId, found.data)
    return { id, message, requests: await this.#requests(id) }
  }

  /** Starts the run of a turn. */
  start(input: TIn, turnId: string, options: RunOptions): OrchestrationRun<TOut> {
    const lease = leasedStore(this.#store)
    const run = this.#orchestration.start(input, { ...options, store: lease.store, runId: turnId })
    this.#leases.set(run, lease)
    return run
  }

  /** Takes up the run of a turn; undefined if it had not begun. */
  async takeUp(
    turnId: string,
    signal: AbortSignal,
    allowModified = false,
  ): Promise<OrchestrationRun<TOut> | undefined> {
    try {
      const lease = leasedStore(this.#store)
      const run = await this.#orchestration.resume(turnId, { store: lease.store, signal, allowModified })
      this.#leases.set(run, lease)
      return run
    } catch (thrown) {
      if (hasCode(thrown, 'RUN_UNKNOWN')) return undefined
      throw thrown
    }
  }

  /** Pauses a run that is at work here, and leaves it to whoever takes it up; its result rejects. False if it has ended. */
  async putAside(run: OrchestrationRun<TOut>): Promise<boolean> {
    await run.pause()
    if (run.status !== 'paused') return false
    this.#leases.get(run)?.giveUp()
    // Of that nothing is written any more; it ends what is left of the run in this process.
    run.cancel('it was put aside')
    await run.result.catch(() => undefined)
    return true
  }

  /** Cancels the run of a turn that nobody drives. */
  async cancel(turnId: string): Promise<void> {
    const signal = AbortSignal.abort(new Error('the chat has given up its turn'))
    const run = await this.takeUp(turnId, signal, true)
    await run?.result.catch(() => undefined)
  }

  /** Cancels the run of a chat's turn, and forgets both. */
  async clear(chatId: string): Promise<void> {
    const found = await this.#store.document(collection, chatId)
    if (found === undefined) return
    try {
      await this.cancel(readTurn(chatId, found.data).turnId)
    } catch (thrown) {
      // What cannot be taken up any more must not keep the chat from a new beginning.
      if (!isLost(thrown)) throw thrown
    }
    await this.#store.write([{ collection, id: chatId, data: undefined, revision: found.revision }])
  }

  /** @param request is checked when it is looked for */
  answer(turnId: string, request: unknown, answer: TurnAnswer): Promise<void> {
    return answerRequest(this.#orchestration.durable, this.#store, turnId, request, answer)
  }

  /** Calls `write` while nobody else has the run, if the chat still has this turn. */
  async enter(chatId: string, turnId: string, write: () => Promise<void>): Promise<void> {
    // Whoever has it writes the same reply, or dies, and then it is free.
    while (!(await this.#store.claim(turnId))) await sleep(this.#orchestration.durable.clock, claimAgainMs)
    try {
      if ((await this.#turnIdOf(chatId)) === turnId) await write()
    } finally {
      await this.#store.release(turnId)
    }
  }

  /** Whether the run of a turn is still to go on. */
  async isUnderWay(turnId: string): Promise<boolean> {
    const record = await this.#store.get(turnId)
    return record?.status === 'running' || record?.status === 'paused'
  }

  async #turnIdOf(chatId: string): Promise<string | undefined> {
    const found = await this.#store.document(collection, chatId)
    return found === undefined ? undefined : readTurn(chatId, found.data).turnId
  }

  /** Forgets the turn of a chat, if it is this one. */
  async forget(chatId: string, turnId: string): Promise<void> {
    await this.#beginning.get(turnId)?.catch(() => undefined)
    const found = await this.#store.document(collection, chatId)
    if (found === undefined || readTurn(chatId, found.data).turnId !== turnId) return
    try {
      await this.#store.write([{ collection, id: chatId, data: undefined, revision: found.revision }])
    } catch (thrown) {
      if (!hasCode(thrown, 'DOCUMENT_CONFLICT')) throw thrown
    }
  }

  async #requests(runId: string): Promise<UnfinishedTurn['requests']> {
    const { name: orchestration } = this.#orchestration
    const open: OpenRunRequest[] = []
    let cursor: string | undefined
    do {
      const page = await this.#store.requests({ runId, orchestration, ...(cursor === undefined ? {} : { cursor }) })
      open.push(...page.requests)
      cursor = page.next
    } while (cursor !== undefined)
    return open.map(({ requestId, kind, stateName, message, until, input }) => {
      return { id: requestId, kind, stateName, message, until, input: this.#valueOf(input) }
    })
  }

  #valueOf(data: string): unknown {
    const json: unknown = JSON.parse(data)
    try {
      return codecOf(this.#orchestration.graph).decode(json)
    } catch {
      // A class that only a run inside this one knows: as JSON it can still be read.
      return json
    }
  }
}

function readTurn(chatId: string, data: string): { readonly turnId: string; readonly message: ChatMessage } {
  let cause: unknown
  try {
    const { turnId, message } = codec.decode(JSON.parse(data)) as {
      readonly turnId: unknown
      readonly message: unknown
    }
    if (typeof turnId === 'string' && isChatMessage(message)) return { turnId, message }
  } catch (thrown) {
    cause = thrown
  }
  throw new OrchestrationError(
    `What is stored of the turn of chat "${chatId}" cannot be read. Restore it from a backup, or forget it with clear().`,
    {
      code: 'PAYLOAD_NOT_SERIALIZABLE',
      details: { chatId },
      cause,
    },
  )
}

function isLost(thrown: unknown): boolean {
  return ['PAYLOAD_NOT_SERIALIZABLE', 'DEFINITION_CHANGED', 'JOURNAL_DAMAGED'].some(code => hasCode(thrown, code))
}

function hasCode(thrown: unknown, code: string): boolean {
  return OrchestrationError.isInstance(thrown) && thrown.code === code
}
