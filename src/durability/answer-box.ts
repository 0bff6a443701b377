import type { Clock, TimerHandle } from '../core/index.js'
import { afterOthers, type GivenAnswer, type RequestAnswer } from '../core/internal.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import type { JournalStore } from './journal-store.js'
import type { RequestBook } from './request-book.js'
import type { TreeNode } from './run-tree.js'
import { decodeAnswer, encodeAnswer } from './stored-answer.js'

/** After how many milliseconds a store that failed to read is asked again. */
const retryMs = 1000

/** Brings the answers to a run's requests, from whatever process they come, to the run that waits for them; each once. */
export class AnswerBox {
  readonly #store: JournalStore
  readonly #runId: string
  readonly #book: RequestBook
  readonly #clock: Clock
  readonly #deliver: (node: TreeNode, requestId: string, answer: RequestAnswer) => boolean
  readonly #delivered = new Set<string>()
  #stop: (() => void) | undefined
  #reading = false
  #readAgain = false
  #closed = false
  #retry: TimerHandle

  constructor(
    store: JournalStore,
    runId: string,
    book: RequestBook,
    clock: Clock,
    deliver: (node: TreeNode, requestId: string, answer: RequestAnswer) => boolean,
  ) {
    this.#store = store
    this.#runId = runId
    this.#book = book
    this.#clock = clock
    this.#deliver = deliver
  }

  /** Looks out for answers while anything is open. */
  watch(): void {
    if (this.#closed || this.#book.isEmpty) {
      this.#unwatch()
      return
    }
    if (this.#stop !== undefined) return
    this.#stop = this.#store.watch(this.#runId, () => void this.#read())
    // Some may have come before; not before the run has opened what its journal says that it waits for.
    afterOthers(() => void this.#read())
  }

  /** Gives an answer from within this process; false if the request has another one, or is not open. */
  async give(node: TreeNode, requestId: string, answer: GivenAnswer, at: number): Promise<boolean> {
    const id = [...node.path, requestId].join('/')
    const data = encodeAnswer(answer, node.values)
    const outcome = await this.#store.answer(this.#runId, { requestId: id, data, at })
    if (outcome !== 'accepted') return false
    this.#bring(id, () => answer)
    return true
  }

  close(): void {
    this.#closed = true
    this.#unwatch()
  }

  #unwatch(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#clock.clearTimeout(this.#retry)
    this.#retry = undefined
  }

  async #read(): Promise<void> {
    this.#readAgain = true
    if (this.#reading) return
    this.#reading = true
    try {
      while (this.#readAgain && !this.#closed) {
        this.#readAgain = false
        for (const { requestId, data } of await this.#store.answers(this.#runId)) {
          this.#bring(requestId, node => this.#answerFrom(requestId, data, node))
        }
      }
    } catch (thrown) {
      this.#readLater(thrown)
    } finally {
      this.#reading = false
    }
  }

  #bring(id: string, answer: (node: TreeNode) => RequestAnswer): void {
    const node = this.#book.holderOf(id)
    if (this.#closed || node === undefined || this.#delivered.has(id)) return
    if (this.#deliver(node, id.slice(id.lastIndexOf('/') + 1), answer(node))) this.#delivered.add(id)
  }

  /** Nobody may call again: what has been answered must not wait for the next change. */
  #readLater(thrown: unknown): void {
    const isGone = OrchestrationError.isInstance(thrown) && thrown.code === 'STORE_CLOSED'
    if (isGone || this.#closed || this.#stop === undefined || this.#retry !== undefined) return
    this.#retry = this.#clock.setTimeout(() => {
      this.#retry = undefined
      void this.#read()
    }, retryMs)
  }

  /** The answer counts, as it is the one that the store has accepted; so what waits for it cannot go on waiting. */
  #answerFrom(requestId: string, data: string, { values }: TreeNode): RequestAnswer {
    try {
      return decodeAnswer(data, values)
    } catch (thrown) {
      const cause = ensureError(thrown)
      const error = new OrchestrationError(
        `The answer to request "${requestId}" of run "${this.#runId}" cannot be read: ${cause.message}`,
        { code: 'PAYLOAD_NOT_SERIALIZABLE', details: { runId: this.#runId, request: requestId }, cause },
      )
      return { kind: 'unreadable', error }
    }
  }
}
