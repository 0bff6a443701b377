import { openSync } from 'node:fs'
import { devNull } from 'node:os'
import { type SqliteDriverName, SqliteJournalStore } from '../../../src/durability/index.js'

// Opens a store when as many files are open as may be, and says what it answers.
const [path = '', driver] = process.argv.slice(2)
const open = () => new SqliteJournalStore(path, { driver: driver as SqliteDriverName })

// Whatever has to be loaded needs files as well.
const first = open()
await first.list()
await first.close()

try {
  for (;;) openSync(devNull, 'r')
} catch {
  // Now there are no more.
}
const error = await open()
  .list()
  .catch((thrown: unknown) => thrown)
const { code, message, details } = error as Error & { readonly code: string; readonly details: object }
process.stdout.write(JSON.stringify({ code, message, details }))
