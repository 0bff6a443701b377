import type { ServerContext } from './server-context.js'

/** How a response counts as a stream. */
export interface GatedResponseOptions {
  /** Makes the response; not called if there is no room. */
  readonly respond: () => Promise<Response>
  /** Called once, when it is over, also if there was none or it is no stream; with whether the reader has gone away. @default nothing */
  readonly ended?: (isAbandoned: boolean) => void
  /** Ends it from this side. @default it ends by itself */
  readonly over?: AbortSignal
}

/**
 * A response that may be a stream, and counts as one while it is made and as long as somebody reads it; it ends when the server closes.
 * @throws Problem 503 if too many streams are open
 */
export async function gatedResponse(
  { streams }: Pick<ServerContext, 'streams'>,
  { respond, ended = () => undefined, over }: GatedResponseOptions,
): Promise<Response> {
  let leave = (): void => {}
  // Before there is anything to read there is nothing to end.
  let cancel = (): void => {}
  const stop = (): void => cancel()
  const end = (isAbandoned: boolean): void => {
    over?.removeEventListener('abort', stop)
    leave()
    ended(isAbandoned)
  }
  let response: Response
  try {
    leave = streams.enter(stop)
    response = await respond()
  } catch (thrown) {
    end(true)
    throw thrown
  }
  const { body, status, headers } = response
  if (body === null || !(headers.get('content-type') ?? '').startsWith('text/event-stream')) {
    end(false)
    return response
  }
  const reader = body.getReader()
  cancel = () => void reader.cancel()
  over?.addEventListener('abort', stop, { once: true })
  if (over?.aborted === true) stop()
  const gated = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await reader.read()
        if (!done) return controller.enqueue(value)
        controller.close()
        end(false)
      } catch (thrown) {
        controller.error(thrown)
        end(true)
      }
    },
    cancel(reason) {
      end(true)
      return reader.cancel(reason)
    },
  })
  return new Response(gated, { status, headers })
}
