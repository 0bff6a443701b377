import { sleep } from '../../core/internal.js'
import type { RunRecord } from '../../durability/index.js'
import { ensureError } from '../../errors/index.js'
import type { Json } from '../../schema/index.js'
import { answerRequest } from '../answer-request.js'
import type { Principal } from '../principal.js'
import { isServerFault, Problem, problemForm } from '../problem.js'
import { requestOfTenant } from '../rest/execution-view.js'
import { filteredPage } from '../rest/paging.js'
import { requireScope } from '../route-table.js'
import { runOf, type ServerContext } from '../server-context.js'
import { wireEvent } from '../wire-event.js'
import { wireTime } from '../wire-value.js'
import { stallMs } from './event-stream.js'
import {
  type ApproveMessage,
  type ClientMessage,
  idOfMessage,
  readMessage,
  type SubscribeMessage,
  type UnsubscribeMessage,
} from './live-message.js'
import { type LiveEnvelope, projected } from './live-projection.js'
import { RunEvents } from './run-events.js'
import { TenantRuns } from './tenant-runs.js'

/** The other end of a connection, whatever carries it. */
export interface LiveSocket {
  send(text: string): void
  close(code: number, reason: string): void
  /** How many bytes were sent that the other end has not taken yet. */
  readonly bufferedAmount: number
}

/** Why a server closes a connection. */
const liveCloseCodes = { goingAway: 1001, tooSlow: 4008 } as const

/** How often it is looked whether a reader that is behind has taken something, in milliseconds. */
const lookMs = 20

/** How many executions a connection may name, and how many messages of a client may wait, at once. */
const mostSubscriptions = 1000

/** How many messages as large as they may be, in characters. */
const mostWaiting = 4

/** Everything of the tenant is subscribed to under this name, which no run can have. */
const everything = '/'

/**
 * One client of the WebSocket: it subscribes to executions, gets their events and requests for approval, and decides about them. Each
 * event goes out as `event`, and, if those who know executions and nodes only can make something of it, also as what it means to them
 * (`node_started`, `approval_requested` …). Problems are messages too; the connection stays.
 */
export class LiveConnection {
  readonly #server: ServerContext
  readonly #principal: Principal
  readonly #socket: LiveSocket
  readonly #leave: () => void
  readonly #subscriptions = new Map<string, () => void>()
  #received: Promise<void> = Promise.resolve()
  #waiting = 0
  #waitingLength = 0
  #over = false

  /** @throws Problem 503 if too many streams are open, 403 without the scope `read` */
  constructor(server: ServerContext, principal: Principal, socket: LiveSocket) {
    requireScope(principal, 'read')
    this.#server = server
    this.#principal = principal
    this.#socket = socket
    this.#leave = server.streams.enter(() => this.#close(liveCloseCodes.goingAway, 'The server is closing.'))
  }

  /** How many executions, or all of the tenant as one, are subscribed to. */
  get subscriptions(): number {
    return this.#subscriptions.size
  }

  /** Takes a message of the client, one after the other; resolves when it has been dealt with, and never rejects. */
  receive(text: string): Promise<void> {
    if (this.#over) return Promise.resolve()
    const mostLength = mostWaiting * this.#server.limits.maxBodyBytes
    if (this.#waiting >= mostSubscriptions || this.#waitingLength + text.length > mostLength) {
      this.#close(liveCloseCodes.tooSlow, 'Too many messages at once.')
      return Promise.resolve()
    }
    this.#waiting++
    this.#waitingLength += text.length
    this.#received = this.#received
      .then(() => this.#deal(text))
      .finally(() => {
        this.#waiting--
        this.#waitingLength -= text.length
      })
    return this.#received
  }

  /** Ends everything; for when the other end has gone. Ending it twice is fine. */
  end(): void {
    if (this.#over) return
    this.#over = true
    this.#leave()
    for (const stop of this.#subscriptions.values()) stop()
    this.#subscriptions.clear()
  }

  async #deal(text: string): Promise<void> {
    if (this.#over) return
    try {
      const message = await readMessage(text, this.#server.limits)
      const { type, data, behind } = await this.#replyTo(message)
      this.#send(type, { ...data, ...replyTo(message.id) })
      await behind?.()
    } catch (thrown) {
      this.#tellProblem(thrown, idOfMessage(text))
    }
  }

  async #replyTo(message: ClientMessage): Promise<Reply> {
    switch (message.type) {
      case 'subscribe':
        return this.#subscribe(message)
      case 'unsubscribe':
        return { type: 'unsubscribed', data: this.#unsubscribe(message) }
      case 'approve':
        return { type: 'answered', data: await this.#approve(message) }
      default:
        return { type: 'pong', data: {} }
    }
  }

  /** Begins to read what is subscribed to; it is told when the client knows that it is. What had the same name before ends. */
  async #subscribe({ execution_id: runId, from }: SubscribeMessage): Promise<Reply> {
    if (runId === undefined && from !== undefined) {
      const detail = '"from" is the number of an event of one execution; say of which with "execution_id".'
      throw new Problem(422, { code: 'PAYLOAD_INVALID', detail })
    }
    const name = runId ?? everything
    if (this.#subscriptions.size >= mostSubscriptions && !this.#subscriptions.has(name)) {
      const detail = `A connection may subscribe to ${mostSubscriptions} executions at once. Subscribe to all of them.`
      throw new Problem(429, { code: 'TOO_MANY_REQUESTS', detail })
    }
    let tell = (): void => undefined
    const known = new Promise<void>(resolve => {
      tell = resolve
    })
    const stop = runId === undefined ? await this.#followAll(known) : await this.#followOne(runId, from, known)
    this.#subscriptions.get(name)?.()
    if (this.#over) stop()
    else this.#subscriptions.set(name, stop)
    return {
      type: 'subscribed',
      data: runId === undefined ? {} : { execution_id: runId },
      behind: async () => {
        if (from === undefined) await this.#tellOpenRequests(runId)
        tell()
      },
    }
  }

  async #followOne(runId: string, from: number | undefined, known: Promise<void>): Promise<() => void> {
    const record = await runOf(this.#server, this.#principal, runId)
    const events = await RunEvents.open(this.#server, record, from ?? 'now')
    const stop = (): void => events.close()
    void this.#pump(events, record, known).then(() => {
      if (this.#subscriptions.get(runId) === stop) this.#subscriptions.delete(runId)
    })
    return stop
  }

  async #followAll(known: Promise<void>): Promise<() => void> {
    const followed = new Set<RunEvents>()
    const runs = new TenantRuns(this.#server, this.#principal.tenant, async (record, from) => {
      const events = await RunEvents.open(this.#server, record, from)
      if (runs.isClosed) return events.close()
      followed.add(events)
      void this.#pump(events, record, known).then(() => {
        followed.delete(events)
        runs.left(record.runId)
      })
    })
    const stop = (): void => {
      runs.close()
      for (const events of followed) events.close()
    }
    try {
      await runs.begin()
      return stop
    } catch (thrown) {
      stop()
      throw thrown
    }
  }

  #unsubscribe({ execution_id: runId }: UnsubscribeMessage): Record<string, Json> {
    const names = runId === undefined ? [...this.#subscriptions.keys()] : [runId]
    for (const name of names) {
      this.#subscriptions.get(name)?.()
      this.#subscriptions.delete(name)
    }
    return runId === undefined ? {} : { execution_id: runId }
  }

  async #approve(message: ApproveMessage): Promise<Record<string, Json>> {
    const { execution_id: runId, request_id: requestId, approved, reason, data } = message
    const record = await runOf(this.#server, this.#principal, runId)
    await answerRequest(this.#server, this.#principal, record, requestId, {
      approved,
      ...(reason === undefined ? {} : { reason }),
      ...(data === undefined ? {} : { data }),
    })
    return { execution_id: runId, request_id: requestId, approved }
  }

  /** Tells the events of a run until it is over, or they are closed; does not begin before the client knows of it. Never rejects. */
  async #pump(events: RunEvents, record: RunRecord, known: Promise<void>): Promise<void> {
    try {
      await known
      for (let batch = await events.next(); batch !== undefined; batch = await events.next()) {
        for (const event of batch) {
          if (!(await this.#hasRoom(events))) return
          this.#sendEnvelope({ type: 'event', timestamp: wireTime(event.at), data: wireEvent(event) })
          const projection = projected(this.#server, record, event)
          if (projection !== undefined) this.#sendEnvelope(projection)
        }
      }
    } catch (thrown) {
      this.#tellProblem(thrown)
    } finally {
      events.close()
    }
  }

  /** Waits for a client that is behind; one that takes nothing for a while is cut off. False once nothing more is to be sent. */
  async #hasRoom(events: RunEvents): Promise<boolean> {
    const { clock, limits } = this.#server
    let behind = this.#socket.bufferedAmount
    let moved = clock.now()
    while (!this.#over && !events.isClosed && this.#socket.bufferedAmount >= limits.maxBufferedBytes) {
      if (this.#socket.bufferedAmount < behind) moved = clock.now()
      behind = this.#socket.bufferedAmount
      if (clock.now() - moved >= stallMs) {
        this.#close(liveCloseCodes.tooSlow, 'Too slow. Subscribe again from the last event.')
        return false
      }
      await sleep(clock, lookMs)
    }
    return !this.#over && !events.isClosed
  }

  async #tellOpenRequests(runId?: string): Promise<void> {
    const { store } = this.#server.host
    let cursor: string | undefined
    do {
      const { items, next } = await filteredPage(
        { limit: 200, ...(cursor === undefined ? {} : { cursor }) },
        async (limit, at) => {
          const query = { kind: 'approval', limit, ...(at === undefined ? {} : { cursor: at }) } as const
          const page = await store.requests(runId === undefined ? query : { ...query, runId })
          return { items: page.requests, next: page.next }
        },
        request => requestOfTenant(this.#server, this.#principal.tenant, request),
      )
      for (const { requested_at: timestamp, ...data } of items)
        this.#sendEnvelope({ type: 'approval_requested', timestamp, data: data as Record<string, Json> })
      cursor = next
    } while (cursor !== undefined && !this.#over)
  }

  #tellProblem(thrown: unknown, id?: string): void {
    const requestId = globalThis.crypto.randomUUID()
    if (isServerFault(thrown)) this.#server.logger.warn(`Live request ${requestId} failed`, ensureError(thrown))
    this.#send('error', { ...problemForm(thrown, requestId), ...replyTo(id) })
  }

  #send(type: string, data: Record<string, Json>): void {
    this.#sendEnvelope({ type, timestamp: wireTime(this.#server.clock.now()), data })
  }

  #sendEnvelope(envelope: LiveEnvelope): void {
    if (this.#over) return
    // Answers are not held back; a client that asks and asks and does not read is.
    if (this.#socket.bufferedAmount > 2 * this.#server.limits.maxBufferedBytes) {
      this.#close(liveCloseCodes.tooSlow, 'Too slow. Subscribe again from the last event.')
      return
    }
    this.#socket.send(JSON.stringify(envelope))
  }

  #close(code: number, reason: string): void {
    if (this.#over) return
    this.end()
    this.#socket.close(code, reason)
  }
}

/** What is answered to a message, and what comes behind the answer. */
interface Reply {
  readonly type: string
  readonly data: Record<string, Json>
  readonly behind?: () => Promise<void>
}

function replyTo(id: string | undefined): { readonly reply_to?: string } {
  return id === undefined ? {} : { reply_to: id }
}
