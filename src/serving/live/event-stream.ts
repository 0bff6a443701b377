import type { OrchestrationEvent } from '../../core/index.js'
import { ensureError } from '../../errors/index.js'
import type { ServerContext } from '../server-context.js'
import { wireEvent } from '../wire-event.js'
import type { RunEvents } from './run-events.js'

/** How often a stream without events says that it is still there, in milliseconds. */
export const heartbeatMs = 15_000

/** How long a reader that is as far behind as it may be has to take something, in milliseconds. */
export const stallMs = 10_000

/**
 * Events as server-sent events. Whoever reads them decides how fast: once `maxBufferedBytes` wait for it, nothing more is read for
 * it, and if it then takes nothing for a while it is cut off. It takes up again with the id of the last event that it has got.
 */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>
  readonly #server: ServerContext
  readonly #events: RunEvents
  readonly #leave: () => void
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #heartbeat: unknown
  #taken: (() => void) | undefined
  #over = false

  /**
   * @param first what has been read of the events already
   * @throws Problem 503 if too many streams are open; then the events are closed
   */
  constructor(server: ServerContext, events: RunEvents, first: readonly OrchestrationEvent[]) {
    this.#server = server
    this.#events = events
    try {
      this.#leave = server.streams.enter(() => this.#end())
    } catch (thrown) {
      events.close()
      throw thrown
    }
    const { maxBufferedBytes } = server.limits
    this.body = new ReadableStream(
      {
        start: controller => {
          this.#controller = controller
          void this.#pump(first)
        },
        pull: () => this.#taken?.(),
        cancel: () => this.#release(),
      },
      { highWaterMark: maxBufferedBytes, size: chunk => chunk?.byteLength ?? 0 },
    )
  }

  async #pump(first: readonly OrchestrationEvent[]): Promise<void> {
    this.#write('retry: 1000\n\n')
    this.#beat()
    try {
      for (let batch: readonly OrchestrationEvent[] | undefined = first; batch !== undefined; ) {
        for (const event of batch) {
          if (!(await this.#hasRoom())) return
          this.#write(frame(event))
        }
        batch = await this.#events.next()
      }
      this.#end()
    } catch (thrown) {
      this.#server.logger.warn('A stream of events has broken off', ensureError(thrown))
      this.#cutOff('The events cannot be read.')
    }
  }

  /** Waits for a reader that is behind; false once the stream is over. */
  async #hasRoom(): Promise<boolean> {
    if (this.#over) return false
    if ((this.#controller?.desiredSize ?? 0) > 0) return true
    const { clock } = this.#server
    const timer = clock.setTimeout(() => this.#cutOff('The reader is too slow.'), stallMs)
    await new Promise<void>(resolve => {
      this.#taken = resolve
    })
    this.#taken = undefined
    clock.clearTimeout(timer)
    return !this.#over
  }

  #beat(): void {
    if (this.#over) return
    this.#heartbeat = this.#server.clock.setTimeout(() => {
      // A reader that has something waiting knows that the stream is there.
      if ((this.#controller?.desiredSize ?? 0) >= this.#server.limits.maxBufferedBytes) this.#write(': still here\n\n')
      this.#beat()
    }, heartbeatMs)
  }

  #write(text: string): void {
    if (!this.#over) this.#controller?.enqueue(encoder.encode(text))
  }

  /** Ends the stream behind what is still to be read. */
  #end(): void {
    if (this.#over) return
    this.#release()
    this.#controller?.close()
  }

  /** Ends the stream and drops what has not been read. */
  #cutOff(why: string): void {
    if (this.#over) return
    this.#release()
    this.#controller?.error(new Error(why))
  }

  #release(): void {
    this.#over = true
    this.#events.close()
    this.#server.clock.clearTimeout(this.#heartbeat)
    this.#leave()
    this.#taken?.()
  }
}

const encoder = new TextEncoder()

/** An event in the format of server-sent events. */
function frame(event: OrchestrationEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(wireEvent(event))}\n\n`
}
