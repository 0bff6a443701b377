import { Agent, AgentRunnable, approvalInRun, Orchestration, tool } from 'advancer'
import { Journal, MemoryJournalStore } from 'advancer/durability'
import { ScriptedModel } from 'advancer/testing'

const pay = tool({
  name: 'pay',
  description: 'Pays the invoice',
  needsPermission: true,
  timeoutMs: 10_000,
  execute: (_, { run }) => `paid, with key ${run?.idempotencyKey}`,
})

class Paying extends AgentRunnable<string, string> {
  readonly agent = new Agent({
    client: new ScriptedModel([{ toolCalls: [{ name: 'pay' }] }, 'The invoice is paid.']),
    model: 'gpt-4.1-mini',
    name: 'Clerk',
    tools: [pay],
    onToolPermission: approvalInRun({ timeoutMs: 7 * 86_400_000 }),
  })
}

class Invoices extends Orchestration<string, string> {
  constructor(paying: Paying) {
    super()
    this.initialRunnable = paying
  }
}

const paying = new Paying() // its script goes on in the second life: nothing of the first is asked again
const store = new MemoryJournalStore()
const first = new Invoices(paying).start('invoice 7', { store, runId: 'invoice-7' })
first.result.catch(() => {}) // this process dies while the question is open
await new Promise<void>(resolve => first.on('approval.requested', event => resolve(console.log(event.message))))
await store.close()

const later = store.reopen()
await new Journal(new Invoices(paying), { store: later }).approve('invoice-7', 'Paying', { by: 'Ada' })
const second = await new Invoices(paying).resume('invoice-7', { store: later })
second.on('agent.tool.completed', event => console.log(event.result))
console.log(await second.result)
