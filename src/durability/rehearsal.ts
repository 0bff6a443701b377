import { IdleClock } from './idle-clock.js'
import type { Moment } from './recorded-outcomes.js'

/** What a rehearsal has to know of the run that is run again. */
export interface RehearsedRun {
  readonly isOver: () => boolean
  /** Whether user code is at work: an advancer, a hook, a validation. */
  readonly isBusy: () => boolean
  readonly edit: (edit: Extract<Moment, { kind: 'edit' }>['edit']) => void
  readonly stop: () => void
}

/** How many turns of the event loop may go by before a run that says nothing counts as standing still. */
const patience = 20
/** How long user code may take for something that is not on the run's clock, in milliseconds. */
const longestMs = 10_000
const pollMs = 5
/** How many timers may go off in a row without anything recorded coming of it. */
const mostJumps = 100

/**
 * Lets what was recorded happen to a run again, in the same order: who was first at a join, and what a time limit cut off, decides
 * what the run does. What does not come about any more, because the run has taken another way, is left out.
 */
export class Rehearsal {
  readonly #moments: readonly Moment[]
  readonly #clock: IdleClock
  readonly #here = new Map<string, () => void>()
  #next = 0

  constructor(moments: readonly Moment[], clock: IdleClock) {
    this.#moments = moments
    this.#clock = clock
  }

  /** A step waits for its outcome; `give` gives it. */
  arrived(token: string, give: () => void): void {
    this.#here.set(token, give)
  }

  /** Whether a step waits for its outcome. */
  isHere(token: string): boolean {
    return this.#here.has(token)
  }

  /** Resolves when the run is over. */
  async play(run: RehearsedRun): Promise<void> {
    let jumps = 0
    while (!run.isOver()) {
      await turn()
      if (this.#giveNext(run) || (await this.#settled(run))) jumps = 0
      else if (run.isOver()) return
      else if (!this.#goOn() || ++jumps > mostJumps) {
        run.stop()
        await this.#windUp(run)
        return
      }
    }
  }

  /** Lets the next moment happen, if the run has come to it. */
  #giveNext(run: RehearsedRun): boolean {
    const moment = this.#moments[this.#next]
    if (moment === undefined) return false
    if (moment.kind === 'outcome') {
      const give = this.#here.get(moment.token)
      if (give === undefined) return false
      this.#here.delete(moment.token)
      this.#pass(moment)
      give()
      return true
    }
    if (moment.kind === 'time') return false
    this.#pass(moment)
    run.edit(moment.edit)
    return true
  }

  #pass({ at }: Moment): void {
    this.#next++
    this.#clock.moveTo(at)
  }

  /** Waits until the run has come to the next moment; false if it stands still before. */
  async #settled(run: RehearsedRun): Promise<boolean> {
    const moment = this.#moments[this.#next]
    const isThere = (): boolean => moment?.kind === 'outcome' && this.#here.has(moment.token)
    for (let turns = 0; turns < patience; turns++) {
      if (run.isOver() || isThere()) return true
      await turn()
    }
    // An advancer may wait for a time that had come when the next thing happened.
    if (moment !== undefined && this.#clock.nextDue <= moment.at) return false
    for (let ms = 0; ms < longestMs && run.isBusy(); ms += pollMs) {
      if (this.#clock.nextDue < Infinity && ms >= 10 * pollMs) return false
      await new Promise(resolve => setTimeout(resolve, pollMs))
      if (run.isOver() || isThere()) return true
    }
    return false
  }

  /** The run stands still before the next moment. False if nothing can be done about it. */
  #goOn(): boolean {
    const moment = this.#moments[this.#next]
    // What had not ended when the record ends must not end by itself now.
    if (moment === undefined) return false
    if (moment.kind === 'time') {
      this.#next++
      this.#clock.jump()
      return true
    }
    if (this.#clock.nextDue <= moment.at) return this.#clock.jump()
    for (let next = this.#next + 1; next < this.#moments.length; next++) {
      const later = this.#moments[next] as Moment
      if (later.kind !== 'outcome' || !this.#here.has(later.token)) continue
      this.#next = next
      return true
    }
    return this.#clock.jump()
  }

  /** Hooks that clean up have a time limit on the run's clock. */
  async #windUp(run: RehearsedRun): Promise<void> {
    for (let ms = 0; ms < longestMs && !run.isOver(); ms += pollMs) {
      for (let turns = 0; turns < patience && !run.isOver(); turns++) await turn()
      if (run.isOver()) return
      this.#clock.jump()
      await new Promise(resolve => setTimeout(resolve, pollMs))
    }
  }
}

/** A turn of the event loop comes after every promise that was ready to go on. */
function turn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
