import 'reflect-metadata'
import { IsString } from 'class-validator'
import { expect, it } from 'vitest'
import { Agent, AgentRunnable, type ModelMessage } from '../../src/agents/index.js'
import { ChatRuntime, OrchestrationRuntimeConfiguration, toModelMessage } from '../../src/chat/index.js'
import { JoinRunnable, Orchestration, OrchestrationRunnable, Runnable } from '../../src/core/index.js'
import { DemoServer } from './demo-server.js'
import type { Connection } from './research-states.js'

const server = new DemoServer()
const moderator = 'You moderate.'
const searcher = 'You search.'
const rememberer = 'You remember.'
const answerer = 'You answer.'

type Conversation = readonly ModelMessage[]

class Finding {
  @IsString() source!: string
  @IsString() text!: string
}

/** Opens the branches, side by side. */
class Opening extends OrchestrationRunnable<Conversation, Conversation> {
  invoke(conversation: Conversation): Conversation {
    return conversation
  }
}

abstract class Looking extends AgentRunnable<Conversation, Finding> {
  readonly agent: Agent<Finding>

  constructor(connection: Connection, name: string, instructions: string) {
    super()
    this.agent = new Agent({ ...connection, name, instructions, outputSchema: Finding })
  }

  override prompt(conversation: Conversation): Conversation {
    return conversation
  }
}

@Runnable({ output: Finding })
class Moderating extends Looking {}
@Runnable({ output: Finding })
class Searching extends Looking {}
@Runnable({ output: Finding })
class Remembering extends Looking {}

/** Where the branches come together. */
@Runnable({ input: Finding, output: String })
class Gathering extends JoinRunnable<Finding, string> {
  join(findings: readonly Finding[]): string {
    return findings.map(({ source, text }) => `${source}: ${text}`).join('; ')
  }
}

@Runnable({ input: String, output: String })
class Answering extends AgentRunnable<string, string> {
  readonly agent: Agent

  constructor(connection: Connection) {
    super()
    this.agent = new Agent({ ...connection, name: 'Answerer', instructions: answerer })
  }
}

class ChatBot extends Orchestration<Conversation, string> {
  constructor(connection: Connection) {
    super()
    this.initialRunnable = new Opening()
      .configure({ parallelAdvances: true })
      .addAdvancer(Moderating)
      .addAdvancer(Searching)
      .addAdvancer(({ length }: Conversation) => length > 1, Remembering)
    this.register(
      new Moderating(connection, 'Moderator', moderator).addAdvancer(Gathering),
      new Searching(connection, 'Searcher', searcher).addAdvancer(Gathering),
      new Remembering(connection, 'Rememberer', rememberer).addAdvancer(Gathering),
      new Gathering().addAdvancer(Answering),
      new Answering(connection),
    )
  }
}

it('a chatbot advances side by side, joins in declared order, and answers over several turns', async () => {
  let searching = (): void => {}
  const moderated = new Promise<void>(resolve => {
    searching = resolve
  })
  const finding = (source: string, text: string) => ({ json: { source, text } })
  // The first branch is done last.
  server.answers(
    moderator,
    async () => {
      await moderated
      return finding('moderator', 'harmless')
    },
    finding('moderator', 'harmless'),
  )
  server.answers(searcher, () => {
    searching()
    return finding('search', 'foxes are red')
  })
  server.answers(rememberer, ({ messages }) => finding('memory', `${messages.length - 2} messages before`))
  server.answers(answerer, ({ text }) => `I know that ${text}.`)

  const configuration = new OrchestrationRuntimeConfiguration(new ChatBot(server.connection), {
    toInput: (message, history) => [...history, message].map(toModelMessage),
  })
  const runtime = new ChatRuntime(configuration)
  const used: string[] = []
  runtime.on('runtime.orchestration', ({ event }) => {
    if (event.type === 'agent.usage') used.push(`${event.stateName}: ${event.agent}`)
  })
  expect((await runtime.invoke('Are foxes red?')).content).toBe(
    'I know that moderator: harmless; search: foxes are red.',
  )
  expect(used).toEqual(['Searching: Searcher', 'Moderating: Moderator', 'Answering: Answerer'])
  expect((await runtime.invoke('Really?')).content).toBe(
    'I know that moderator: harmless; search: foxes are red; memory: 2 messages before.',
  )
  // Branches speak too; the state tells which words are those of the reply.
  const words: Record<string, string> = {}
  for await (const piece of runtime.stream('Sure?')) {
    if (piece.type === 'message') words['reply'] = piece.message.content
    else words[piece.stateName ?? ''] = (words[piece.stateName ?? ''] ?? '') + piece.text
  }
  expect(words['reply']).toContain('memory: 4 messages before')
  expect(words['Answering']).toBe(words['reply'])
  expect(JSON.parse(words['Remembering'] ?? '')).toEqual({ source: 'memory', text: '4 messages before' })
})
