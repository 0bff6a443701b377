import { readdir, readFile } from 'node:fs/promises'
import { StoreError } from '../store-error.js'
import { inTransaction, type RunStatement } from './borrowed-connection.js'

interface Migration {
  readonly number: number
  readonly name: string
}

/**
 * Brings the tables of a schema to the format of this version. Of many processes that try at once, one does it and the
 * others wait.
 * @throws STORE_FORMAT_UNKNOWN if the tables are of a newer version
 */
export async function migrate(run: RunStatement, schema: string): Promise<void> {
  const migrations = await readMigrations()
  const present = await applied(run, schema)
  if (present > migrations.length) throw tooNew(schema, present, migrations.length)
  // Whoever finds all in place needs neither the lock nor the right to create anything.
  if (present === migrations.length) return
  await inTransaction(run, async () => {
    const lock = `advancer migrations of ${schema}`
    await run({ text: 'select pg_advisory_xact_lock(hashtextextended($1, 0))', values: [lock] })
    await prepare(run, schema)
    await apply(run, schema, migrations)
  })
}

async function apply(run: RunStatement, schema: string, migrations: readonly Migration[]): Promise<void> {
  await run({ text: `set local search_path to "${schema}"` })
  const present = await lastOf(run, 'migrations')
  for (const { number, name } of migrations.slice(present)) {
    await run({ text: await readFile(new URL(name, directory), 'utf8') })
    await run({ text: 'insert into migrations (number, name) values ($1, $2)', values: [number, name] })
  }
}

/** The number of the last migration that a schema has had; 0 without any. */
async function applied(run: RunStatement, schema: string): Promise<number> {
  const table = `"${schema}".migrations`
  const [found] = await run({ text: 'select to_regclass($1) as table', values: [table] })
  return found === undefined || found['table'] === null ? 0 : lastOf(run, table)
}

async function lastOf(run: RunStatement, table: string): Promise<number> {
  const [last] = await run({ text: `select coalesce(max(number), 0) as number from ${table}` })
  return Number(last?.['number'])
}

async function prepare(run: RunStatement, schema: string): Promise<void> {
  const [database] = await run({
    text: 'select to_regnamespace($1) as schema, current_setting($2) as encoding',
    values: [`"${schema}"`, 'server_encoding'],
  })
  if (database?.['encoding'] !== 'UTF8') throw wrongEncoding(String(database?.['encoding']))
  // That there is no schema may be what the connection remembers from before it had the lock, so `if not exists` is
  // needed; and
  // the question too, because creating asks for the right to do so even where there is nothing to create.
  if (database['schema'] === null) await run({ text: `create schema if not exists "${schema}"` })
  await run({
    text: `create table if not exists "${schema}".migrations (
      number integer primary key,
      name text not null,
      applied_at timestamptz not null default now()
    )`,
  })
}

const directory = new URL('./migrations/', import.meta.url)

async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter(name => name.endsWith('.sql')).sort()
  return names.map(name => ({ number: Number.parseInt(name, 10), name }))
}

function tooNew(schema: string, present: number, known: number): StoreError {
  return new StoreError(
    'STORE_FORMAT_UNKNOWN',
    `The tables in schema "${schema}" are of format ${present}; this version of the package knows them up to ${known}. ` +
      'Update the package, or give the store another schema.',
    { schema, format: present, known },
  )
}

function wrongEncoding(encoding: string): StoreError {
  return new StoreError(
    'STORE_FAILED',
    `The database is of encoding ${encoding}, which cannot hold every text. Create one with encoding 'UTF8'.`,
    { encoding },
  )
}
