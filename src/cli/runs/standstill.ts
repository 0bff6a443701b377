import type { OpenRequest, OrchestrationRun } from '../../core/index.js'
import type { BranchView, Journal, JournalStore, RunView } from '../../durability/index.js'

/** How long after an event it is looked whether a run still goes on, in milliseconds. */
const soon = 20
/** How long until it is looked again, at most. */
const later = 2000

/**
 * Notices when nothing goes on in a run any more until somebody answers what it asks. What is at work is asked of its journal, since a
 * state that is done may still be routed.
 */
export class Standstill {
  readonly #run: OrchestrationRun<unknown>
  readonly #journal: Journal<unknown, unknown>
  readonly #store: JournalStore
  readonly #tell: (requests: readonly OpenRequest[]) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #looking = false
  #stopped = false

  constructor(
    run: OrchestrationRun<unknown>,
    journal: Journal<unknown, unknown>,
    store: JournalStore,
    tell: (requests: readonly OpenRequest[]) => void,
  ) {
    this.#run = run
    this.#journal = journal
    this.#store = store
    this.#tell = tell
  }

  /** Something has happened. */
  look(delay = soon): void {
    if (this.#stopped || this.#looking || this.#run.requests.length === 0) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#check(delay), delay)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #check(delay: number): Promise<void> {
    this.#looking = true
    // A journal that cannot be read is told of by the run itself.
    const view = await this.#unanswered().catch(() => undefined)
    this.#looking = false
    const { requests } = this.#run
    if (this.#stopped || requests.length === 0) return
    if (view !== undefined && standsStill(view, requests)) this.#tell(requests)
    else this.look(Math.min(later, delay * 2))
  }

  /** How the run is if no answer is on its way to it: with one there, it goes on as soon as it hears of that. */
  async #unanswered(): Promise<RunView | undefined> {
    const answers = await this.#store.answers(this.#run.id)
    return answers.length > 0 ? undefined : this.#journal.stateAt(this.#run.id)
  }
}

/** Whether nothing goes on in a run until somebody from outside does something. */
function standsStill({ branches, inner }: RunView, requests: readonly { readonly id: string }[]): boolean {
  const all = [branches, ...inner.map(run => run.branches)].flat()
  return all.length > 0 && all.every(branch => isIdle(branch, requests))
}

function isIdle({ phase, waitsFor, token }: BranchView, requests: readonly { readonly id: string }[]): boolean {
  if (phase === 'joining') return true
  if (phase === 'waiting') return waitsFor?.kind !== 'delay'
  // A state at work may have asked a person in the middle of it: `0:1#name`.
  return phase === 'working' && requests.some(({ id }) => id.split('/').some(part => part.startsWith(`${token}#`)))
}
