import type { Fact, OrchestrationGraph } from '../core/index.js'
import type { GivenAnswer, LedgerSubject, RestoredRun, RunLedger } from '../core/internal.js'
import type { RunJournal } from './run-journal.js'
import type { TreeNode } from './run-tree.js'

/** The ledger of one run; those of the runs inside it write into the same journal. */
export class StoreLedger implements RunLedger {
  readonly restored: RestoredRun | undefined
  readonly #journal: RunJournal
  readonly #graph: OrchestrationGraph
  readonly #runId: string
  readonly #path: readonly string[]
  #node: TreeNode | undefined

  constructor(journal: RunJournal, graph: OrchestrationGraph, runId: string, path: readonly string[] = []) {
    this.#journal = journal
    this.#graph = graph
    this.#runId = runId
    this.#path = path
    this.restored = journal.tree.restored(path)
  }

  attach(subject: LedgerSubject): void {
    this.#node = this.#journal.attach(this.#path, this.#graph, subject)
  }

  prepare(fact: Fact): void {
    this.#journal.prepare(this.#subject, fact)
  }

  record(facts: readonly Fact[], at: number, events: number): Promise<void> | void {
    return this.#journal.record(this.#subject, facts, at, events)
  }

  answer(requestId: string, answer: GivenAnswer): Promise<boolean> {
    return this.#journal.answer(this.#subject, requestId, answer)
  }

  forChild(runId: string, graph: OrchestrationGraph): RunLedger {
    const token = runId.slice(this.#runId.length + 1)
    return new StoreLedger(this.#journal, graph, runId, [...this.#path, token])
  }

  close(): void {
    if (this.#path.length === 0) this.#journal.close()
  }

  get #subject(): TreeNode {
    return this.#node as TreeNode
  }
}
