import { createInterface } from 'node:readline'
import type { default as Client } from 'openai'
import { Agent, AgentRunnable, approvalInRun, type ModelMessage, tool } from '../../src/agents/index.js'
import {
  ChatRuntime,
  OrchestrationRuntimeConfiguration,
  StoredChatHistory,
  toModelMessage,
} from '../../src/chat/index.js'
import { Orchestration, Runnable } from '../../src/core/index.js'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { Transfer } from './transfer.js'

// One process of a chat with a bank. It does what the lines of its standard input say, and ends with it.
const [path = '', baseURL = ''] = process.argv.slice(2)
const store = new SqliteJournalStore(path)
// Whichever version of the official client the test is about.
const { default: OpenAI } = (await import(process.env['OPENAI_PACKAGE'] ?? 'openai')) as { default: typeof Client }
const client = new OpenAI({ apiKey: 'sk-demo-0123456789', baseURL, maxRetries: 0, logLevel: 'off' })

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const balance = tool({
  name: 'balance',
  description: 'What is in the account',
  execute: () => {
    say({ did: 'balance' })
    return '100'
  },
})
const transfer = tool({
  name: 'transfer',
  description: 'Transfers money',
  parameters: Transfer,
  needsPermission: true,
  execute: ({ to, amount }) => {
    say({ did: 'transfer' })
    return `${amount} sent to ${to}`
  },
})

@Runnable({ output: String })
class Banking extends AgentRunnable<readonly ModelMessage[], string> {
  readonly agent = new Agent({
    client,
    model: 'gpt-4.1-mini',
    name: 'Teller',
    instructions: 'You are Teller.',
    tools: [balance, transfer],
    onToolPermission: approvalInRun(),
  })

  override prompt(messages: readonly ModelMessage[]): readonly ModelMessage[] {
    return messages
  }
}

class Bank extends Orchestration<readonly ModelMessage[], string> {
  override initialRunnable = new Banking()
}

const configuration = new OrchestrationRuntimeConfiguration(new Bank(), {
  store,
  toInput: (message, history) => [...history, message].map(toModelMessage),
})
const runtime = new ChatRuntime(configuration, { id: 'chat', history: new StoredChatHistory(store) })
runtime.on('runtime.approval.requested', ({ request }) => say({ asked: request.input }))
runtime.on('runtime.orchestration', ({ event }) => {
  if (event.type === 'agent.usage') say({ used: [event.inputTokens, event.outputTokens] })
})

const tell = (reply: Promise<{ readonly content: string } | undefined>): Promise<void> =>
  reply.then(
    message => say({ reply: message?.content ?? null }),
    (thrown: Error) => say({ failed: thrown.message }),
  )

for await (const line of createInterface(process.stdin)) {
  const [command, text = ''] = line.split(': ')
  if (command === 'invoke') void tell(runtime.invoke(text))
  if (command === 'resume') void tell(runtime.resume())
  if (command === 'approve') {
    const [request] = await runtime.pending
    if (request === undefined) say({ failed: 'nothing is asked' })
    else await runtime.approve(request)
  }
  if (command === 'history')
    say({ history: (await runtime.messages).map(({ role, content }) => `${role}: ${content}`) })
}
await store.close()
