import { Observable, type Subscriber } from 'rxjs'
import type { ChatMessage } from './chat-message.js'
import type { Spoken } from './partial-reply.js'

/** A piece of a reply on its way: text as it comes, and at last the message. */
export type ReplyPiece =
  | ({ readonly type: 'delta' } & Spoken)
  | { readonly type: 'message'; readonly message: ChatMessage }

/**
 * A reply as it comes. Nothing happens before somebody subscribes, or reads with `for await`; each subscriber sends the message once
 * more. It errors with what `invoke` would reject with, and whoever unsubscribes before the end, or leaves the loop, cancels.
 *
 * The last piece is the message, and what it says is the reply. The texts before it are whatever agents say in the turn: with several
 * agents, tell them apart by `agent`. Pieces are never held back and never dropped: who reads slowly does not slow down the model, and
 * finds everything that came meanwhile.
 */
export class ReplyStream extends Observable<ReplyPiece> implements AsyncIterable<ReplyPiece> {
  /** @internal */
  constructor(start: (subscriber: Subscriber<ReplyPiece>) => () => void) {
    super(start)
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ReplyPiece> {
    const pieces: ReplyPiece[] = []
    let end: { readonly error?: unknown } | undefined
    let wake = (): void => {}
    const subscription = this.subscribe({
      next(piece) {
        pieces.push(piece)
        wake()
      },
      error(error: unknown) {
        end = { error }
        wake()
      },
      complete() {
        end = {}
        wake()
      },
    })
    return {
      async next() {
        while (pieces.length === 0 && end === undefined) {
          await new Promise<void>(resolve => {
            wake = resolve
          })
        }
        const value = pieces.shift()
        if (value !== undefined) return { done: false, value }
        const { error } = end ?? {}
        end = {}
        if (error !== undefined) throw error as Error
        return { done: true, value: undefined }
      },
      async return() {
        subscription.unsubscribe()
        pieces.length = 0
        end = {}
        wake()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}
