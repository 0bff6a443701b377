import { randomUUID } from 'node:crypto'
import type { ServerContext } from '../server-context.js'
import type { ServedTurn } from './served-turn.js'

/** How long the turn of a chat waits for a person, in milliseconds. */
const heldMs = 3_600_000

interface HeldTurn {
  readonly turn: ServedTurn
  readonly tenant: string
  readonly model: string
  readonly until: number
  readonly leave: () => void
}

/**
 * Turns of chats that wait for a person, between two requests of a client, and that no store keeps. They are held in the process, each for an hour; once they
 * would take half of the places that there are for streams, the one that has waited longest is given up.
 */
export class HeldTurns {
  readonly #server: ServerContext
  /** The one that has waited longest is the first. */
  readonly #held = new Map<string, HeldTurn>()

  constructor(server: ServerContext) {
    this.#server = server
  }

  /** Holds a turn; returns the id by which it is found again. @throws Problem 503 if the server is closing or busy */
  hold(turn: ServedTurn, tenant: string, model: string): string {
    this.#giveUpExpired()
    const [oldest] = this.#held.keys()
    if (oldest !== undefined && this.#held.size >= Math.ceil(this.#server.limits.maxStreams / 2))
      this.#giveUp(oldest, 'others wait, too')
    const id = randomUUID()
    const leave = this.#server.streams.enter(() => this.#giveUp(id, 'the server is closing'))
    // It may end by itself, for example because the question has a time limit.
    void turn.over.then(() => this.release(id))
    this.#held.set(id, { turn, tenant, model, until: this.#server.clock.now() + heldMs, leave })
    return id
  }

  /** A turn that is held for a caller; `undefined` if it is not there (any more), or not theirs. */
  find(id: string, tenant: string, model: string): ServedTurn | undefined {
    this.#giveUpExpired()
    const held = this.#held.get(id)
    return held?.tenant === tenant && held.model === model ? held.turn : undefined
  }

  /** Holds a turn no longer. */
  release(id: string): void {
    this.#held.get(id)?.leave()
    this.#held.delete(id)
  }

  #giveUpExpired(): void {
    const now = this.#server.clock.now()
    for (const [id, { until }] of this.#held) if (until <= now) this.#giveUp(id, 'nobody has answered in time')
  }

  #giveUp(id: string, reason: string): void {
    this.#held.get(id)?.turn.cancel(reason)
    this.release(id)
  }
}
