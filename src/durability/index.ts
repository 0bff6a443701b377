export { JournalStore } from './journal-store.js'
export { MemoryJournalStore } from './memory-journal-store.js'
