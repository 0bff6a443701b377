import type { ServerResponse } from 'node:http'

/**
 * A response whose body may break off in the middle, as that of a reader who is cut off: then its connection goes, which is all there
 * is to tell the client by then. Otherwise the server would report it, and write its message behind what was sent.
 */
export function endingWithConnection(response: Response, outgoing: ServerResponse): Response {
  const { body, status, headers } = response
  if (body === null || headers.get('content-type')?.startsWith('text/event-stream') !== true) return response
  const reader = body.getReader()
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch {
          outgoing.destroy()
          controller.close()
        }
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return new Response(stream, { status, headers })
}
