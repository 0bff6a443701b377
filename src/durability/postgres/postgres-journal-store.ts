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
} from '../journal-records.js'
import { JournalStore } from '../journal-store.js'
import { pageLimit, pageOf, placeOfRequest, placeOfRun } from '../page-cursor.js'
import { runConflict, runExists, runUnknown, storeClosed } from '../store-error.js'
import { ClaimStatements } from './claim-statements.js'
import { changeDocuments, type DocumentRange, selectDocuments } from './document-statements.js'
import { JournalStatements } from './journal-statements.js'
import { OwnerSession } from './owner-session.js'
import { PostgresDatabase } from './postgres-database.js'
import type { PostgresQuery, PostgresRow } from './postgres-driver.js'
import { postgresFailed } from './postgres-error.js'
import { type PostgresJournalStoreOptions, resolvePostgresOptions } from './postgres-store-options.js'
import { RequestStatements } from './request-statements.js'
import { listRequests, listRuns } from './run-queries.js'
import { entryOf, number, requestOf, runColumns, runOf, text } from './run-rows.js'
import { RunWatches } from './run-watches.js'
import { fromStored, toStored } from './stored-text.js'

/**
 * Keeps runs in PostgreSQL, for any number of processes on any number of machines. Needs the package `pg`.
 *
 * ```ts
 * const store = new PostgresJournalStore() // takes DATABASE_URL
 * ```
 *
 * The tables are made at the first call, in a schema of their own; many processes may do so at once. The database has
 * to be of encoding UTF8.
 *
 * A claim lasts as long as the connection that the store object holds for it: it ends when the process dies, and when
 * the connection breaks, after which the store goes on under another identity. A host that vanishes is noticed after
 * half a minute. A pooler in between has to give each client a connection of its own (PgBouncer: `pool_mode =
 * session`).
 *
 * An open store does not keep the process alive, nor does a watch or a claim: only calls that are under way do. (A
 * `pool` that was handed in does as it was configured to.)
 *
 * Trouble with the server or the way to it is STORE_FAILED; the next call connects again. Other errors of this class:
 * OPTION_INVALID, PACKAGE_MISSING without `pg`, STORE_FORMAT_UNKNOWN if the tables are those of a newer version.
 */
export class PostgresJournalStore extends JournalStore {
  readonly #schema: string
  readonly #database: PostgresDatabase
  readonly #session: OwnerSession
  readonly #watches: RunWatches
  readonly #journals: JournalStatements
  readonly #claims: ClaimStatements
  readonly #requests: RequestStatements
  readonly #underWay = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  /** Opens nothing yet. @throws OPTION_INVALID */
  constructor(options: PostgresJournalStoreOptions = {}) {
    super()
    const resolved = resolvePostgresOptions(options)
    const { schema } = resolved
    this.#schema = schema
    this.#database = new PostgresDatabase(resolved)
    this.#journals = new JournalStatements(schema)
    this.#claims = new ClaimStatements(schema)
    this.#requests = new RequestStatements(schema)
    this.#session = new OwnerSession(this.#database, schema, {
      onNotification: payload => this.#notified(payload),
      onLost: () => this.#watches.interrupted(),
    })
    this.#watches = new RunWatches({
      follow: async runIds => this.#database.query(this.#claims.watch(runIds, await this.#session.owner())),
    })
  }

  override create(run: NewRun): Promise<void> {
    return this.#call(`create run "${run.runId}"`, async () => {
      const owner = await this.#session.owner()
      if ((await this.#first(this.#journals.create(run, owner))) === undefined) throw runExists(run.runId)
    })
  }

  override get(runId: string): Promise<RunRecord | undefined> {
    return this.#call(`read run "${runId}"`, async () => {
      const row = await this.#first({
        text: `select ${runColumns} from "${this.#schema}".runs where run_id = $1`,
        values: [toStored(runId)],
      })
      return row === undefined ? undefined : runOf(row)
    })
  }

  override definition(fingerprint: string): Promise<string | undefined> {
    return this.#call('read a definition', async () => {
      const row = await this.#first({
        text: `select data from "${this.#schema}".definitions where fingerprint = $1`,
        values: [toStored(fingerprint)],
      })
      return row === undefined ? undefined : text(row, 'data')
    })
  }

  override list(query: RunQuery = {}): Promise<RunPage> {
    return this.#call('list runs', async () => {
      const rows = await this.#database.query(listRuns(this.#schema, query))
      const { page, ...next } = pageOf(rows.map(runOf), pageLimit(query.limit), placeOfRun)
      return { runs: page, ...next }
    })
  }

  override append(runId: string, expected: number, entries: readonly JournalEntry[], change: RunChange): Promise<void> {
    return this.#call(`write to the journal of run "${runId}"`, async () => {
      const writer = await (change.status === 'running' ? this.#session.owner() : this.#session.present())
      const append = this.#journals.append(runId, expected, entries, change, writer)
      // What this object writes itself, it is not notified of; and where the call fails, it may have written all the
      // same.
      const done = await this.#first(append).finally(() => this.#watches.changed(runId))
      if (done !== undefined) return
      const run = await this.#first({
        text: `select seq from "${this.#schema}".runs where run_id = $1`,
        values: [toStored(runId)],
      })
      throw run === undefined ? runUnknown(runId) : runConflict(runId, expected, number(run, 'seq'))
    })
  }

  override read(runId: string, from = 1, limit = Number.POSITIVE_INFINITY): Promise<readonly JournalEntry[]> {
    return this.#call(`read the journal of run "${runId}"`, async () =>
      (await this.#database.query(this.#journals.read(runId, from, limit))).map(entryOf),
    )
  }

  override saveSnapshot(runId: string, snapshot: JournalSnapshot): Promise<void> {
    return this.#call(`save a snapshot of run "${runId}"`, async () => {
      if ((await this.#first(this.#journals.saveSnapshot(runId, snapshot))) === undefined) throw runUnknown(runId)
    })
  }

  override snapshot(runId: string): Promise<JournalSnapshot | undefined> {
    return this.#call(`read the snapshot of run "${runId}"`, async () => {
      const row = await this.#first(this.#journals.snapshot(runId))
      return row === undefined ? undefined : { seq: number(row, 'seq'), data: text(row, 'data') }
    })
  }

  override delete(runId: string): Promise<boolean> {
    return this.#call(`delete run "${runId}"`, () =>
      this.#database.transaction(async run => {
        const [theRun, whatBelongsToIt] = this.#journals.delete(runId)
        if ((await run(theRun)).length === 0) return false
        await run(whatBelongsToIt)
        return true
      }),
    )
  }

  override claim(runId: string): Promise<boolean> {
    return this.#call(`claim run "${runId}"`, async () => {
      const owner = await this.#session.owner()
      const row = await this.#first(this.#claims.claim(runId, owner))
      if (row === undefined) throw runUnknown(runId)
      if (row['lives'] === 't') return row['claimed'] === 't'
      await this.#session.lost(owner)
      throw new Error('the connection that holds the claims has just ended')
    })
  }

  override release(runId: string): Promise<void> {
    return this.#call(`release run "${runId}"`, async () => {
      const owner = await this.#session.present()
      if (owner !== undefined) await this.#database.query(this.#claims.release(runId, owner))
    })
  }

  override requests(query: RequestQuery = {}): Promise<RequestPage> {
    return this.#call('list open requests', async () => {
      const rows = await this.#database.query(listRequests(this.#schema, query))
      const { page, ...next } = pageOf(rows.map(requestOf), pageLimit(query.limit), placeOfRequest)
      return { requests: page, ...next }
    })
  }

  override answer(runId: string, answer: StoredAnswer): Promise<'accepted' | 'taken' | 'unknown'> {
    return this.#call(`answer request "${answer.requestId}" of run "${runId}"`, async () => {
      if ((await this.#first(this.#requests.answer(runId, answer))) !== undefined) return 'accepted'
      const open = await this.#first(this.#requests.isOpen(runId, answer.requestId))
      return open === undefined ? 'unknown' : 'taken'
    })
  }

  override answers(runId: string): Promise<readonly StoredAnswer[]> {
    return this.#call(`read the answers of run "${runId}"`, async () =>
      (await this.#database.query(this.#requests.answers(runId))).map(row => ({
        requestId: text(row, 'request_id'),
        data: text(row, 'answer'),
        at: number(row, 'answered_at'),
      })),
    )
  }

  override document(collection: string, id: string): Promise<StoredDocument | undefined> {
    return this.#call(`read document "${id}"`, async () => (await this.#documents(collection, { id }))[0])
  }

  override documents(collection: string, after?: string, limit?: number): Promise<readonly StoredDocument[]> {
    return this.#call(`read the documents of "${collection}"`, () => this.#documents(collection, { after, limit }))
  }

  async #documents(collection: string, range: DocumentRange): Promise<StoredDocument[]> {
    const rows = await this.#database.query(selectDocuments(this.#schema, collection, range))
    return rows.map(row => ({ id: text(row, 'id'), data: text(row, 'data'), revision: number(row, 'revision') }))
  }

  override write(changes: readonly DocumentChange[]): Promise<void> {
    return this.#call('write documents', async () => {
      if (changes.length === 1) {
        await changeDocuments(statement => this.#database.query(statement), this.#schema, changes)
      } else {
        await this.#database.transaction(run => changeDocuments(run, this.#schema, changes))
      }
    })
  }

  override watch(runId: string, listener: () => void): () => void {
    if (this.#closing !== undefined) throw storeClosed()
    return this.#watches.add(runId, listener)
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#watches.close()
    await Promise.allSettled(this.#underWay)
    await this.#session.close()
    await this.#database.close()
  }

  async #call<T>(what: string, body: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw storeClosed()
    const call = body()
    this.#underWay.add(call)
    try {
      return await call
    } catch (failure) {
      throw postgresFailed(what, failure)
    } finally {
      this.#underWay.delete(call)
    }
  }

  async #first(statement: PostgresQuery): Promise<PostgresRow | undefined> {
    return (await this.#database.query(statement))[0]
  }

  #notified(payload: string): void {
    const colon = payload.indexOf(':')
    const runId = fromStored(payload.slice(colon + 1))
    if (payload.startsWith('created:')) this.#watches.created(runId)
    else this.#watches.changed(runId)
  }
}
