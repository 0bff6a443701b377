// A process that uses the store at DATABASE_URL as the words after its name say. Each line that it prints is a value as
// JSON.
import { once } from 'node:events'
import { PostgresJournalStore } from '../../src/durability/postgres/postgres-journal-store.js'
import { StoreError } from '../../src/durability/store-error.js'
import { OrchestrationError } from '../../src/errors/index.js'
import { goesOn, turn } from './postgres-run.js'

const [role = '', runId = '', turns = '0'] = process.argv.slice(2)
const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)

const roles: Record<string, () => Promise<void>> = {
  /** Appends so many turns, whoever else does, and prints which. */
  async append() {
    const store = new PostgresJournalStore()
    const mine: number[] = []
    while (mine.length < Number(turns)) {
      const seq = ((await store.get(runId))?.seq ?? 0) + 1
      try {
        await store.append(runId, seq - 1, [turn(seq, `"${process.pid}"`)], goesOn)
        mine.push(seq)
      } catch (failure) {
        if (!(failure instanceof StoreError && failure.code === 'RUN_CONFLICT')) throw failure
      }
    }
    print(mine)
    await store.close()
  },

  /** Claims a run and stays. */
  async own() {
    const store = new PostgresJournalStore()
    print(await store.claim(runId))
    await once(process.stdin, 'data')
  },

  /** Claims and watches a run, and leaves the store open. */
  async watch() {
    const store = new PostgresJournalStore()
    // A watch does not keep the process alive, but this does.
    const alive = setInterval(() => {}, 1000)
    await new Promise<void>(resolve => {
      store.watch(runId, resolve)
    })
    clearInterval(alive)
    print(await store.claim(runId))
  },

  /** Prints why the store cannot be used. */
  async fail() {
    const failure: unknown = await new PostgresJournalStore().get(runId).catch((reason: unknown) => reason)
    print(OrchestrationError.isInstance(failure) ? failure.toJSON() : String(failure))
  },
}

await roles[role]?.()
