import type { Fact, OrchestrationGraph } from '../core/index.js'
import type { GivenAnswer, LedgerSubject, RestoredRun, RunLedger } from '../core/internal.js'

/** A ledger that tells of the runs that it keeps, those inside the outermost one included. */
export class OverheardLedger implements RunLedger {
  readonly #ledger: RunLedger
  readonly #attached: (subject: LedgerSubject) => void

  constructor(ledger: RunLedger, attached: (subject: LedgerSubject) => void) {
    this.#ledger = ledger
    this.#attached = attached
  }

  get restored(): RestoredRun | undefined {
    return this.#ledger.restored
  }

  attach(subject: LedgerSubject): void {
    this.#ledger.attach(subject)
    this.#attached(subject)
  }

  prepare(fact: Fact): void {
    this.#ledger.prepare(fact)
  }

  record(facts: readonly Fact[], at: number, events: number): ReturnType<RunLedger['record']> {
    return this.#ledger.record(facts, at, events)
  }

  answer(requestId: string, answer: GivenAnswer): Promise<boolean> {
    return this.#ledger.answer(requestId, answer)
  }

  forChild(runId: string, graph: OrchestrationGraph): RunLedger {
    return new OverheardLedger(this.#ledger.forChild(runId, graph), this.#attached)
  }

  close(): void {
    this.#ledger.close()
  }
}
