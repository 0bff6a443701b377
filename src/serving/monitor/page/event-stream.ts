import { runPath, send } from './api.js'
import { Refusal } from './refusal.js'
import type { RunView } from './run-words.js'
import { SseReader } from './sse-reader.js'
import type { RunEvent } from './wire.js'

/** How it stands with the stream of events. */
export type StreamState = 'connecting' | 'live' | 'ended' | 'lost'

/** Who listens to the events of a run. */
export interface EventListener {
  readonly events: (events: readonly RunEvent[]) => void
  readonly state: (state: StreamState) => void
}

/**
 * Follows the events of a run from its first one on, until it is over or the signal is aborted. What breaks is taken up again where it
 * broke, so that no event is missed and none comes twice. (An `EventSource` would do that too, but cannot say who asks.)
 */
export async function followEvents(
  runId: string,
  view: RunView,
  listener: EventListener,
  signal: AbortSignal,
): Promise<void> {
  let next = 0
  let isOver = false
  let failures = 0
  while (!isOver && !signal.aborted) {
    listener.state(failures === 0 ? 'connecting' : 'lost')
    try {
      const response = await send(runPath(runId, 'events'), {
        accept: 'text/event-stream',
        query: { from: next, view },
        signal,
      })
      const reader = new SseReader()
      const text = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>)
        .pipeThrough(new TextDecoderStream())
        .getReader()
      listener.state('live')
      for (let piece = await text.read(); !piece.done; piece = await text.read()) {
        failures = 0
        const events = reader.push(piece.value).flatMap(({ data }) => eventsOf(data, next))
        if (events.length === 0) continue
        next = (events.at(-1) as RunEvent).seq + 1
        isOver = events.some(isLast)
        listener.events(events)
      }
    } catch (thrown) {
      if (signal.aborted) return
      // What is refused now will be refused later.
      if (thrown instanceof Refusal && thrown.status >= 400 && thrown.status < 500) throw thrown
    }
    failures++
    if (!isOver) await pause(Math.min(500 * 2 ** failures, 15_000), signal)
  }
  listener.state('ended')
}

function eventsOf(data: string, next: number): readonly RunEvent[] {
  const event = JSON.parse(data) as RunEvent
  return typeof event.seq === 'number' && event.seq >= next ? [event] : []
}

function isLast({ type, path }: RunEvent): boolean {
  return path === undefined && /^orchestration\.(completed|failed|cancelled)$/.test(type)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
