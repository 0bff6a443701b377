import { Journal, type SqliteJournalStore } from 'advancer/durability'
import { Publication } from './publication.js'

const runId = 'tides'

/** Starts the run, or goes on with it if the store has it already; returns when it is over or only waits. */
export async function drive(store: SqliteJournalStore): Promise<void> {
  if (await isWaiting(store)) return
  const publication = new Publication().configure({ store })
  const isThere = (await store.get(runId)) !== undefined
  const run = isThere ? await publication.resume(runId) : publication.start('tides', { runId })
  const waits = new Promise(resolve => run.on('state.waiting', resolve)).then(() => isWaiting(store))
  await Promise.race([run.result.then(result => console.log(result)), waits])
}

async function isWaiting(store: SqliteJournalStore): Promise<boolean> {
  const { requests } = await store.requests({ runId })
  for (const { message } of requests) console.log(`${message} Nobody has answered yet; the run is kept.`)
  return requests.length > 0
}

/** Lists what waits for a person and approves it, without driving anything. */
export async function approve(store: SqliteJournalStore): Promise<void> {
  const journal = new Journal(new Publication(), { store })
  const { requests } = await journal.requests({ kind: 'approval' })
  for (const { runId, requestId, message } of requests) {
    await journal.approve(runId, requestId, { by: 'Ada' })
    console.log(`${message} Ada says yes.`)
  }
}

/** What happened, by whichever process. */
export async function history(store: SqliteJournalStore): Promise<void> {
  for (const { seq, events } of await new Journal(new Publication(), { store }).history(runId)) {
    console.log(`${seq}: ${events.map(({ type }) => type).join(', ')}`)
  }
}
