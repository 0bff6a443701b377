import type { OrchestrationEvent } from '../core/index.js'
import type { RunRecord } from '../durability/index.js'
import { openRequests } from './answer-request.js'
import { RunEvents } from './live/run-events.js'
import type { ServerContext } from './server-context.js'

/** Where following begins, and what ends it early. */
export interface FollowOptions {
  /** The number of the first event; `'now'`: none that has happened before it was opened. */
  readonly from: number | 'now'
  readonly signal: AbortSignal
}

/**
 * The events of a run as they happen, until it ends, the signal says that nobody listens any more, or the server closes. It counts as a
 * stream until it has been read to its end, left, or closed.
 */
export class RunFollower implements AsyncIterable<OrchestrationEvent> {
  readonly #events: RunEvents
  readonly #signal: AbortSignal
  readonly #leave: () => void
  readonly #stop = (): void => this.close()

  private constructor(server: ServerContext, events: RunEvents, signal: AbortSignal) {
    this.#events = events
    this.#signal = signal
    this.#leave = server.streams.enter(this.#stop)
    signal.addEventListener('abort', this.#stop, { once: true })
    // Nobody says it again if it was said while the events were being opened.
    if (signal.aborted) this.close()
  }

  /** @throws Problem 503 if too many streams are open */
  static async open(server: ServerContext, record: RunRecord, { from, signal }: FollowOptions): Promise<RunFollower> {
    const events = await RunEvents.open(server, record, from)
    try {
      return new RunFollower(server, events, signal)
    } catch (thrown) {
      events.close()
      throw thrown
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OrchestrationEvent, void, undefined> {
    try {
      for (let batch = await this.#events.next(); batch !== undefined; batch = await this.#events.next()) yield* batch
    } finally {
      this.close()
    }
  }

  /** Ends it; closing twice is fine. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#stop)
    this.#leave()
    this.#events.close()
  }
}

/** Whether an event says that a run, or a run inside it, waits for an answer from outside. */
export function opensRequest(event: OrchestrationEvent): boolean {
  return event.type === 'approval.requested' || (event.type === 'state.waiting' && event.kind === 'signal')
}

/** What a client is told that waits: of the nodes of the run itself, not of those inside them. `undefined` if nothing. */
export function progressText(
  { kinds }: Pick<ServerContext, 'kinds'>,
  record: RunRecord,
  event: OrchestrationEvent,
): string | undefined {
  if (event.path !== undefined || (event.type !== 'state.started' && event.type !== 'state.completed')) return undefined
  const node = kinds.nodeId(record, event.stateName)
  return node === undefined ? undefined : `${node}: ${event.type === 'state.started' ? 'started' : 'completed'}`
}

/** Whether a run waits for an answer to something that is not known already. */
export async function waitsForAnswer(
  server: ServerContext,
  record: RunRecord,
  known: ReadonlySet<string> = new Set(),
): Promise<boolean> {
  const open = await openRequests(server, record)
  return open.some(({ requestId }) => !known.has(requestId))
}
