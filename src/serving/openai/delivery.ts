import { ensureError } from '../../errors/index.js'
import { isServerFault, Problem } from '../problem.js'
import type { ServerContext } from '../server-context.js'
import type { Answer, AnswerEnd, AnswerPiece } from './answer.js'
import { noRetry } from './api-error.js'

/** How often a stream in which nothing happens says that it is still there, in milliseconds. */
const heartbeatMs = 15_000

/** How an answer is put into a stream. */
export interface AnswerFrames {
  /** What comes before everything else. */
  begin(): string
  /** A piece; the end is one of them. */
  piece(piece: AnswerPiece): string | Promise<string>
  /** There will be no answer, and why. */
  failure(thrown: unknown): string | Promise<string>
}

/** What a delivery needs to know. */
export interface DeliveryOptions {
  readonly server: ServerContext
  /** The request; its signal tells when the client has left. */
  readonly request: Request
  /** Whether the work goes on without the client. */
  readonly detached: boolean
}

/**
 * Brings answers to clients: in one piece, or as server-sent events. A client that leaves before the end cancels the work for its
 * answer, unless it has said otherwise; a server that closes does not.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #leave: () => void
  #answer: Answer | undefined
  #isOver = false
  #isClosing = false
  /** Of the next heartbeat. */
  #timer: unknown

  /** @throws Problem 503 if there are too many, or the server is closing */
  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#leave = options.server.streams.enter(() => this.#close())
  }

  /** Begins an answer; gives up the place of this delivery if that is refused. */
  async begin(work: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await work()
      this.#answer = answer
      const { signal } = this.#options.request
      if (signal.aborted) this.#clientHasLeft()
      else signal.addEventListener('abort', this.#clientHasLeft, { once: true })
      if (this.#isClosing) this.#close()
      return answer
    } catch (thrown) {
      this.#end()
      throw thrown
    }
  }

  /** The end of the answer, when it is there. @throws what it fails with; Problem 503 if the server closes before */
  async whole(answer: Answer): Promise<AnswerEnd> {
    try {
      for await (const piece of answer.pieces()) if (piece.type === 'end') return piece
      throw new Error('An answer has no end.')
    } catch (thrown) {
      if (this.#isClosing) throw closing()
      throw this.#isOver ? gone() : thrown
    } finally {
      this.#end()
    }
  }

  /** The answer as it comes. Nothing is made of it faster than the client reads. */
  stream(answer: Answer, frames: AnswerFrames): ReadableStream<Uint8Array> {
    const pieces = answer.pieces()
    const { server } = this.#options
    const { maxBufferedBytes } = server.limits
    let isFull = false
    return new ReadableStream<Uint8Array>(
      {
        start: controller => {
          controller.enqueue(encoder.encode(frames.begin()))
          const beat = (): void => {
            this.#timer = server.clock.setTimeout(() => {
              if (this.#isOver) return
              const room = controller.desiredSize ?? 0
              if (room <= 0 && isFull) {
                // It has not taken anything since the last beat.
                controller.error(new Error('The reader is too slow.'))
                this.#clientHasLeft()
                return
              }
              isFull = room <= 0
              if (room >= maxBufferedBytes) controller.enqueue(encoder.encode(': still here\n\n'))
              beat()
            }, heartbeatMs)
          }
          beat()
        },
        pull: async controller => {
          isFull = false
          try {
            const next = await pieces.next()
            if (this.#isOver) return
            const isEnd = next.done === true || next.value.type === 'end'
            if (next.done !== true) controller.enqueue(encoder.encode(await frames.piece(next.value)))
            if (!isEnd) return
            // From here on it is too late to leave: what waits for a person goes on waiting.
            this.#end()
            await pieces.return?.()
            controller.close()
          } catch (thrown) {
            if (this.#isOver) return
            const failure = this.#isClosing ? closing() : thrown
            if (isServerFault(failure)) server.logger.warn('An answer has broken off', ensureError(failure))
            try {
              controller.enqueue(encoder.encode(await frames.failure(failure)))
              controller.close()
            } finally {
              this.#end()
            }
          }
        },
        cancel: () => this.#clientHasLeft(),
      },
      { highWaterMark: maxBufferedBytes, size: chunk => chunk?.byteLength ?? 0 },
    )
  }

  readonly #clientHasLeft = (): void => {
    if (this.#isOver) return
    this.#end()
    if (this.#options.detached) this.#answer?.leave()
    else void this.#answer?.cancel('the client has left')
  }

  #close(): void {
    if (this.#isOver) return
    this.#isClosing = true
    this.#answer?.leave()
  }

  #end(): void {
    this.#isOver = true
    this.#options.server.clock.clearTimeout(this.#timer)
    this.#options.request.signal.removeEventListener('abort', this.#clientHasLeft)
    this.#leave()
  }
}

const encoder = new TextEncoder()

/** For nobody: the client is not there any more, and the server has nothing to be sorry for. */
function gone(): Problem {
  return new Problem(499, { code: 'BAD_REQUEST', detail: 'The client has left before there was an answer.' })
}

function closing(): Problem {
  return new Problem(503, {
    code: 'UNAVAILABLE',
    detail: 'The server is closing. What was asked for goes on when it is there again.',
    headers: { ...noRetry, 'retry-after': '1' },
  })
}
