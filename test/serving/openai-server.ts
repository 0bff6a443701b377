import { IsInt, IsString, Min } from 'class-validator'
import OpenAI, { type ClientOptions } from 'openai'
import { onTestFinished } from 'vitest'
import { Agent, AgentRunnable, type ModelRequest, textOf, tool } from '../../src/agents/index.js'
import { ChatRuntime, OrchestrationRuntimeConfiguration, SingletonRuntimeConfiguration } from '../../src/chat/index.js'
import { ApprovalRunnable, Approved, Orchestration, SignalRunnable } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { createHandler, listen, type ServingHandler, type ServingOptions } from '../../src/serving/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { step } from '../core/machines.js'
import { failing, gated, tokens } from './served.js'

/** What {@link forecast} takes. */
export class Place {
  @IsString() city!: string
  @IsInt() @Min(1) days!: number
}

/** A plan that a model writes as JSON. */
export class Outline {
  @IsString() title!: string
}

/** A model that answers every call alike, by what it is asked. */
export function model(reply: ScriptedReply): ScriptedModel {
  return new ScriptedModel(Array.from({ length: 200 }, () => reply))
}

const usage = { inputTokens: 10, outputTokens: 5, totalTokens: 15 }

/** A planner whose JSON is not for the reader, then a writer whose words are. */
export function essay(): Orchestration<string, string> {
  class Planning extends AgentRunnable<string, Outline> {
    readonly agent = new Agent({
      client: model({ object: { title: 'Cats' }, usage }),
      model: 'scripted',
      name: 'Planner',
      instructions: 'Plan.',
      outputSchema: Outline,
    })
  }
  class Writing extends AgentRunnable<Outline, string> {
    readonly agent = new Agent({
      client: model({ text: 'Cats are small and soft.', reasoning: 'Hm, cats.', usage }),
      model: 'scripted',
      name: 'Writer',
      instructions: 'Write.',
    })
  }
  class Essay extends Orchestration<string, string> {
    override initialRunnable = new Planning().addAdvancer(new Writing())
  }
  return new Essay().configure({ input: String, output: String, classes: [Outline] })
}

/** Takes and returns objects. */
export function forecast(): Orchestration<Place, object> {
  class Forecast extends Orchestration<Place, object> {
    override initialRunnable = step<Place, object>('Look', ({ city, days }) => ({ city, weather: 'rain', days }))
  }
  return new Forecast().configure({ input: Place } as never)
}

/** Writes, then asks whether it may be published, then, if not, says why. */
export function press(): Orchestration<string, string> {
  const publish = step<unknown, string>('Publish', text => `Published: ${String(text)}`)
  const reject = step<{ comment?: string; by?: string; data?: unknown }, string>('Drop', ({ comment, by }) => {
    return `Dropped by ${by}: ${comment ?? 'no reason'}`
  })
  const review = new ApprovalRunnable<string>({ message: text => `Publish "${text}"?` })
    .configure({ name: 'Review' })
    .addAdvancer(
      outcome => outcome instanceof Approved,
      publish as never,
      (outcome: Approved<string>) => outcome.subject as never,
    )
    .addAdvancer(() => true, reject as never, ((outcome: { decision: object }) => outcome.decision) as never)
  class Press extends Orchestration<string, string> {
    override initialRunnable = step<string, string>('Draft', (topic, context) => {
      context.usage({ model: 'm', inputTokens: 3, outputTokens: 2 })
      return `A text on ${topic}`
    }).addAdvancer(review as never)
  }
  return new Press().configure({ input: String })
}

/** Waits for a place, and says where it is. */
export function listener(): Orchestration<unknown, string> {
  class Listener extends Orchestration<unknown, string> {
    override initialRunnable = new SignalRunnable<unknown, Place>({ signal: Place })
      .configure({ name: 'Hear' })
      .addAdvancer(step<Place, string>('Tell', ({ city }) => `Heard of ${city}`) as never)
  }
  return new Listener()
}

/** Returns what was said, all of it, as the run has it. */
export function recall(): Orchestration<string, string> {
  class Recall extends Orchestration<string, string> {
    override initialRunnable = step<string, string>('Recall', (_input, { properties }) => {
      const messages = properties.get('messages') as { role: string; content: string }[]
      return messages.map(({ role, content }) => `${role}: ${content}`).join('\n')
    })
  }
  return new Recall()
}

/** A chat with an agent that tells what it was told. */
export function parrot(): ChatRuntime {
  const client = model((request: ModelRequest) => {
    const said = request.messages.filter(({ role }) => role !== 'system')
    return {
      text: said.map(({ role, content }) => `${role}:${typeof content === 'string' ? content : '…'}`).join(' | '),
      usage,
    }
  })
  return new ChatRuntime(
    new SingletonRuntimeConfiguration(
      new Agent({ client, model: 'scripted', name: 'Parrot', instructions: 'Repeat.' }),
    ),
  )
}

/** A chat with an agent that asks before it deletes anything. */
export function careful(deleted: string[]): ChatRuntime {
  const client = new ScriptedModel([
    { text: 'One moment.', toolCalls: [{ name: 'delete_file', arguments: { input: 'a.txt' } }], usage },
    ({ messages }: ModelRequest) => ({ text: `The tool said: ${textOf(messages.at(-1))}`, usage }),
  ])
  const remove = tool({
    name: 'delete_file',
    description: 'Deletes',
    needsPermission: true,
    execute: () => {
      deleted.push('a.txt')
      return 'gone'
    },
  })
  const agent = new Agent({ client, model: 'scripted', name: 'Careful', instructions: 'Help.', tools: [remove] })
  return new ChatRuntime(new SingletonRuntimeConfiguration(agent, { toolPermission: 'ask' }))
}

/** A served machine of each kind, and official clients for it. */
export async function serveOpenAI(options: Partial<ServingOptions> = {}) {
  const deleted: string[] = []
  const hold = gated('Hold')
  const handler = await createHandler({
    store: new MemoryJournalStore(),
    orchestrations: [
      { orchestration: essay(), description: 'Writes about anything.' },
      forecast(),
      press(),
      listener(),
      recall(),
      failing(),
      hold.orchestration,
    ],
    chats: {
      parrot,
      careful: () => careful(deleted),
      essayist: () => new ChatRuntime(new OrchestrationRuntimeConfiguration(essay())),
    },
    auth: {
      tokens: [
        { token: tokens.all, tenant: 'acme', name: 'Ada' },
        { token: tokens.read, tenant: 'acme', name: 'Bob', scopes: ['read'] },
        { token: tokens.run, tenant: 'acme', name: 'Cy', scopes: ['read', 'run'] },
        { token: tokens.other, tenant: 'other', name: 'Eve' },
      ],
    },
    logger: { warn: () => undefined },
    ...options,
  })
  const listening = await listen(handler, { port: 0 })
  onTestFinished(() => listening.close(100))
  const clientOf = (apiKey: string, more: ClientOptions = {}): OpenAI =>
    new OpenAI({ apiKey, baseURL: `${listening.url}/v1`, maxRetries: 0, logLevel: 'off', ...more })
  return { handler, listening, client: clientOf(tokens.all), clientOf, deleted, hold, url: listening.url }
}

/** Waits until a run is what it is waited for to be. */
export async function untilRun(
  { server }: ServingHandler,
  id: string,
  status: 'running' | 'completed' | 'failed' | 'cancelled' | 'paused',
): Promise<void> {
  const { store } = server.host
  for (;;) {
    let changed = (): void => undefined
    const change = new Promise<void>(resolve => {
      changed = resolve
    })
    const stop = store.watch(id, () => changed())
    try {
      if ((await store.get(id))?.status === status) return
      await change
    } finally {
      stop()
    }
  }
}
