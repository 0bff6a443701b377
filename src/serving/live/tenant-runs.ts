import type { RunQuery, RunRecord } from '../../durability/index.js'
import { ensureError } from '../../errors/index.js'
import { isOf, type ServerContext, tenantTag } from '../server-context.js'
import type { EventsFrom } from './run-events.js'

/** How often it is looked for runs that others have started or resumed, in milliseconds. */
const lookMs = 1000

/** How much the clocks of processes that share a store may differ, in milliseconds. */
const skewMs = 5000

/** Begins to tell a run's events; resolves when none that comes from now on is missed. */
export type FollowRun = (record: RunRecord, from: EventsFrom) => Promise<void>

/**
 * The runs of a tenant in which something happens: those that are under way, then those that begin or go on, whoever drives them. Those
 * of this server are found at once, those of others within {@link lookMs}.
 */
export class TenantRuns {
  readonly #server: ServerContext
  readonly #tenant: string
  readonly #follow: FollowRun
  /** When it was last heard of them; `Infinity` for those that are followed. */
  readonly #known = new Map<string, number>()
  readonly #subscription: { unsubscribe(): void }
  readonly #began: number
  #since: number
  #timer: unknown
  #over = false

  constructor(server: ServerContext, tenant: string, follow: FollowRun) {
    this.#server = server
    this.#tenant = tenant
    this.#follow = follow
    this.#began = server.clock.now()
    this.#since = this.#began - skewMs
    this.#subscription = server.started$.subscribe(runId => void this.#find(runId))
  }

  /** Follows what is under way; afterwards it looks for others until it is closed. */
  async begin(): Promise<void> {
    for (const record of await this.#list({ updated: { from: this.#since } })) {
      const { runId, status } = record
      if (status === 'running' || status === 'paused') await this.#add(record, 'now')
      // What has ended just before is nothing new.
      else this.left(runId)
    }
    for (const record of await this.#list({ status: ['running'] })) await this.#add(record, 'now')
    this.#lookLater()
  }

  /** A run that was followed has come to its end. */
  left(runId: string): void {
    this.#known.set(runId, this.#server.clock.now())
  }

  get isClosed(): boolean {
    return this.#over
  }

  close(): void {
    this.#over = true
    this.#subscription.unsubscribe()
    this.#server.clock.clearTimeout(this.#timer)
  }

  async #add(record: RunRecord, from?: EventsFrom): Promise<void> {
    const { runId, createdAt } = record
    if (this.#over || this.#known.has(runId) || !isOf(record, this.#tenant)) return
    this.#known.set(runId, Infinity)
    // One that was there before and was not followed has been at rest at least that long.
    const before = this.#began - skewMs
    try {
      await this.#follow(record, from ?? (createdAt >= before ? 0 : { since: before }))
    } catch (thrown) {
      this.left(runId)
      this.#server.logger.warn(`Run ${runId} cannot be followed`, ensureError(thrown))
    }
  }

  async #find(runId: string): Promise<void> {
    const record = await this.#server.host.store.get(runId).catch(() => undefined)
    if (record !== undefined) await this.#add(record)
  }

  #lookLater(): void {
    if (this.#over) return
    this.#timer = this.#server.clock.setTimeout(() => void this.#look(), lookMs)
  }

  async #look(): Promise<void> {
    try {
      const since = this.#since
      this.#since = this.#server.clock.now() - skewMs
      for (const record of await this.#list({ updated: { from: since } })) await this.#add(record)
      // What the next look cannot find any more need not be known any more.
      for (const [runId, heard] of this.#known) if (heard < since - skewMs) this.#known.delete(runId)
    } catch (thrown) {
      this.#server.logger.warn('It could not be looked for new executions', ensureError(thrown))
    }
    this.#lookLater()
  }

  async #list(query: RunQuery): Promise<readonly RunRecord[]> {
    const tags = this.#tenant === 'default' ? {} : { [tenantTag]: this.#tenant }
    const found: RunRecord[] = []
    let cursor: string | undefined
    do {
      const { runs, next } = await this.#server.host.store.list({
        ...query,
        tags,
        ...(cursor === undefined ? {} : { cursor }),
      })
      found.push(...runs)
      cursor = next
    } while (cursor !== undefined && !this.#over)
    return found
  }
}
