// A chat client for the terminal. `npx tsx samples/16-chat-terminal/main.ts [chat.db]`: with a file, the chat and what it waits for
// outlive the process. With OPENAI_API_KEY (and OPENAI_BASE_URL, OPENAI_MODEL if wanted) that model answers, else a small one of its own.
import {
  ChatRuntime,
  InMemoryChatHistory,
  OrchestrationRuntimeConfiguration,
  StoredChatHistory,
  toModelMessage,
} from 'advancer'
import { SqliteJournalStore } from 'advancer/durability'
import { Assistant } from './assistant.js'
import { chooseModel } from './model-choice.js'
import { TerminalChat } from './terminal-chat.js'

const [file] = process.argv.slice(2)
const store = file === undefined ? undefined : new SqliteJournalStore(file)
const { description, ...model } = chooseModel(process.env)
const configuration = new OrchestrationRuntimeConfiguration(new Assistant(model), {
  toInput: (message, history) => [...history, message].map(toModelMessage),
  ...(store === undefined ? {} : { store }),
})
const runtime = new ChatRuntime(configuration, {
  id: 'terminal',
  history: store === undefined ? new InMemoryChatHistory() : new StoredChatHistory(store),
})

const chat = new TerminalChat(runtime, { input: process.stdin, output: process.stdout })
try {
  await chat.run(`${description}. /help tells what there is besides talking.`)
} finally {
  await store?.close()
}
