import type { RequestAnswer } from '../core/internal.js'
import type { JournalStore } from './journal-store.js'
import type { RequestBook } from './request-book.js'
import type { TreeNode } from './run-tree.js'
import { decodeAnswer, encodeAnswer } from './stored-answer.js'

/** Brings the answers to a run's requests, from whatever process they come, to the run that waits for them; each once. */
export class AnswerBox {
  readonly #store: JournalStore
  readonly #runId: string
  readonly #book: RequestBook
  readonly #deliver: (node: TreeNode, requestId: string, answer: RequestAnswer) => void
  readonly #delivered = new Set<string>()
  #stop: (() => void) | undefined
  #reading = false
  #readAgain = false
  #closed = false

  constructor(
    store: JournalStore,
    runId: string,
    book: RequestBook,
    deliver: (node: TreeNode, requestId: string, answer: RequestAnswer) => void,
  ) {
    this.#store = store
    this.#runId = runId
    this.#book = book
    this.#deliver = deliver
  }

  /** Looks out for answers while anything is open. */
  watch(): void {
    if (this.#closed || this.#book.isEmpty) {
      this.#stop?.()
      this.#stop = undefined
      return
    }
    if (this.#stop !== undefined) return
    this.#stop = this.#store.watch(this.#runId, () => void this.#read())
    // Some may have come before.
    void this.#read()
  }

  /** Gives an answer from within this process; false if the request has another one, or is not open. */
  async give(node: TreeNode, requestId: string, answer: RequestAnswer, at: number): Promise<boolean> {
    const id = [...node.path, requestId].join('/')
    const data = encodeAnswer(answer, node.values)
    const outcome = await this.#store.answer(this.#runId, { requestId: id, data, at })
    if (outcome !== 'accepted') return false
    this.#bring(id, () => answer)
    return true
  }

  close(): void {
    this.#closed = true
    this.#stop?.()
    this.#stop = undefined
  }

  async #read(): Promise<void> {
    this.#readAgain = true
    if (this.#reading) return
    this.#reading = true
    try {
      while (this.#readAgain && !this.#closed) {
        this.#readAgain = false
        for (const { requestId, data } of await this.#store.answers(this.#runId)) {
          this.#bring(requestId, node => decodeAnswer(data, node.values))
        }
      }
    } catch {
      // A store that fails to read now is asked again after the next change; what is committed does not depend on it.
    } finally {
      this.#reading = false
    }
  }

  #bring(id: string, answer: (node: TreeNode) => RequestAnswer): void {
    const node = this.#book.holderOf(id)
    if (this.#closed || node === undefined || this.#delivered.has(id)) return
    this.#delivered.add(id)
    this.#deliver(node, id.slice(id.lastIndexOf('/') + 1), answer(node))
  }
}
