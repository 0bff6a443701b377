// A server of the store at STORE, a file or the address of a PostgreSQL, on the port that is its argument. It says when it listens.
import { setTimeout as delay } from 'node:timers/promises'
import {
  ApprovalRunnable,
  Approved,
  Orchestration,
  OrchestrationRunnable,
  type RunContext,
} from '../../../src/core/index.js'
import { PostgresJournalStore, SqliteJournalStore } from '../../../src/durability/index.js'
import { createHandler, listen } from '../../../src/serving/index.js'

const place = process.env['STORE'] ?? ''
const [port = '0'] = process.argv.slice(2)

/** Takes a moment, so that servers die in the middle of it. */
class Step extends OrchestrationRunnable<string, string> {
  async invoke(text: string, { signal, stateName }: RunContext) {
    await delay(30 + Math.random() * 120, undefined, { signal })
    return `${text} ${stateName}`
  }
}

class Work extends Orchestration<string, string> {
  constructor() {
    super()
    const [draft, left, right, edit, publish] = ['Draft', 'Left', 'Right', 'Edit', 'Publish'].map(name =>
      new Step().configure({ name }),
    ) as [Step, Step, Step, Step, Step]
    const review = new ApprovalRunnable<string>({ message: text => `Publish ${text}?` }).configure({ name: 'Review' })
    this.initialRunnable = draft.addAdvancer(left.addAdvancer(right.addAdvancer(edit.addAdvancer(review))))
    review.addAdvancer(
      outcome => outcome instanceof Approved,
      publish,
      outcome => outcome.subject,
    )
    this.configure({ input: String, output: String })
  }
}

const store = place.startsWith('postgres:')
  ? new PostgresJournalStore({ connectionString: place })
  : new SqliteJournalStore(place)
const slow = async (input: unknown) => {
  await delay(30 + Math.random() * 120)
  return input
}
const handler = await createHandler({
  store,
  orchestrations: [new Work()],
  workflows: { agents: { slow } },
  monitor: false,
})
const { url } = await listen(handler, { port: Number(port), recoverEveryMs: 300 })
process.stdout.write(`${url}\n`)
