import type { OrchestrationRun } from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'
import type { StoredDocument, StoredRunStatus } from './journal-records.js'
import type { JournalStore } from './journal-store.js'

const collection = 'run-wishes'

/** How often a process looks for wishes, and whoever has one for what has come of it, in milliseconds. */
export const wishPollMs = 250

/** What somebody wants of a run. */
export interface RunWish {
  readonly wish: 'pause' | 'cancel'
  /** Why it is to be cancelled. */
  readonly reason?: string
}

/**
 * What has come of a wish: the run is no longer in a state for it; nobody drives the run; whoever drives it knows, and is at it; nobody
 * has reacted.
 */
export type WishOutcome = 'over' | 'undriven' | 'accepted' | 'unheard'

interface KeptWish extends RunWish {
  /** Set by the process that drives the run. */
  readonly accepted?: true
}

/**
 * How a run is paused or cancelled that another process drives: by a note in the store, which that process looks for, and which stays
 * for whoever takes the run up next if it dies.
 */
export class RunWishes {
  readonly #store: JournalStore
  readonly #pollMs: number
  readonly #attended = new Map<string, OrchestrationRun<unknown>>()
  readonly #fulfilling = new Map<OrchestrationRun<unknown>, RunWish['wish']>()
  #timer: ReturnType<typeof setInterval> | undefined
  #looking = false

  constructor(store: JournalStore, pollMs: number) {
    this.#store = store
    this.#pollMs = pollMs
  }

  /**
   * Fulfils what others wish of a run that this process drives, until the function that is returned is called; `kept` is a wish that is
   * known already. Does not keep the process alive.
   */
  attend(run: OrchestrationRun<unknown>, kept?: StoredDocument): () => void {
    this.#attended.set(run.id, run)
    if (kept !== undefined) void this.#fulfil(run, kept)
    this.#timer ??= setInterval(() => void this.#look(), this.#pollMs).unref()
    return () => {
      if (this.#attended.get(run.id) === run) this.#attended.delete(run.id)
      if (this.#attended.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  /**
   * Leaves a wish for whoever drives a run, and waits at most `patienceMs` for what comes of it. It stays in the store unless it is
   * over; a wish to cancel takes the place of one to pause.
   */
  async ask(runId: string, wish: RunWish, patienceMs: number): Promise<WishOutcome> {
    const deadline = Date.now() + patienceMs
    for (let isLeft = false; ; ) {
      const isDrivenNow = await isDriven(this.#store, runId)
      // In this order: nobody drives one that has just been paused as was wished.
      if (isOver(wish, (await this.#store.get(runId))?.status)) {
        await this.withdraw(runId, wish.wish)
        return 'over'
      }
      if (!isDrivenNow) return 'undriven'
      if (!isLeft) await this.#leave(runId, wish)
      isLeft = true
      if (Date.now() >= deadline) {
        const kept = await this.of(runId)
        return kept !== undefined && read(kept).accepted === true ? 'accepted' : 'unheard'
      }
      await new Promise(resolve => setTimeout(resolve, this.#pollMs))
    }
  }

  /** What is wished of a run. */
  of(runId: string): Promise<StoredDocument | undefined> {
    return this.#store.document(collection, runId)
  }

  /** What is wished of all runs, by whomever. */
  async all(): Promise<readonly (RunWish & { readonly runId: string })[]> {
    return (await this.#store.documents(collection)).map(kept => ({ ...read(kept), runId: kept.id }))
  }

  /** Nobody wishes that any more. @default whatever it is */
  async withdraw(runId: string, wish?: RunWish['wish']): Promise<void> {
    const kept = await this.of(runId)
    if (kept === undefined || (wish !== undefined && read(kept).wish !== wish)) return
    await this.#change(kept, undefined)
  }

  async #leave(runId: string, wish: RunWish): Promise<void> {
    for (;;) {
      const kept = await this.of(runId)
      // Somebody else wants the same, or more.
      if (kept !== undefined && [wish.wish, 'cancel'].includes(read(kept).wish)) return
      if (await this.#change(kept ?? { id: runId, data: '', revision: 0 }, wish)) return
    }
  }

  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      for (const kept of await this.#store.documents(collection)) {
        const run = this.#attended.get(kept.id)
        // What is paused belongs to nobody, so another process may have taken it up.
        if (run?.status === 'running') void this.#fulfil(run, kept)
      }
    } catch {
      // Whoever asks is told if nobody reacts; a later look may succeed.
    } finally {
      this.#looking = false
    }
  }

  async #fulfil(run: OrchestrationRun<unknown>, kept: StoredDocument): Promise<void> {
    const { accepted: _accepted, ...wish } = read(kept)
    if (this.#fulfilling.get(run) === wish.wish) return
    this.#fulfilling.set(run, wish.wish)
    try {
      const done = wish.wish === 'pause' ? run.pause() : cancelled(run, wish.reason)
      done.catch(() => undefined)
      if (!(await this.#change(kept, { ...wish, accepted: true }))) return
      await done
      const status = (await this.#store.get(run.id))?.status
      if (isOver(wish, status)) await this.#change({ ...kept, revision: kept.revision + 1 }, undefined)
    } catch {
      // It stays for the next look, or for whoever takes the run up.
    } finally {
      if (this.#fulfilling.get(run) === wish.wish) this.#fulfilling.delete(run)
    }
  }

  /** False if somebody else has changed the wish since it was read. */
  async #change({ id, revision }: StoredDocument, wish: KeptWish | undefined): Promise<boolean> {
    try {
      await this.#store.write([{ collection, id, data: wish && JSON.stringify(wish), revision }])
      return true
    } catch (thrown) {
      if (OrchestrationError.isInstance(thrown) && thrown.code === 'DOCUMENT_CONFLICT') return false
      throw thrown
    }
  }
}

/** Whether somebody drives a run at the moment. */
export async function isDriven(store: JournalStore, runId: string): Promise<boolean> {
  const status = (await store.get(runId))?.status
  if (status !== 'running') return false
  if (!(await store.claim(runId))) return true
  await store.release(runId)
  return false
}

/** Whether a wish has nothing to do any more with a run of such a status. */
function isOver({ wish }: Pick<RunWish, 'wish'>, status: StoredRunStatus | undefined): boolean {
  return status !== 'running' && (wish === 'pause' || status !== 'paused')
}

async function cancelled(run: OrchestrationRun<unknown>, reason: string | undefined): Promise<void> {
  run.cancel(reason)
  await run.result.catch(() => undefined)
}

function read({ data }: StoredDocument): KeptWish {
  return JSON.parse(data) as KeptWish
}
