import { DelayRunnable, Orchestration } from '../../src/index.js'
import { MemoryJournalStore, RunHost } from '../../src/durability/index.js'

class Later extends Orchestration<string, string> {
  constructor() {
    super()
    this.initialRunnable = new DelayRunnable<string>(3_600_000).configure({ name: 'Wait' })
  }
}
const store = new MemoryJournalStore()
const store2 = process.argv[2] === 'x' ? store.reopen() : store.reopen()
const one = new RunHost({ store, orchestrations: [new Later()] })
const other = new RunHost({ store: store2, orchestrations: [new Later()] })
const run = await one.start('Later', 'tea')
console.log(await other.pause(run.id))
await other.resume(run.id)
console.log('resumed', (await other.record(run.id)).status, run.status)
console.log(await one.cancel(run.id, 'no more tea'))
console.log((await other.record(run.id)).status)
process.exit()
