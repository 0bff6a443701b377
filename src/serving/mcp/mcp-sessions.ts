import type { McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import type { Clock } from '../../core/index.js'
import type { Principal } from '../principal.js'
import { Problem } from '../problem.js'
import type { McpServingOptions } from './mcp-options.js'

/** A conversation with an older client, which introduces itself once and goes by an id from then on. */
export interface McpSession {
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly server: McpServer
  readonly principal: Principal
}

interface KeptSession extends McpSession {
  usedAt: number
  /** Requests that are being answered, streams among them. */
  open: number
}

type Settings = Pick<Required<McpServingOptions>, 'maxSessions' | 'sessionIdleMs'>

/** The sessions of older clients: bounded, forgotten when they are idle, each for whom it was opened. */
export class McpSessions {
  /** The one that was used last is the last. */
  readonly #sessions = new Map<string, KeptSession>()
  readonly #settings: Settings
  readonly #clock: Clock

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  /** How many there are. */
  get size(): number {
    return this.#sessions.size
  }

  /** @throws Problem 503 if there are too many, and none is idle */
  makeRoom(): void {
    this.#forgetIdle()
    if (this.#sessions.size < this.#settings.maxSessions) return
    const idle = [...this.#sessions].find(([, { open }]) => open === 0)
    if (idle !== undefined) return this.remove(idle[0])
    const detail = `${this.#sessions.size} sessions are open already, and all are in use. Try again in a moment.`
    throw new Problem(503, { code: 'UNAVAILABLE', detail, headers: { 'retry-after': '1' } })
  }

  add(id: string, session: McpSession): void {
    this.#sessions.set(id, { ...session, usedAt: this.#clock.now(), open: 0 })
  }

  /** The session of a caller; `undefined` if there is none, or it is somebody else's. */
  find(id: string, { tenant, name }: Principal): McpSession | undefined {
    this.#forgetIdle()
    const found = this.#sessions.get(id)
    return found?.principal.tenant === tenant && found.principal.name === name ? found : undefined
  }

  /** Says that a session is in use; returns what says that it is not any more. */
  use(id: string): () => void {
    const session = this.#sessions.get(id)
    if (session === undefined) return () => undefined
    this.#touch(id, session)
    session.open++
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      session.open--
      if (this.#sessions.get(id) === session) this.#touch(id, session)
    }
  }

  remove(id: string): void {
    const session = this.#sessions.get(id)
    this.#sessions.delete(id)
    session?.server.close().catch(() => undefined)
  }

  #touch(id: string, session: KeptSession): void {
    session.usedAt = this.#clock.now()
    this.#sessions.delete(id)
    this.#sessions.set(id, session)
  }

  #forgetIdle(): void {
    const since = this.#clock.now() - this.#settings.sessionIdleMs
    for (const [id, { usedAt, open }] of this.#sessions) if (open === 0 && usedAt <= since) this.remove(id)
  }
}
