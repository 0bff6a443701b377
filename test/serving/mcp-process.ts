import { SqliteJournalStore } from '../../src/durability/index.js'
import { serveMcpStdio } from '../../src/serving/index.js'
import { echo, gated, listening, research } from './served.js'

/** An MCP server over standard input and output, on a store that outlives it. */
const [path = ''] = process.argv.slice(2)
const store = new SqliteJournalStore(path)
const orchestrations = [
  research(),
  { orchestration: echo(), description: 'Says it again.' },
  listening(),
  gated().orchestration,
]
const { closed } = await serveMcpStdio({ store, orchestrations }, { graceMs: 100 })
await closed
await store.close()
