import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { testJournalStore } from '../../src/testing/test-journal-store.js'
import { drivers } from './sqlite-drivers.js'

const directory = mkdtempSync(join(tmpdir(), 'sqlite-contract-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

for (const driver of drivers) {
  testJournalStore({
    name: `S1-27 S3-30 SqliteJournalStore with ${driver} keeps the contract`,
    open: () => new SqliteJournalStore(join(directory, `${driver.replace(':', '-')}.db`), { driver }),
    describe,
    it,
  })
}
