import type { Clock } from '../../core/index.js'
import { heartbeatMs } from '../live/event-stream.js'

/**
 * Messages as server-sent events, taken from their source only as fast as they are read.
 * @param left called when the reader goes away before the last one
 */
export function rpcStream(
  messages: AsyncGenerator<unknown, void, undefined>,
  { clock, failed, left }: { clock: Clock; failed: (thrown: unknown) => unknown; left: () => void },
): ReadableStream<Uint8Array> {
  let heartbeat: unknown
  let isOver = false
  const stop = (): void => {
    isOver = true
    clock.clearTimeout(heartbeat)
  }
  const beat = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (isOver) return
    heartbeat = clock.setTimeout(() => {
      if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(': still here\n\n'))
      beat(controller)
    }, heartbeatMs)
  }
  return new ReadableStream<Uint8Array>({
    start: beat,
    async pull(controller) {
      try {
        const { value, done } = await messages.next()
        if (isOver) return
        if (done !== true) return controller.enqueue(frame(value))
      } catch (thrown) {
        if (isOver) return
        controller.enqueue(frame(failed(thrown)))
      }
      stop()
      controller.close()
    },
    cancel() {
      stop()
      left()
      // What it waits for ends only because of `left`.
      void messages.return().catch(() => undefined)
    },
  })
}

const encoder = new TextEncoder()

function frame(message: unknown): Uint8Array {
  return encoder.encode(`data: ${JSON.stringify(message)}\n\n`)
}
