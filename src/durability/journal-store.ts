import type { Observable } from 'rxjs'
import type { DurabilityOptions, OrchestrationEvent, RunStore, TakeUpOptions } from '../core/index.js'
import type { DurableDefinition, RunLedger } from '../core/internal.js'
import type {
  DocumentChange,
  JournalEntry,
  JournalSnapshot,
  NewRun,
  RequestPage,
  RequestQuery,
  RunChange,
  RunPage,
  RunQuery,
  RunRecord,
  StoredAnswer,
  StoredDocument,
} from './journal-records.js'
import { observeRun } from './observed-run.js'
import { abandonedRuns, beginRun, takeUpRun } from './taking-up.js'

/**
 * The port to where runs are kept. `MemoryJournalStore`, `SqliteJournalStore` and `PostgresJournalStore` are it; another one
 * extends this class and passes `testJournalStore` of `advancer/testing`, which asks for everything that is said here.
 *
 * What holds for all methods:
 * - A promise that resolves means that what was written survives the end of the process (for stores that claim to). One that
 *   rejects means that nothing was written, or, with STORE_FAILED, that it is not known whether it was.
 * - Each call is one commit: all of it is there, or none, also for other processes and after a crash.
 * - Text that is handed in comes back as it is, byte for byte: any Unicode, of any length.
 * - Any number of processes may use one store at once. Errors are of class {@link StoreError}, with the codes named here; trouble
 *   with the medium is STORE_FAILED, use of any method but {@link close} after it is STORE_CLOSED, {@link watch} included.
 * - Lists come in pages: a `limit` that is no whole number from 1 on, and a `cursor` that no page has had, are OPTION_INVALID.
 *   A cursor is good for every store object on the same data. Ids are in the order of their code points.
 */
export abstract class JournalStore implements RunStore {
  /**
   * Adds a run together with its first entries, and takes it for the caller as {@link claim} does.
   * @throws RUN_EXISTS
   */
  abstract create(run: NewRun): Promise<void>

  /** What is known of a run. */
  abstract get(runId: string): Promise<RunRecord | undefined>

  /** The definition that belongs to a fingerprint, as JSON text. */
  abstract definition(fingerprint: string): Promise<string | undefined>

  /**
   * The runs that match, the youngest first; runs that were created at the same time in descending order of their ids. A run that
   * changes between pages may be missed, none comes twice.
   * @throws OPTION_INVALID
   */
  abstract list(query?: RunQuery): Promise<RunPage>

  /**
   * Adds entries to a journal whose last entry is `expected`, and changes what is known of the run, in one commit. `updatedAt`
   * becomes the time of the last entry. A run that is `running` afterwards belongs to the caller; one that is not belongs to nobody.
   * @throws RUN_CONFLICT if the journal does not end at `expected`; RUN_UNKNOWN
   */
  abstract append(runId: string, expected: number, entries: readonly JournalEntry[], change: RunChange): Promise<void>

  /** Entries from number `from` (default 1) on, in order, at most `limit` of them (from 0 on; default all); none for an unknown run. */
  abstract read(runId: string, from?: number, limit?: number): Promise<readonly JournalEntry[]>

  /** Keeps a snapshot in place of the one before, if it covers more. No entry is dropped. @throws RUN_UNKNOWN */
  abstract saveSnapshot(runId: string, snapshot: JournalSnapshot): Promise<void>

  /** The snapshot of a run, if one was saved. */
  abstract snapshot(runId: string): Promise<JournalSnapshot | undefined>

  /** Deletes a run with everything that belongs to it; false if there is none. */
  abstract delete(runId: string): Promise<boolean>

  /**
   * Takes a run for the caller, who is going to drive it. False if somebody has it who is still there: another claim through this
   * store object, or another store object that is open in a live process. A claim ends with {@link release}, with an `append`
   * after which the run is not running, when the store is closed and when its process ends, however it ends.
   *
   * It keeps two from doing the same work at once. That nothing is committed twice does not rest on it, but on `expected`.
   * @throws RUN_UNKNOWN
   */
  abstract claim(runId: string): Promise<boolean>

  /** Gives a run back. No effect if the caller does not have it. */
  abstract release(runId: string): Promise<void>

  /**
   * The requests that are open and that nobody has answered yet, the oldest first; those that were opened at the same time in
   * ascending order of their run ids, then of their request ids.
   * @throws OPTION_INVALID
   */
  abstract requests(query?: RequestQuery): Promise<RequestPage>

  /**
   * Gives a request its answer, which stays until the request is closed. Of several answers, from whatever processes, exactly one
   * is `accepted`. `taken`: it has one already. `unknown`: it is not open (any more).
   */
  abstract answer(runId: string, answer: StoredAnswer): Promise<'accepted' | 'taken' | 'unknown'>

  /** The answers to requests of a run that are not closed yet, the oldest first. */
  abstract answers(runId: string): Promise<readonly StoredAnswer[]>

  /** One document. */
  abstract document(collection: string, id: string): Promise<StoredDocument | undefined>

  /** Documents of a collection whose id comes after `after`, in the order of their ids by code points, at most `limit` of them (from 0 on; default all). */
  abstract documents(collection: string, after?: string, limit?: number): Promise<readonly StoredDocument[]>

  /** Makes all of these changes or none. @throws DOCUMENT_CONFLICT */
  abstract write(changes: readonly DocumentChange[]): Promise<void>

  /**
   * Calls `listener` soon after each change to the journal or the answers of a run, whoever made it, until the function that is
   * returned is called. It may be called more often than something changed. A watch does not keep the process alive.
   * @throws STORE_CLOSED at once, since it returns no promise
   */
  abstract watch(runId: string, listener: () => void): () => void

  /** Gives back every claim and every handle. Writes that are under way are finished first. Closing twice is fine. */
  abstract close(): Promise<void>

  /** For the engine: the ledger of a new run. */
  begin(definition: DurableDefinition, runId: string, options: DurabilityOptions): RunLedger {
    return beginRun(this, definition, runId, options)
  }

  /** For the engine: the ledger of a run that is there, taken for the caller. */
  takeUp(definition: DurableDefinition, runId: string, options: TakeUpOptions): Promise<RunLedger> {
    return takeUpRun(this, definition, runId, options)
  }

  /** For the engine: the runs that are under way and that nobody drives. */
  abandoned(definition: DurableDefinition): Promise<readonly string[]> {
    return abandonedRuns(this, definition)
  }

  /** For the engine: the events of a run, whoever drives it. */
  observe(definition: DurableDefinition, runId: string, from: number): Observable<OrchestrationEvent> {
    return observeRun(this, definition, runId, from)
  }
}
