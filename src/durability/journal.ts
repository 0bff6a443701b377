import type { Observable } from 'rxjs'
import {
  type ApprovalRef,
  type Decision,
  type Orchestration,
  type OrchestrationEvent,
  type SignalRef,
} from '../core/index.js'
import { checkStore } from '../core/internal.js'
import { type AnswerFromOutside, answerRequest } from './answering.js'
import { type Checkpoint, Checkpoints, checkEntry } from './checkpoints.js'
import { type ForkOptions, forkRun } from './forking-runs.js'
import { JournalReader } from './journal-reader.js'
import type { RequestPage, RequestQuery, RunPage, RunQuery, RunRecord } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { recheckRun } from './rechecking.js'
import { recordOf } from './record-of.js'
import { type ReplayOptions, replayRun } from './replaying.js'
import { firstDifference, type RunDifference } from './run-difference.js'
import { traceOf } from './run-trace.js'
import type { TreeNode } from './run-tree.js'
import { type RunView, viewOf } from './run-view.js'

/** One entry of a run's journal: a turn, and what the run told of it. */
export interface HistoryEntry {
  /** 1 for the first. */
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** The events that follow from it. */
  readonly events: readonly OrchestrationEvent[]
}

/**
 * The runs of one orchestration in a store: looks into them, answers them, and goes back in their time. Nothing here invokes a
 * state; whatever is to go on is taken up with `orchestration.resume()`.
 *
 * ```ts
 * const journal = new Journal(orchestration, { store })
 * const fork = await journal.fork('run-1', { at: 4, edits: { properties: { tone: 'formal' } } })
 * const run = await orchestration.resume(fork, { store })
 * console.log(await journal.diff('run-1', fork))
 * ```
 */
export class Journal<TIn, TOut> {
  readonly #orchestration: Orchestration<TIn, TOut>
  readonly #store: JournalStore
  readonly #checkpoints: Checkpoints

  /** @throws OPTION_INVALID */
  constructor(orchestration: Orchestration<TIn, TOut>, options: { readonly store: JournalStore }) {
    this.#orchestration = orchestration
    this.#store = checkStore(options.store)
    this.#checkpoints = new Checkpoints(this.#store)
  }

  /** The runs of this orchestration that match (S3-32). */
  runs(query: Omit<RunQuery, 'orchestration'> = {}): Promise<RunPage> {
    return this.#store.list({ ...query, orchestration: this.#orchestration.name })
  }

  /** What happened in a run, entry by entry. @throws RUN_UNKNOWN, JOURNAL_DAMAGED */
  async history(runId: string): Promise<readonly HistoryEntry[]> {
    const reader = await this.#reader(runId)
    const entries: HistoryEntry[] = []
    await reader.read(Infinity, ({ seq, at }, events) => entries.push({ seq, at, events }))
    return entries
  }

  /**
   * The run as it was after an entry, or a checkpoint. @default as it is
   * @throws RUN_UNKNOWN, CHECKPOINT_UNKNOWN, JOURNAL_DAMAGED; OPTION_INVALID if it has no such entry
   */
  async stateAt(runId: string, at?: number | string): Promise<RunView> {
    const record = await this.#record(runId)
    const seq = await this.#seqOf(record, at)
    const reader = this.#readerOf(record)
    await reader.skipTo(record, seq)
    await reader.read(seq)
    reader.tree.prune(true)
    const [root, ...inner] = [...reader.tree.nodes] as [TreeNode, ...TreeNode[]]
    return viewOf(root, reader.seq, inner)
  }

  /**
   * The events of a run once more, as far as it has come; then it completes. With `timing: 'original'`, each comes as long after the
   * one before as it did then.
   * @throws OPTION_INVALID at once
   */
  replay(runId: string, options: ReplayOptions = {}): Observable<OrchestrationEvent> {
    return replayRun(() => this.#reader(runId), this.#orchestration.durable.clock, options)
  }

  /**
   * Gives an entry of a run's journal a name, also while the run is under way. @default the last entry
   * @throws RUN_UNKNOWN, NAME_INVALID, CHECKPOINT_EXISTS; OPTION_INVALID if the run has no such entry
   */
  async checkpoint(runId: string, name: string, at?: number): Promise<Checkpoint> {
    const { seq } = await this.#record(runId)
    const { clock } = this.#orchestration.durable
    return this.#checkpoints.create(runId, name, at ?? seq, seq, clock.now())
  }

  /** The checkpoints of a run, by name. */
  checkpoints(runId: string): Promise<readonly Checkpoint[]> {
    return this.#checkpoints.list(runId)
  }

  /**
   * Copies a run up to an entry or checkpoint, with edits if there are any, and returns the id of the copy. It is independent of the
   * run, waits as paused, and goes on with `orchestration.resume(id)`.
   * @throws RUN_UNKNOWN, RUN_EXISTS, NAME_INVALID, CHECKPOINT_UNKNOWN; RUN_ENDED if there is nothing left to edit; OPTION_INVALID,
   * PAYLOAD_INVALID, PAYLOAD_NOT_SERIALIZABLE if an edit does not fit; then nothing has been created
   */
  async fork(runId: string, options: ForkOptions = {}): Promise<string> {
    const { runId: forkId = globalThis.crypto.randomUUID() } = options
    const record = await this.#record(runId)
    const at = await this.#seqOf(record, options.at)
    await forkRun(this.#store, this.#orchestration.durable, record, forkId, at, options)
    return forkId
  }

  /**
   * Where two runs begin to differ, in the order of their decisions, whatever their timing: an edit, another value, another decision.
   * `undefined` if they agree as far as both have come.
   */
  async diff(runA: string, runB: string): Promise<RunDifference | undefined> {
    const a = await this.#record(runA)
    const b = await this.#record(runB)
    return firstDifference(await traceOf(this.#store, a), await traceOf(this.#store, b))
  }

  /**
   * Runs a recorded run through the present code: what states returned and people answered is taken from the record, what advancers
   * decide and convert is decided anew. Returns the first difference, `undefined` if there is none. For regression tests:
   *
   * ```ts
   * expect(await journal.recheck('recorded-run')).toBeUndefined()
   * ```
   *
   * States are not invoked; their `initialize` and `cleanup` hooks are.
   */
  recheck(runId: string): Promise<RunDifference | undefined> {
    return recheckRun(this.#orchestration, this.#store, runId)
  }

  /** What runs of this orchestration wait for from outside. */
  requests(query: Omit<RequestQuery, 'orchestration'> = {}): Promise<RequestPage> {
    return this.#store.requests({ ...query, orchestration: this.#orchestration.name })
  }

  /**
   * Approves what a run waits for, whoever drives it; if nobody does, it goes on when it is taken up. Rejects with REQUEST_UNKNOWN if
   * the request is not open, or has been answered by somebody else; with OPTION_INVALID for a decision that is none, and then it
   * still waits.
   */
  approve(runId: string, request: ApprovalRef, decision: Decision = {}): Promise<void> {
    return this.#answer(runId, { kind: 'decision', approved: true, decision }, request)
  }

  /** Rejects what a run waits for; otherwise like {@link Journal.approve}. */
  reject(runId: string, request: ApprovalRef, decision: Decision = {}): Promise<void> {
    return this.#answer(runId, { kind: 'decision', approved: false, decision }, request)
  }

  /** Sends the payload that a signal state of a run waits for. Rejects with REQUEST_UNKNOWN, PAYLOAD_INVALID. */
  signal<TSignal>(runId: string, state: SignalRef<TSignal>, payload: NoInfer<TSignal>): Promise<void>
  signal(runId: string, request: string, payload: unknown): Promise<void>
  signal(runId: string, request: unknown, payload: unknown): Promise<void> {
    return this.#answer(runId, { kind: 'signal', payload }, request)
  }

  /**
   * Deletes a run and its checkpoints for good; false if there is none. Forks of it stay.
   * @throws DEFINITION_CHANGED if it is one of another orchestration
   */
  async delete(runId: string): Promise<boolean> {
    if ((await this.#store.get(runId)) !== undefined) await this.#record(runId)
    await this.#checkpoints.clear(runId)
    return this.#store.delete(runId)
  }

  #answer(runId: string, answer: AnswerFromOutside, request: unknown): Promise<void> {
    return answerRequest(this.#orchestration.durable, this.#store, runId, request, answer)
  }

  /** The number of an entry; `undefined` for as far as the run has come. */
  async #seqOf({ runId, seq }: RunRecord, at: number | string | undefined): Promise<number | undefined> {
    if (at === undefined) return undefined
    const found = typeof at === 'string' ? (await this.#checkpoints.get(runId, at)).seq : at
    checkEntry(runId, found, seq)
    return found
  }

  #record(runId: string): Promise<RunRecord> {
    return recordOf(this.#store, this.#orchestration.durable, runId)
  }

  async #reader(runId: string): Promise<JournalReader> {
    return this.#readerOf(await this.#record(runId))
  }

  #readerOf(record: RunRecord): JournalReader {
    const { graph, version } = this.#orchestration.durable
    return new JournalReader(this.#store, record, graph, version)
  }
}
