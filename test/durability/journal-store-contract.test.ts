import { describe, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/memory/memory-journal-store.js'
import { testJournalStore } from '../../src/testing/test-journal-store.js'

const store = new MemoryJournalStore()

testJournalStore({ name: 'MemoryJournalStore keeps the contract', open: () => store.reopen(), describe, it })
