import { resolve } from 'node:path'
import type { DurableDefinition } from '../../core/internal.js'
import { OptionError } from '../../errors/index.js'
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
import { storeClosed } from '../store-error.js'
import { ChangeWatch } from './change-watch.js'
import type { SqliteConnection } from './sqlite-connection.js'
import { changeDocuments } from './sqlite-documents.js'
import { loadSqliteDriver, type SqliteDriverName } from './sqlite-driver.js'
import { readEntries } from './sqlite-entries.js'
import { SqliteFile, type SqliteFileOptions } from './sqlite-file.js'
import { listRequests, listRuns } from './sqlite-lists.js'
import { SqliteOwner } from './sqlite-owner.js'
import {
  answerColumns,
  answerOf,
  definitionOf,
  documentColumns,
  documentOf,
  runColumns,
  runOf,
  snapshotColumns,
  snapshotOf,
} from './sqlite-rows.js'
import { answerRequest, appendToRun, claimRun, createRun, keepSnapshot } from './sqlite-run-writes.js'
import { roughTextOf, textColumns } from './stored-text.js'
import { WriteQueue } from './write-queue.js'

/** How a {@link SqliteJournalStore} works. */
export interface SqliteJournalStoreOptions {
  /**
   * The library that reads and writes the file. Within one process all store objects on one file must use the same.
   * @default 'node:sqlite' where Node has it (22.13 and newer), else 'libsql', which is to be installed
   */
  readonly driver?: SqliteDriverName
  /**
   * `full`: what was written survives the loss of power. `normal`: it survives the end of the process, but the last commits before
   * a loss of power may be missing; many times faster.
   * @default 'full'
   */
  readonly synchronous?: 'full' | 'normal'
  /** How long a call waits for other processes that have the file locked, in milliseconds. @default 5000 */
  readonly busyTimeout?: number
}

interface OpenSqlite {
  readonly file: SqliteFile
  readonly queue: WriteQueue
  readonly owner: SqliteOwner
}

/**
 * Keeps runs in one SQLite file, which any number of processes of one machine may use at once. The file must be on a local disk,
 * since SQLite cannot share one over a network. Next to it are SQLite's own `-wal` and `-shm`, and for each store object that has
 * runs an `-owner-…` that is locked as long as its process lives.
 *
 * What is written at the same time is committed together: one wait for the disk for all of it. The file is opened at the first
 * call, and created with its directory if it is not there. After STORE_FAILED the store can be used again as soon as the cause
 * is gone.
 *
 * Errors besides those of {@link JournalStore}: STORE_FORMAT_UNKNOWN for a file of a newer version of this package, and
 * PACKAGE_MISSING if there is no SQLite library. Of a run that is damaged on the disk JOURNAL_DAMAGED says what cannot be read;
 * other runs are not affected.
 */
export class SqliteJournalStore extends JournalStore {
  readonly #driver: SqliteDriverName | undefined
  readonly #options: SqliteFileOptions
  readonly #watch = new ChangeWatch(async () => (await this.#open()).file)
  #opened: Promise<OpenSqlite> | undefined
  #closed: Promise<void> | undefined

  /**
   * @param path of the file; `:memory:` keeps everything in memory, for this store object alone
   * @throws OPTION_INVALID
   */
  constructor(path: string, options: SqliteJournalStoreOptions = {}) {
    super()
    const { driver, synchronous = 'full', busyTimeout = 5000 } = options
    if (typeof path !== 'string' || path === '') throw new OptionError('path', 'the path of a file', path)
    if (driver !== undefined && driver !== 'node:sqlite' && driver !== 'libsql') {
      throw new OptionError('driver', "'node:sqlite' or 'libsql'", driver)
    }
    if (synchronous !== 'full' && synchronous !== 'normal') {
      throw new OptionError('synchronous', "'full' or 'normal'", synchronous)
    }
    if (!(busyTimeout >= 0)) throw new OptionError('busyTimeout', 'a number of milliseconds from 0 on', busyTimeout)
    this.#driver = driver
    this.#options = { path: path === ':memory:' ? path : resolve(path), synchronous, busyTimeout }
  }

  override async create(run: NewRun): Promise<void> {
    await this.#write((connection, owner) => createRun(connection, run, owner))
    this.#watch.changed(run.runId)
  }

  override async get(runId: string): Promise<RunRecord | undefined> {
    const row = await this.#read(connection => connection.get(`SELECT ${runColumns} FROM runs WHERE run_id = ?`, runId))
    return row && runOf(row)
  }

  override async definition(fingerprint: string): Promise<string | undefined> {
    const sql = `SELECT ${textColumns('data')} FROM definitions WHERE fingerprint = ?`
    const row = await this.#read(connection => connection.get(sql, fingerprint))
    return row && definitionOf(fingerprint, row)
  }

  override async list(query: RunQuery = {}): Promise<RunPage> {
    return this.#read(listRuns(query))
  }

  override async append(
    runId: string,
    expected: number,
    entries: readonly JournalEntry[],
    change: RunChange,
  ): Promise<void> {
    await this.#write((connection, owner) => appendToRun(connection, runId, expected, entries, change, owner))
    this.#watch.changed(runId)
  }

  override async read(runId: string, from = 1, limit = Number.POSITIVE_INFINITY): Promise<readonly JournalEntry[]> {
    return this.#read(connection => readEntries(connection, runId, from, limited(limit)))
  }

  override async saveSnapshot(runId: string, snapshot: JournalSnapshot): Promise<void> {
    await this.#write(connection => keepSnapshot(connection, runId, snapshot))
  }

  override async snapshot(runId: string): Promise<JournalSnapshot | undefined> {
    const sql = `SELECT ${snapshotColumns} FROM snapshots WHERE run = (SELECT id FROM runs WHERE run_id = ?)`
    const row = await this.#read(connection => connection.get(sql, runId))
    return row && snapshotOf(runId, row)
  }

  override async delete(runId: string): Promise<boolean> {
    const deleted = await this.#write(connection => connection.run('DELETE FROM runs WHERE run_id = ?', runId) > 0)
    if (deleted) this.#watch.changed(runId)
    return deleted
  }

  override async claim(runId: string): Promise<boolean> {
    return this.#write((connection, owner) => claimRun(connection, runId, owner))
  }

  override async release(runId: string): Promise<void> {
    const sql = 'UPDATE runs SET owner = NULL WHERE run_id = ? AND owner = ?'
    await this.#write((connection, owner) => connection.run(sql, runId, owner.id))
  }

  override async requests(query: RequestQuery = {}): Promise<RequestPage> {
    return this.#read(listRequests(query))
  }

  override async answer(runId: string, answer: StoredAnswer): Promise<'accepted' | 'taken' | 'unknown'> {
    const outcome = await this.#write(connection => answerRequest(connection, runId, answer))
    if (outcome === 'accepted') this.#watch.changed(runId)
    return outcome
  }

  override async answers(runId: string): Promise<readonly StoredAnswer[]> {
    const sql = `SELECT ${answerColumns} FROM requests WHERE run_id = ? AND requests.answer IS NOT NULL
      ORDER BY answer_number`
    const rows = await this.#read(connection => connection.all(sql, runId))
    return rows.map(row => answerOf(runId, row))
  }

  override async document(collection: string, id: string): Promise<StoredDocument | undefined> {
    const sql = `SELECT ${documentColumns} FROM documents WHERE collection = ? AND id = ?`
    const row = await this.#read(connection => connection.get(sql, collection, id))
    return row && documentOf(collection, row)
  }

  override async documents(
    collection: string,
    after = '',
    limit = Number.POSITIVE_INFINITY,
  ): Promise<readonly StoredDocument[]> {
    const sql = `SELECT ${documentColumns} FROM documents WHERE collection = ? AND id > ?
      ORDER BY documents.id LIMIT ?`
    const rows = await this.#read(connection => connection.all(sql, collection, after, limited(limit)))
    return rows.map(row => documentOf(collection, row))
  }

  override async write(changes: readonly DocumentChange[]): Promise<void> {
    await this.#write(connection => changeDocuments(connection, changes))
  }

  override watch(runId: string, listener: () => void): () => void {
    if (this.#closed !== undefined) throw storeClosed()
    return this.#watch.add(runId, listener)
  }

  /** Reads no more of a run than its id, so that one that is damaged does not keep the others from being taken up. */
  override async abandoned({ name }: DurableDefinition): Promise<readonly string[]> {
    const sql = `SELECT ${textColumns('run_id')} FROM runs WHERE orchestration = ? AND status = 'running'
      ORDER BY created_at, runs.run_id`
    const rows = await this.#read(connection => connection.all(sql, name))
    return rows.map(row => roughTextOf(row.run_id))
  }

  override close(): Promise<void> {
    this.#closed ??= this.#close(this.#opened)
    return this.#closed
  }

  async #close(opened: Promise<OpenSqlite> | undefined): Promise<void> {
    this.#watch.stop()
    // If it could not be opened, those who called were told, and there is nothing to close.
    const open = await opened?.catch(() => undefined)
    await open?.queue.idle()
    open?.owner.release()
    open?.file.close()
  }

  async #read<T>(query: (connection: SqliteConnection) => T): Promise<T> {
    const { file } = await this.#open()
    return file.use('read', query)
  }

  async #write<T>(change: (connection: SqliteConnection, owner: SqliteOwner) => T): Promise<T> {
    const { queue, owner } = await this.#open()
    return queue.add(connection => change(connection, owner))
  }

  #open(): Promise<OpenSqlite> {
    if (this.#closed !== undefined) return Promise.reject(storeClosed())
    this.#opened ??= this.#load()
    return this.#opened
  }

  async #load(): Promise<OpenSqlite> {
    try {
      const driver = await loadSqliteDriver(this.#driver)
      const file = new SqliteFile(driver, this.#options)
      return { file, queue: new WriteQueue(file), owner: new SqliteOwner(driver, this.#options.path) }
    } catch (error) {
      // Whoever installs the package while the process runs can call again.
      this.#opened = undefined
      throw error
    }
  }
}

/** SQLite takes a negative limit for none. */
function limited(limit: number): number {
  return Number.isFinite(limit) ? limit : -1
}
