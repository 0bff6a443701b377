import type { OrchestrationEvent } from '../../core/index.js'
import type { Page } from '../terminal/page.js'
import { duration } from '../terminal/times.js'
import { eventWords, stateOf } from './event-words.js'
import { RunBoard } from './run-board.js'
import type { RunProgress } from './run-progress.js'
import { totalsLine } from './totals-line.js'

/** What lines are written about: no texts that come in pieces, nothing that another line says already. */
const told: ReadonlySet<OrchestrationEvent['type']> = new Set<OrchestrationEvent['type']>([
  'state.started',
  'state.rerun',
  'state.retrying',
  'approval.requested',
  'approval.answered',
  'budget.warning',
  'budget.exceeded',
  'breaker.changed',
  'hook.failed',
])

/** Writes a line for each thing that happens, for files and pipes. */
export class LineProgress implements RunProgress {
  readonly #page: Page
  readonly #board: RunBoard
  readonly #begun: number
  readonly #isShown: (stateName: string) => boolean
  readonly #now: () => number

  constructor(page: Page, isShown: (stateName: string) => boolean, now: () => number = Date.now) {
    this.#board = new RunBoard(isShown)
    this.#page = page
    this.#isShown = isShown
    this.#now = now
    this.#begun = now()
  }

  event(event: OrchestrationEvent): void {
    const ended = this.#board.add(event)
    const { symbols } = this.#page
    if (ended !== undefined) {
      const sign = { completed: symbols.done, failed: symbols.failed, skipped: symbols.skipped }[ended.outcome]
      this.#page.line(
        `${sign} ${ended.state} ${ended.outcome}${ended.ms === undefined ? '' : ` after ${duration(ended.ms)}`}${ended.note === '' ? '' : `: ${ended.note}`}`,
      )
    } else if (told.has(event.type) && (!('stateName' in event) || this.#isShown(event.stateName ?? ''))) {
      const words = event.type === 'state.started' ? 'started' : eventWords(event)
      this.#page.line(`${symbols.working} ${stateOf(event, this.#isShown)} ${words}`)
    }
  }

  during<T>(work: () => Promise<T>): Promise<T> {
    return work()
  }

  end(): void {
    this.#page.line(totalsLine(this.#board, this.#now() - this.#begun))
  }
}
