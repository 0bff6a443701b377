import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import {
  FileStorageBackend,
  type JournalStore,
  MemoryJournalStore,
  PostgresJournalStore,
  SqliteJournalStore,
} from '../../durability/index.js'
import { OrchestrationError } from '../../errors/index.js'
import { quoted } from '../arguments/quoted.js'
import type { Io } from '../io.js'
import { UsageError } from '../usage-error.js'

/** Where runs are kept. */
export interface OpenStore {
  readonly store: JournalStore
  /** As people are told; without passwords. */
  readonly name: string
  /** Whether it outlives this process. */
  readonly isDurable: boolean
  /** What has to be added to a command line to mean the same store; empty if it is the one that is meant anyway. */
  readonly option: string
}

/** How a store is opened. */
export interface StoreOptions {
  /** Whether nothing is made that is not there. @default false */
  readonly mustExist?: boolean
  /** Told why runs are kept in memory only, where no store was asked for and none can be had; else that is an error. */
  readonly onMemory?: (why: string) => void
}

/**
 * Opens the store of `--store`, else that of the environment, else SQLite in `./.advancer`, and asks it something.
 * @throws UsageError for what is no store, or is not there; PACKAGE_MISSING, and whatever keeps it from answering
 */
export async function openStore(given: string | undefined, io: Io, options: StoreOptions = {}): Promise<OpenStore> {
  const { ADVANCER_STORE: own, DATABASE_URL: database } = io.env
  const spec = given ?? (own || database || 'sqlite:.advancer')
  const option = given === undefined ? '' : ` --store ${quoted(withPasswordLeftOut(given))}`
  const opened = { ...storeOf(spec, io.cwd, options.mustExist ?? false), option }
  const isAsked = given !== undefined || Boolean(own) || Boolean(database)
  try {
    // What is wrong with it is to be told before anything is done.
    await opened.store.list({ limit: 1 })
    return opened
  } catch (thrown) {
    await opened.store.close()
    const isMissing = OrchestrationError.isInstance(thrown) && thrown.code === 'PACKAGE_MISSING'
    if (isAsked || options.onMemory === undefined || !isMissing) throw thrown
    options.onMemory(thrown.message)
    return { ...storeOf('memory', io.cwd, false), option }
  }
}

const postgres = /^postgres(ql)?:\/\//

function storeOf(spec: string, cwd: string, mustExist: boolean): Omit<OpenStore, 'option'> {
  if (spec === 'memory') return { store: new MemoryJournalStore(), name: 'memory', isDurable: false }
  if (postgres.test(spec)) {
    return { store: new PostgresJournalStore({ connectionString: spec }), name: placeOf(spec), isDurable: true }
  }
  const [, path] = /^sqlite:(.+)$/.exec(spec) ?? []
  if (path === undefined) {
    const forms = 'sqlite:<directory>, sqlite:<file>.db, postgres://user@host/database, memory'
    const meant = /^[\w./\\-]+$/.test(spec) ? ` Did you mean sqlite:${spec}?` : ''
    // It may be the address of another database, with its password.
    const shown = spec.replace(/\/\/.*@/, '//…@').replace(/\?.*/, '?…')
    throw new UsageError(`"${shown}" is no store. There are: ${forms}.${meant}`)
  }
  const full = resolve(cwd, path)
  const isFile = /\.(db|sqlite3?)$/.test(path)
  const file = isFile ? full : join(full, 'advancer.db')
  if (mustExist && !existsSync(file)) {
    throw new UsageError(
      `There is no store at ${relative(cwd, file)}: no run was kept here yet. Say with --store where they are kept, or change to ` +
        'the directory that they were started in.',
    )
  }
  const name = `sqlite:${path}`
  return { store: isFile ? new SqliteJournalStore(full) : new FileStorageBackend(full), name, isDurable: true }
}

/** Where a database is, and nothing of who asks it. */
function placeOf(address: string): string {
  const { protocol, host, pathname } = urlOf(address) ?? {}
  return protocol === undefined ? 'postgres' : `${protocol}//${host}${pathname}`
}

/** The address of a database for a command line that is shown: what is secret in it is to be put in again. */
function withPasswordLeftOut(spec: string): string {
  if (!postgres.test(spec)) return spec
  const url = urlOf(spec)
  if (url === undefined) return 'postgres://…'
  const user = url.username + (url.password === '' ? '' : ':<password>')
  const search = url.search.replaceAll(/([?&][^=&]*password=)[^&]*/gi, '$1<password>')
  return `${url.protocol}//${user}${user === '' ? '' : '@'}${url.host}${url.pathname}${search}`
}

/** An address whose parts can be told apart: with an unescaped character in its password, a part of that may look like the host. */
function urlOf(address: string): URL | undefined {
  try {
    const url = new URL(address)
    return url.username === '' && address.includes('@') ? undefined : url
  } catch {
    return undefined
  }
}
