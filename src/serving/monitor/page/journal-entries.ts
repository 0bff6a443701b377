import { ask, runPath } from './api.js'
import type { HistoryEntry } from './wire.js'

/** What is known of an entry of the journal. */
export interface EntryInfo {
  readonly at: string
  /** How many events there were after it. */
  readonly events: number
}

const page = 50

/** Looks up entries of a run's journal, and keeps what it has found: they do not change. */
export class JournalEntries {
  readonly #runId: string
  readonly #signal: AbortSignal
  readonly #known = new Map<number, EntryInfo>()

  constructor(runId: string, signal: AbortSignal) {
    this.#runId = runId
    this.#signal = signal
  }

  /** @throws Refusal */
  async find(seq: number): Promise<EntryInfo> {
    const known = this.#known.get(seq)
    if (known !== undefined) return known
    // An entry may have no events of its own; then those before it count.
    const from = Math.max(1, seq - page / 2)
    const { entries } = await ask<{ readonly entries: readonly HistoryEntry[] }>(runPath(this.#runId, 'history'), {
      query: { cursor: from, limit: page },
      signal: this.#signal,
    })
    let events: number | undefined = from === 1 ? 0 : undefined
    for (const entry of entries) {
      const last = entry.events.at(-1)
      if (last !== undefined) events = last.seq + 1
      if (events !== undefined) this.#known.set(entry.seq, { at: entry.at, events })
    }
    return this.#known.get(seq) ?? { at: entries.at(-1)?.at ?? '', events: events ?? 0 }
  }
}
