import type { DurabilityOptions, Fact, OrchestrationGraph } from '../core/index.js'
import { type DurableDefinition, type GivenAnswer, isAtRest, type LedgerSubject } from '../core/internal.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import type { Json } from '../schema/index.js'
import { AnswerBox } from './answer-box.js'
import { definitionText } from './definition.js'
import { journalFormat, type StoredSnapshot, type StoredTurn } from './journal-format.js'
import type { RunChange } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { JournalWriter } from './journal-writer.js'
import { RequestBook } from './request-book.js'
import { partsOf, RunTree, type StoredStart, type TreeNode } from './run-tree.js'
import { statusOf } from './run-view.js'
import { SnapshotRhythm } from './snapshot-rhythm.js'
import { encodeRules } from './stored-rules.js'
import { unstorable } from './unstorable.js'

/** What somebody waits for until it is written, in every mode. */
const awaitedFacts: ReadonlySet<Fact['type']> = new Set(['kept', 'asked', 'replied'])

/** How far a run without delay may be ahead of its journal. */
const maxBacklog = 1000

/** Where a run is that is taken up. */
export interface TakenUp {
  readonly seq: number
  readonly tree: RunTree
  /** Set if it goes on under another definition than it was recorded under. */
  readonly rebased: boolean
}

/** The journal of one run that is being driven, and of the runs inside it: they share it, so that there is one order of things. */
export class RunJournal {
  readonly tree: RunTree
  readonly #store: JournalStore
  readonly #definition: DurableDefinition
  readonly #runId: string
  readonly #options: DurabilityOptions
  readonly #writer: JournalWriter
  readonly #book = new RequestBook()
  readonly #answers: AnswerBox
  readonly #snapshots: SnapshotRhythm
  readonly #subjects = new Map<TreeNode, LedgerSubject>()
  readonly #starts = new Map<TreeNode, StoredStart>()
  readonly #prepared = new WeakMap<Fact, Json>()
  #definitionChanges: boolean
  #ended = false
  /** How many turns wait for their entries. */
  #awaited = 0

  constructor(
    store: JournalStore,
    definition: DurableDefinition,
    runId: string,
    options: DurabilityOptions,
    tree: RunTree,
    takenUp: TakenUp | undefined,
  ) {
    this.tree = tree
    this.#store = store
    this.#definition = definition
    this.#runId = runId
    this.#options = options
    this.#definitionChanges = takenUp?.rebased ?? false
    this.#writer = new JournalWriter(store, runId, takenUp?.seq, {
      change: () => this.#change(),
      created: () => ({
        runId,
        orchestration: definition.name,
        format: journalFormat,
        definition: { ...definitionText(definition.graph), version: definition.version },
        tags: options.tags ?? {},
        createdAt: definition.clock.now(),
      }),
    })
    this.#snapshots = new SnapshotRhythm(options.snapshotEvery)
    this.#book.restore(tree.nodes)
    this.#answers = new AnswerBox(
      store,
      runId,
      this.#book,
      definition.clock,
      (node, requestId, answer) => this.#subjects.get(node)?.accept(requestId, answer) === true,
    )
    if (takenUp?.rebased === true) this.#rebase()
  }

  /** Tells whose states the journal keeps. */
  attach(path: readonly string[], graph: OrchestrationGraph, subject: LedgerSubject): TreeNode {
    let node = this.tree.node(path)
    if (node?.state !== subject.state) {
      const { state, timeoutMs } = subject
      node = this.tree.add(path, graph, state, timeoutMs)
      this.#starts.set(node, startOf(node))
    }
    this.#subjects.set(node, subject)
    return node
  }

  /** Makes sure that a fact can be written. @throws PAYLOAD_NOT_SERIALIZABLE */
  prepare(node: TreeNode, fact: Fact): void {
    if (this.#prepared.has(fact)) return
    try {
      this.#prepared.set(fact, node.facts.encode(fact, node.state))
    } catch (thrown) {
      throw unstorable(thrown, fact, node)
    }
  }

  /** Writes the facts of a turn, which have been applied; `events` follow from them. */
  record(node: TreeNode, facts: readonly Fact[], at: number, events: number): Promise<void> | void {
    const { failure } = this.#writer
    if (failure !== undefined) throw failure.thrown
    // What runs inside this one still have to say when it is over is of no interest.
    if (this.#ended) return
    const start = this.#starts.get(node)
    if (start !== undefined && isAbandoned(node)) throw noLongerNeeded(node)
    this.#starts.delete(node)
    this.tree.count(node, events)
    const isFirst = start !== undefined && node.parent === undefined
    const turn: StoredTurn = {
      ...(node.path.length === 0 ? {} : { run: node.path }),
      ...(isFirst ? this.#definitionInForce() : {}),
      ...(start === undefined ? {} : { start }),
      facts: facts.map(fact => this.#prepared.get(fact) ?? node.facts.encode(fact, node.state)),
    }
    const data = JSON.stringify(turn)
    const seq = this.#writer.add(at, data)
    this.#book.notice(node, facts, at)
    this.#ended = this.tree.root?.state.phase === 'ended'
    const snapshot = this.#snapshots.add(data.length) && !this.#ended ? this.#snapshot() : undefined
    // What a step does once counts as done, and what it asks can be answered elsewhere, only when it is there.
    const written = this.#written(seq, isFirst || facts.some(({ type }) => awaitedFacts.has(type)))
    if (snapshot !== undefined) void this.#keep(seq, snapshot)
    return written
  }

  /** Gives a request its answer; false if it has another one. */
  async answer(node: TreeNode, requestId: string, answer: GivenAnswer): Promise<boolean> {
    // The store has to know of the request.
    await this.#writer.flush()
    return this.#answers.give(node, requestId, answer, this.#definition.clock.now())
  }

  /** The run has ended, or has stopped. */
  close(): void {
    this.#answers.close()
    const gone = this.#writer.flush().catch(() => undefined)
    // One that ended or was paused belongs to nobody already; for one that stopped, others must not have to wait.
    void gone.then(() => (this.#writer.isHeld ? this.#store.release(this.#runId) : undefined)).catch(() => undefined)
  }

  #written(seq: number, isAwaited: boolean): Promise<void> | void {
    const { durability = 'sync' } = this.#options
    const mustWait =
      durability === 'sync' ||
      this.#ended ||
      // Whoever has paused a run may be about to leave it to another process.
      this.tree.root?.state.phase === 'paused' ||
      isAwaited ||
      (durability === 'exit' ? this.#isQuiet() : this.#writer.backlog > maxBacklog)
    if (mustWait || this.#awaited > 0) return this.#whenWritten(seq)
    if (durability === 'async') {
      // What it fails with is thrown at the next turn.
      this.#writer
        .flush(seq)
        .then(() => this.#answers.watch())
        .catch(() => undefined)
    }
  }

  /** Events are told in the order of the entries, so what comes meanwhile, from whatever run inside, waits too. */
  #whenWritten(seq: number): Promise<void> {
    this.#awaited++
    const written = this.#writer.flush(seq).then(() => this.#answers.watch())
    const told = (): void => {
      this.#awaited--
    }
    written.then(told, told)
    return written
  }

  /** Whether nothing goes on until somebody or some time comes. */
  #isQuiet(): boolean {
    for (const { state } of this.tree.nodes) {
      if (state.phase === 'paused' || state.phase === 'ended') continue
      const { ready, readyFrom, nextLayer } = state
      if (!isAtRest(state) || ready.length > readyFrom || nextLayer.length > 0) return false
    }
    return true
  }

  #change(): RunChange {
    const { root } = this.tree
    const now = root === undefined ? 'pending' : statusOf(root.state)
    // Whoever drives a run keeps it until the runs inside it have come to rest too.
    const atRest = now !== 'paused' || [...this.tree.nodes].every(hasStopped)
    const status = now === 'pending' || !atRest ? 'running' : now
    const ended = status === 'completed' || status === 'failed' || status === 'cancelled'
    const states = ended ? [] : [...new Set([...(root?.state.branches.values() ?? [])].map(branch => branch.node.name))]
    const changes = this.#definitionChanges
    this.#definitionChanges = false
    const { graph, version } = this.#definition
    return {
      status,
      states,
      ...this.#book.changes(ended),
      ...(changes ? { definition: { ...definitionText(graph), version } } : {}),
    }
  }

  /** The run goes on under another definition: what comes before this entry cannot be read with that. */
  #rebase(): void {
    const base = this.tree.encode()
    this.#writer.add(
      this.#definition.clock.now(),
      JSON.stringify({ ...this.#definitionInForce(), base } satisfies StoredTurn),
    )
  }

  #definitionInForce(): Pick<StoredTurn, 'definition' | 'version'> {
    const { graph, version } = this.#definition
    return { definition: definitionText(graph).fingerprint, version }
  }

  #snapshot(): string | undefined {
    try {
      const { fingerprint } = definitionText(this.#definition.graph)
      const data = JSON.stringify({ definition: fingerprint, nodes: this.tree.encode() } satisfies StoredSnapshot)
      this.#snapshots.taken(data.length)
      return data
    } catch (thrown) {
      this.#warn(thrown)
      return undefined
    }
  }

  /** A snapshot only saves time, so a run does not fail for want of one. */
  async #keep(seq: number, data: string): Promise<void> {
    try {
      await this.#writer.flush(seq)
      await this.#store.saveSnapshot(this.#runId, { seq, data })
    } catch (thrown) {
      if (this.#writer.failure === undefined) this.#warn(thrown)
    }
  }

  #warn(thrown: unknown): void {
    this.#definition.logger.warn(`No snapshot of run ${this.#runId} could be saved; it goes on`, ensureError(thrown))
  }
}

function startOf(node: TreeNode): StoredStart {
  const { state, timeoutMs } = node
  const properties = [...(state.properties ?? [])].map(([key, { value }]) => [key, given(key, value, node)] as const)
  return {
    rules: encodeRules(state.rules),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(properties.length === 0 ? {} : { properties }),
  }
}

/** A property that a run is started with. */
function given(property: string, value: unknown, { values, graph }: TreeNode): Json {
  try {
    return values.encode(value)
  } catch (thrown) {
    const cause = ensureError(thrown)
    throw new OrchestrationError(
      `Property "${property}" that orchestration "${graph.name}" is started with cannot be stored: ${cause.message}`,
      { code: 'PAYLOAD_NOT_SERIALIZABLE', details: { orchestration: graph.name, property }, cause },
    )
  }
}

/** Whether the step that a run is the work of is over. */
function isAbandoned({ parent, path }: TreeNode): boolean {
  if (parent === undefined) return false
  const [branch, step] = partsOf(path.at(-1) as string)
  return parent.state.branches.get(branch)?.step !== step
}

function hasStopped(node: TreeNode): boolean {
  return node.state.phase === 'paused' || isAbandoned(node)
}

function noLongerNeeded({ runId }: TreeNode): OrchestrationError {
  return new OrchestrationError(`Run ${runId} is no longer needed by the run around it.`, { code: 'RUN_CANCELLED' })
}
