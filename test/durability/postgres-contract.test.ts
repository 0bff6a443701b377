import { afterAll, beforeAll, describe, it } from 'vitest'
import { PostgresJournalStore } from '../../src/durability/postgres/postgres-journal-store.js'
import { testJournalStore } from '../../src/testing/test-journal-store.js'
import { type PostgresServer, startPostgres } from './postgres-server.js'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.stop())

testJournalStore({
  name: 'S3-30 PostgresJournalStore keeps the contract',
  open: () => new PostgresJournalStore({ connectionString: server.url, maxConnections: 3 }),
  describe,
  it,
})
