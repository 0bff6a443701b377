import { isTerminalEvent, type OrchestrationEvent } from '../../core/index.js'
import type { RunRecord } from '../../durability/index.js'
import { JournalReader } from '../../durability/internal.js'
import { definitionOf } from '../rest/run-reader.js'
import type { ServerContext } from '../server-context.js'

/** How many entries of a journal are read at once; few, since each may have many events. */
const portion = 25

/**
 * Where the events begin that are wanted: at a number, at a moment (in milliseconds since 1970), or with the next one that happens.
 */
export type EventsFrom = number | 'now' | { readonly since: number }

/** What is told of an event; `undefined` if nothing. */
export type Told = (event: OrchestrationEvent) => OrchestrationEvent | undefined

/**
 * The events of a run from a number on, whoever drives it, for one reader who takes them as fast as it can: nothing is read ahead of
 * what it has asked for, so one that is slow, or far behind, costs no memory. No event is left out, none comes twice.
 */
export class RunEvents {
  readonly #server: ServerContext
  readonly #runId: string
  readonly #stop: () => void
  #reader: JournalReader | undefined
  readonly #since: number
  readonly #told: Told | undefined
  #from: number
  #changed = false
  #over = false
  #closed = false
  #wake: (() => void) | undefined

  private constructor(server: ServerContext, runId: string, from: EventsFrom, told: Told | undefined) {
    this.#server = server
    this.#runId = runId
    this.#told = told
    this.#from = typeof from === 'number' ? from : 0
    this.#since = typeof from === 'object' ? from.since : 0
    this.#stop = server.host.store.watch(runId, () => {
      this.#changed = true
      this.#wake?.()
    })
  }

  /** @param told what is told of each event, the first one included; `undefined` of those that are left out. @default they as they are */
  static async open(server: ServerContext, record: RunRecord, from: EventsFrom, told?: Told): Promise<RunEvents> {
    const events = new RunEvents(server, record.runId, from, told)
    try {
      await events.#open(record, from)
      return events
    } catch (thrown) {
      events.close()
      throw thrown
    }
  }

  /** What there is to read at the moment, possibly nothing; `undefined` once there will be nothing any more. */
  async poll(): Promise<readonly OrchestrationEvent[] | undefined> {
    const reader = this.#reader as JournalReader
    for (;;) {
      if (this.#over) return undefined
      this.#changed = false
      const before = reader.seq
      const found = await this.#read(reader)
      const isAtEnd = reader.seq === before
      if (isAtEnd && (reader.tree.root?.state.phase === 'ended' || !(await this.#isThere()))) this.#end()
      if (found.length > 0 || isAtEnd) return this.#over && found.length === 0 ? undefined : found
    }
  }

  /** The next events; waits until there are some. `undefined` after the last one, and once it is closed. */
  async next(): Promise<readonly OrchestrationEvent[] | undefined> {
    for (;;) {
      const found = await this.poll()
      if (found === undefined || found.length > 0) return found
      if (this.#changed) continue
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }

  /** Whether its reader has closed it. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** Ends it: whoever waits for the next events gets none. */
  close(): void {
    this.#closed = true
    this.#end()
  }

  #end(): void {
    this.#over = true
    this.#stop()
    this.#wake?.()
  }

  /** The events of the next entries. */
  async #read(reader: JournalReader): Promise<readonly OrchestrationEvent[]> {
    const found: OrchestrationEvent[] = []
    let hasEnded = false
    await reader.read(reader.seq + portion, (_entry, events) => {
      for (const event of events) {
        const words = this.#told === undefined ? event : this.#told(event)
        if (words !== undefined && event.seq >= this.#from && event.at >= this.#since) found.push(words)
        hasEnded ||= isTerminalEvent(event)
      }
    })
    if (hasEnded) this.#end()
    const last = found.at(-1)
    if (last !== undefined) this.#from = last.seq + 1
    return found
  }

  async #open(record: RunRecord, from: EventsFrom): Promise<void> {
    const definition = await definitionOf(this.#server, record)
    const open = (): JournalReader =>
      new JournalReader(this.#server.host.store, record, definition?.graph, definition?.durable.version)
    const reader = open()
    // What is told of an event may depend on those before it.
    const skipped = this.#told === undefined && (await reader.skipTo(record))
    if (from === 'now') {
      await reader.read()
      this.#from = reader.tree.root?.events ?? 0
    }
    const isTooFar = skipped && (reader.tree.root?.events ?? 0) > this.#from
    this.#reader = isTooFar ? open() : reader
  }

  /** A run that is deleted has no events any more. */
  async #isThere(): Promise<boolean> {
    return (await this.#server.host.store.get(this.#runId)) !== undefined
  }
}
