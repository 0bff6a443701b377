import type { OrchestrationRun } from '../core/index.js'
import type { StoredTurn } from './journal-format.js'
import type { JournalEntry } from './journal-records.js'
import type { JournalStore } from './journal-store.js'

/** The time from a pause until the run goes on here. */
interface Pause {
  readonly stopWatching: () => void
  /** The last entry of the journal that is known to be no taking up; `undefined` until the store has the pause. */
  seq: number | undefined
}

/**
 * Notices that a run which is paused here goes on elsewhere: what is paused belongs to nobody, so that any process may take it up, and
 * this one has nothing left but a handle that leads nowhere.
 */
export class PausedHandle {
  readonly #store: JournalStore
  readonly #run: OrchestrationRun<unknown>
  readonly #left: () => void
  #pause: Pause | undefined
  #isOver = false

  /** @param left is called once, when the run has been found to go on elsewhere */
  constructor(store: JournalStore, run: OrchestrationRun<unknown>, left: () => void) {
    this.#store = store
    this.#run = run
    this.#left = left
  }

  /** To be called when the run has been paused. */
  paused(): void {
    if (this.#isOver) return
    this.resumed()
    try {
      this.#pause = { stopWatching: this.#store.watch(this.#run.id, () => void this.look()), seq: undefined }
    } catch {
      // A store that is closed tells nothing more, and nobody goes on with anything from here.
      return
    }
    void this.look()
  }

  /** To be called when the run goes on here. */
  resumed(): void {
    this.#pause?.stopWatching()
    this.#pause = undefined
  }

  /** Whether the run goes on elsewhere; resolves when nothing of it is left here. */
  async look(): Promise<boolean> {
    const pause = this.#pause
    if (pause === undefined || !this.#lasts(pause)) return this.#isOver
    // What the store does not say now, a later look may find out.
    const isElsewhere = await this.#goesOnElsewhere(pause).catch(() => false)
    // Meanwhile it may have gone on here, and been paused once more.
    if (!isElsewhere || !this.#lasts(pause)) return this.#isOver
    await this.#leave()
    return true
  }

  #lasts(pause: Pause): boolean {
    return this.#pause === pause && this.#run.status === 'paused'
  }

  async #goesOnElsewhere(pause: Pause): Promise<boolean> {
    const record = await this.#store.get(this.#run.id)
    // One that has ended, or is gone, has not done so here.
    if (record?.status !== 'paused' && record?.status !== 'running') return true
    if (pause.seq === undefined) {
      // As long as runs inside it are still at work, it belongs to this process.
      if (record.status === 'paused') pause.seq = record.seq
      return false
    }
    // Answers that arrive while it is paused are written here too; whoever takes it up says so.
    const added = await this.#store.read(this.#run.id, pause.seq + 1)
    pause.seq = added.at(-1)?.seq ?? pause.seq
    return added.some(isTakingUp)
  }

  /** Nothing is noticed any more. */
  end(): void {
    this.#isOver = true
    this.resumed()
  }

  /** Whoever waits for the handle has to hear that it leads nowhere: its journal refuses it whatever it would write. */
  async #leave(): Promise<void> {
    this.end()
    this.#left()
    this.#run.cancel('somebody else has gone on with it')
    await this.#run.result.catch(() => undefined)
  }
}

function isTakingUp({ data }: JournalEntry): boolean {
  const { run, facts = [], base } = JSON.parse(data) as Partial<StoredTurn>
  return (
    base !== undefined ||
    (run === undefined && facts.some(fact => (fact as { readonly type?: string }).type === 'resume'))
  )
}
