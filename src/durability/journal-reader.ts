import type { OrchestrationEvent, OrchestrationGraph } from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'
import { damagedJournal } from './damaged-journal.js'
import { definitionText, type StoredDefinition } from './definition.js'
import { codecOf, rawValues } from './graph-codec.js'
import { journalFormat, type StoredSnapshot, type StoredTurn } from './journal-format.js'
import type { JournalEntry, RunRecord } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { RunTree, type TreeNode } from './run-tree.js'
import { skeletonGraph } from './skeleton-graph.js'
import { StoreError } from './store-error.js'
import type { StoredFact } from './stored-fact.js'

/** How many entries are read at a time. */
const pageSize = 2000

type VisitEntry = (entry: JournalEntry, events: readonly OrchestrationEvent[], turn: StoredTurn) => void
/** Gets the run that a fact is about as it is before the fact. */
type VisitFact = (node: TreeNode, fact: StoredFact, entry: JournalEntry) => void

/**
 * Reads a run from its journal. What was recorded under the definition at hand is read with it, and its values are instances; what
 * was recorded under another one is read with the description of that, and its values are plain JSON.
 */
export class JournalReader {
  readonly #store: JournalStore
  readonly #runId: string
  readonly #last: number
  readonly #graph: OrchestrationGraph | undefined
  readonly #graphVersion: number | undefined
  #tree: RunTree | undefined
  #fingerprint: string | undefined
  #version: number
  #seq = 0

  /**
   * @param graph the definition at hand; without it, the one that is stored is used
   * @param graphVersion its version; what was recorded under another is not read with it, even if only classes of values have changed,
   * of which a stored definition says nothing. @default whatever was recorded
   */
  constructor(store: JournalStore, record: RunRecord, graph: OrchestrationGraph | undefined, graphVersion?: number) {
    if (record.format > journalFormat) throw formatUnknown(record)
    this.#store = store
    this.#runId = record.runId
    this.#version = record.version
    // Every run has a first entry.
    this.#last = Math.max(1, record.seq)
    this.#graph = graph
    this.#graphVersion = graphVersion
  }

  /** The run as it is after the last entry that was read. @throws JOURNAL_DAMAGED if none was */
  get tree(): RunTree {
    if (this.#tree === undefined) throw damagedJournal(this.#runId, 'entry 1', new Error('there is none.'))
    return this.#tree
  }

  /** The definition that the run was under at this place. */
  get fingerprint(): string | undefined {
    return this.#fingerprint
  }

  /** The version of that definition. */
  get version(): number {
    return this.#version
  }

  /** The last entry that was read. */
  get seq(): number {
    return this.#seq
  }

  /** Goes to the latest snapshot at or before an entry. False if there is none that can be read with the definition at hand. */
  async skipTo(record: RunRecord, seq = Infinity): Promise<boolean> {
    const snapshot = await this.#store.snapshot(this.#runId)
    if (snapshot === undefined || snapshot.seq > seq || snapshot.seq > record.seq) return false
    try {
      const { definition, nodes } = JSON.parse(snapshot.data) as StoredSnapshot
      if (definition !== record.fingerprint) return false
      const tree = await this.#treeFor(definition, record.version)
      tree.decode(nodes)
      this.#tree = tree
      this.#fingerprint = definition
      this.#seq = snapshot.seq
      return true
    } catch (thrown) {
      // It may be from before a migration that has only renamed classes; the journal has it all.
      if (record.version > 1 && isUnreadableValue(thrown)) return false
      throw damagedJournal(this.#runId, `snapshot ${snapshot.seq}`, thrown)
    }
  }

  /**
   * Reads on, up to and including entry `to`; hands each entry to `visit` when it has been applied, and each fact to `before` when it
   * is about to be.
   * @throws JOURNAL_DAMAGED
   */
  async read(to = Infinity, visit?: VisitEntry, before?: VisitFact): Promise<void> {
    while (this.#seq < to) {
      const entries = await this.#store.read(this.#runId, this.#seq + 1, Math.min(pageSize, to - this.#seq))
      if (entries.length === 0) break
      for (const entry of entries) {
        const turn = turnOf(this.#runId, entry)
        const events = await this.#apply(entry, turn, visit !== undefined, before)
        visit?.(entry, events, turn)
      }
    }
    if (this.#seq < Math.min(to, this.#last)) {
      const missing = new Error(`it is missing; there should be ${this.#last} entries.`)
      throw damagedJournal(this.#runId, `entry ${this.#seq + 1}`, missing)
    }
  }

  async #apply(
    entry: JournalEntry,
    turn: StoredTurn,
    observed: boolean,
    before: VisitFact | undefined,
  ): Promise<readonly OrchestrationEvent[]> {
    const { seq, at } = entry
    try {
      if (seq !== this.#seq + 1) throw new Error(`entry ${this.#seq + 1} is missing.`)
      const { run = [], start, definition, version = this.#version, base, facts = [] } = turn
      if (definition !== undefined) {
        this.#tree = await this.#treeFor(definition, version)
        this.#fingerprint = definition
        this.#version = version
      }
      const { tree } = this
      if (base !== undefined) tree.decode(base)
      if (start !== undefined) tree.begin(run, start)
      const node = tree.node(run)
      if (node === undefined && facts.length > 0) throw new Error(`run ${run.join('/')} has not begun.`)
      const heed = node === undefined ? undefined : before && ((fact: StoredFact) => before(node, fact, entry))
      const events = node === undefined ? [] : tree.apply(node, facts, at, observed, heed)
      this.#seq = seq
      return events
    } catch (thrown) {
      throw damagedJournal(this.#runId, `entry ${seq}`, thrown)
    }
  }

  async #treeFor(fingerprint: string, version: number): Promise<RunTree> {
    const graph = this.#graph
    const isAtHand = version === (this.#graphVersion ?? version)
    if (graph !== undefined && isAtHand && definitionText(graph).fingerprint === fingerprint) {
      return new RunTree(this.#runId, graph, codecOf)
    }
    const data = await this.#store.definition(fingerprint)
    if (data === undefined) throw new Error(`definition ${fingerprint} is not in the store.`)
    return new RunTree(this.#runId, skeletonGraph(JSON.parse(data) as StoredDefinition), () => rawValues)
  }
}

function turnOf(runId: string, { seq, data }: JournalEntry): StoredTurn {
  try {
    const turn: unknown = JSON.parse(data)
    if (typeof turn !== 'object' || turn === null) throw new Error('it is no object.')
    return turn as StoredTurn
  } catch (thrown) {
    throw damagedJournal(runId, `entry ${seq}`, thrown)
  }
}

function isUnreadableValue(thrown: unknown): boolean {
  return OrchestrationError.isInstance(thrown) && thrown.code === 'PAYLOAD_NOT_SERIALIZABLE'
}

function formatUnknown({ runId, format }: RunRecord): OrchestrationError {
  return new StoreError(
    'STORE_FORMAT_UNKNOWN',
    `Run "${runId}" was recorded in format ${format}; this version reads formats up to ${journalFormat}. Update the package.`,
    { runId, format },
  )
}
