import type { OrchestrationEvent } from '../../core/index.js'
import type { Page } from '../terminal/page.js'
import { padded, shortened, textWidth } from '../terminal/text-width.js'
import { duration } from '../terminal/times.js'
import { type EndedVisit, type OpenVisit, RunBoard } from './run-board.js'
import type { RunProgress } from './run-progress.js'
import { totalsLine } from './totals-line.js'

/** How many states at work are listed at once. */
const mostLines = 12

/** Lists what is at work at the bottom of a terminal, with times that go on, and what is done above it. */
export class LiveProgress implements RunProgress {
  readonly #page: Page
  readonly #now: () => number
  readonly #board: RunBoard
  readonly #begun: number
  #timer: ReturnType<typeof setInterval> | undefined
  #held: OrchestrationEvent[] | undefined

  constructor(page: Page, isShown: (stateName: string) => boolean, now: () => number = Date.now) {
    this.#board = new RunBoard(isShown)
    this.#page = page
    this.#now = now
    this.#begun = now()
    this.#timer = setInterval(() => this.#draw(), 500)
    this.#timer.unref()
  }

  event(event: OrchestrationEvent): void {
    if (this.#held !== undefined) {
      this.#held.push(event)
      return
    }
    const ended = this.#board.add(event)
    if (ended !== undefined) this.#page.line(this.#endedLine(ended))
    // Text comes in small pieces; the timer draws it.
    if (event.type !== 'agent.delta') this.#draw()
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#page.footer([])
    this.#held = []
    try {
      return await work()
    } finally {
      const held = this.#held
      this.#held = undefined
      for (const event of held) this.event(event)
    }
  }

  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#page.footer([])
    this.#page.line(this.#page.styles.dim(totalsLine(this.#board, this.#now() - this.#begun)))
  }

  #draw(): void {
    if (this.#held !== undefined || this.#timer === undefined) return
    const { open } = this.#board
    const shown = open.slice(0, mostLines).map(visit => this.#openLine(visit))
    const more = open.length - shown.length
    this.#page.footer(more === 0 ? shown : [...shown, this.#page.styles.dim(`  and ${more} more at work`)])
  }

  #openLine({ state, since, phase, note }: OpenVisit): string {
    const { styles, symbols } = this.#page
    const isWaiting = phase === 'waiting'
    const sign = isWaiting ? styles.yellow(symbols.waiting) : styles.cyan(symbols.working)
    return this.#line(sign, state, duration(this.#now() - since), note)
  }

  #endedLine({ state, outcome, ms, note }: EndedVisit): string {
    const { styles, symbols } = this.#page
    const sign = {
      completed: styles.green(symbols.done),
      failed: styles.red(symbols.failed),
      skipped: styles.dim(symbols.skipped),
    }[outcome]
    return this.#line(sign, state, ms === undefined ? '' : duration(ms), note)
  }

  /** A line that fits into the columns: the terminal would break it else, and what stands below could not be written over. */
  #line(sign: string, state: string, time: string, note: string): string {
    const { styles, symbols, columns } = this.#page
    const room = columns - 3
    const name = shortened(state, Math.max(8, Math.min(60, room - 12)), symbols.ellipsis)
    const left = shortened(`${padded(name, Math.min(28, room - 12))}  ${time}`, room, symbols.ellipsis)
    if (note === '' || room - textWidth(left) < 12) return `${sign} ${left.trimEnd()}`
    const filled = padded(left, Math.min(41, room - 10))
    return `${sign} ${filled}  ${styles.dim(shortened(note, room - textWidth(filled) - 2, symbols.ellipsis))}`
  }
}
