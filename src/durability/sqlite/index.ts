export type { SqliteDriverName } from './sqlite-driver.js'
export { SqliteJournalStore, type SqliteJournalStoreOptions } from './sqlite-journal-store.js'
