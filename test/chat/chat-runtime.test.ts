import 'reflect-metadata'
import { IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, tool } from '../../src/agents/index.js'
import {
  type ChatHistory,
  ChatMessage,
  ChatMessageRoles,
  ChatRuntime,
  type ChatRuntimeEvent,
  InMemoryChatHistory,
  OrchestrationRuntimeConfiguration,
  type RuntimeConfiguration,
  type RuntimeEventHandler,
  SingletonRuntimeConfiguration,
} from '../../src/chat/index.js'
import { Orchestration, OrchestrationOptions, OrchestrationRunnable, type RunContext } from '../../src/core/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'

class Report {
  @IsString() title!: string
  @IsString() content!: string
}

class Reporting extends OrchestrationRunnable<string, Report> {
  invoke(topic: string): Report {
    return Object.assign(new Report(), { title: topic, content: `All about ${topic}` })
  }
}

@OrchestrationOptions({ input: String, output: Report })
class ReportOrchestration extends Orchestration<string, Report> {
  constructor() {
    super()
    this.initialRunnable = new Reporting()
  }
}

/** The adapter as S4 writes it: a class of the user's own that knows nothing but the one method. */
class OwnConfiguration implements RuntimeConfiguration {
  constructor(private readonly orchestration: Orchestration<string, Report>) {}

  async invoke(input: ChatMessage, onRuntimeEvent?: RuntimeEventHandler): Promise<ChatMessage> {
    const subscription = this.orchestration.events$.subscribe(event =>
      onRuntimeEvent?.({ type: 'runtime.orchestration', event }),
    )
    const result = await this.orchestration.run(input.content)
    subscription.unsubscribe()
    return new ChatMessage(ChatMessageRoles.Assistant, result.content)
  }
}

const answering = (answer: RuntimeConfiguration['invoke']): RuntimeConfiguration => ({ invoke: answer })
const echo = answering(async message => new ChatMessage('assistant', `<${message.content}>`))

function recorded(runtime: ChatRuntime): ChatRuntimeEvent[] {
  const events: ChatRuntimeEvent[] = []
  runtime.events$.subscribe(event => events.push(event))
  return events
}

const ofSignal = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))

function scriptedAgent(...replies: ScriptedReply[]) {
  const client = new ScriptedModel(replies)
  const search = tool({ name: 'search', description: 'Searches', execute: () => 'found' })
  return { client, agent: new Agent({ client, model: 'scripted', tools: [search] }) }
}

describe('a chat runtime', () => {
  it("S4-26 S4-27 answers through a configuration of the user's own with nothing but invoke", async () => {
    const runtime = new ChatRuntime(new OwnConfiguration(new ReportOrchestration()))
    const result = await runtime.invoke(new ChatMessage(ChatMessageRoles.User, 'AI in healthcare'))
    expect(result).toEqual({ role: 'assistant', content: 'All about AI in healthcare' })
  })

  it('S4-26 wraps any orchestration: text in, content out, and forwards its events', async () => {
    const runtime = new ChatRuntime(new OrchestrationRuntimeConfiguration(new ReportOrchestration()), { id: 'chat-1' })
    const events = recorded(runtime)
    const reply = await runtime.invoke('AI')
    expect(reply).toEqual({ role: 'assistant', content: 'All about AI' })
    expect(events.map(each => (each.type === 'runtime.orchestration' ? each.event.type : each.type))).toEqual([
      'runtime.started',
      'orchestration.started',
      'state.started',
      'state.completed',
      'orchestration.completed',
      'runtime.completed',
    ])
    expect(events.every(each => each.runtimeId === 'chat-1' && typeof each.at === 'number')).toBe(true)
  })

  it('keeps what was said, every role, in order', async () => {
    const runtime = new ChatRuntime(echo)
    await runtime.invoke('one')
    await runtime.invoke({ role: 'system', content: 'be brief' })
    expect(await runtime.messages).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: '<one>' },
      { role: 'system', content: 'be brief' },
      { role: 'assistant', content: '<be brief>' },
    ])
  })

  it('goes on after a restart when its history is kept', async () => {
    const history = new InMemoryChatHistory()
    await new ChatRuntime(echo, { id: 'a', history }).invoke('one')
    await new ChatRuntime(echo, { id: 'other', history }).invoke('elsewhere')
    const runtime = new ChatRuntime(echo, { id: 'a', history })
    await runtime.invoke('two')
    expect((await runtime.messages).map(message => message.content)).toEqual(['one', '<one>', 'two', '<two>'])
  })

  it('empties its history, in the store too', async () => {
    const history = new InMemoryChatHistory()
    const runtime = new ChatRuntime(echo, { id: 'a', history })
    const events = recorded(runtime)
    await runtime.invoke('one')
    await runtime.clear()
    expect(events.at(-1)?.type).toBe('runtime.cleared')
    expect(await new ChatRuntime(echo, { id: 'a', history }).messages).toEqual([])
  })

  it('refuses a second message, and to be cleared, while it is answering', async () => {
    let release = (): void => {}
    const gate = new Promise<void>(resolve => {
      release = resolve
    })
    const runtime = new ChatRuntime(
      answering(async () => {
        await gate
        return new ChatMessage('assistant', 'at last')
      }),
    )
    const first = runtime.invoke('one')
    await expect(runtime.invoke('two')).rejects.toMatchObject({ code: 'CHAT_BUSY' })
    await expect(runtime.clear()).rejects.toMatchObject({ code: 'CHAT_BUSY' })
    release()
    expect((await first).content).toBe('at last')
    expect(await runtime.messages).toHaveLength(2)
  })

  it('can be sent the next message by whoever hears that the last one is answered', async () => {
    const runtime = new ChatRuntime(echo)
    const second = new Promise<ChatMessage>((resolve, reject) => {
      const subscription = runtime.events$.subscribe(event => {
        if (event.type !== 'runtime.completed') return
        subscription.unsubscribe()
        runtime.invoke('two').then(resolve, reject)
      })
    })
    await runtime.invoke('one')
    expect((await second).content).toBe('<two>')
  })

  it('rejects with what its configuration fails with, tells it as an event, and goes on without a trace', async () => {
    const cause = new Error('no idea')
    let fail = true
    const runtime = new ChatRuntime(
      answering(async () => {
        if (fail) throw cause
        return new ChatMessage('assistant', 'fine')
      }),
    )
    const events = recorded(runtime)
    await expect(runtime.invoke('one')).rejects.toBe(cause)
    expect(events.at(-1)).toMatchObject({
      type: 'runtime.failed',
      errorMessage: 'no idea',
      error: { name: 'Error', message: 'no idea' },
    })
    fail = false
    await runtime.invoke('two')
    expect((await runtime.messages).map(message => message.content)).toEqual(['two', 'fine'])
  })

  it('fails the turn, and says so, when the history cannot be written', async () => {
    const broken: ChatHistory = {
      load: async () => [],
      append: () => Promise.reject(new Error('disk full')),
      clear: async () => {},
    }
    const runtime = new ChatRuntime(echo, { history: broken })
    const events = recorded(runtime)
    await expect(runtime.invoke('one')).rejects.toThrow('disk full')
    expect(events.map(event => event.type)).toEqual(['runtime.started', 'runtime.failed'])
  })

  it('is cancelled at once, also when its configuration does not heed the signal, and drops what still comes', async () => {
    let late: RuntimeEventHandler | undefined
    const runtime = new ChatRuntime(
      answering((_message, onRuntimeEvent) => {
        late = onRuntimeEvent
        runtime.cancel('enough')
        return new Promise(() => {})
      }),
    )
    const events = recorded(runtime)
    await expect(runtime.invoke('one')).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
    late?.({ type: 'runtime.agent', event: { type: 'agent.delta', agent: 'a', text: 'too late' } })
    expect(events.map(event => event.type)).toEqual(['runtime.started', 'runtime.cancelled'])
    expect(events.at(-1)).toMatchObject({ reason: 'enough' })
    expect(await runtime.messages).toEqual([])
    runtime.cancel('nothing to cancel')
  })

  it('can no longer be cancelled once the reply is being stored', async () => {
    const history = new InMemoryChatHistory()
    const runtime: ChatRuntime = new ChatRuntime(echo, {
      history: {
        load: id => history.load(id),
        clear: id => history.clear(id),
        append: (id, messages) => {
          runtime.cancel('too late')
          return history.append(id, messages)
        },
      },
    })
    const events = recorded(runtime)
    expect((await runtime.invoke('one')).content).toBe('<one>')
    expect(events.at(-1)?.type).toBe('runtime.completed')
    expect(await runtime.messages).toHaveLength(2)
  })

  it("is cancelled by the caller's signal, with its reason", async () => {
    const controller = new AbortController()
    const reason = new Error('the client has gone')
    const runtime = new ChatRuntime(
      answering((_message, _events, signal) => {
        controller.abort(reason)
        return ofSignal(signal)
      }),
    )
    await expect(runtime.invoke('one', { signal: controller.signal })).rejects.toBe(reason)
    await expect(runtime.invoke('two', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('an orchestration as a chat', () => {
  class Counting extends OrchestrationRunnable<{ text: string; before: number }, { sum: number }> {
    invoke({ before }: { before: number }) {
      return { sum: before }
    }
  }
  class CountingOrchestration extends Orchestration<{ text: string; before: number }, { sum: number }> {
    constructor() {
      super()
      this.initialRunnable = new Counting()
    }
  }

  it('makes the input of the message and the history, and JSON of an output without content', async () => {
    const configuration = new OrchestrationRuntimeConfiguration(new CountingOrchestration(), {
      toInput: (message, history) => ({ text: message.content, before: history.length }),
    })
    const runtime = new ChatRuntime(configuration)
    expect((await runtime.invoke('a')).content).toBe('{"sum":0}')
    expect((await runtime.invoke('b')).content).toBe('{"sum":2}')
  })

  it('needs toInput where the input is no string, and may say what the reply is', async () => {
    // @ts-expect-error the orchestration does not take a string
    const wrong = new OrchestrationRuntimeConfiguration(new CountingOrchestration())
    expect(wrong).toBeDefined()
    // @ts-expect-error neither do other options make one
    const alsoWrong = new OrchestrationRuntimeConfiguration(new CountingOrchestration(), { toMessage: () => 'x' })
    expect(alsoWrong).toBeDefined()
    const titled = new OrchestrationRuntimeConfiguration(new ReportOrchestration(), {
      toMessage: report => report.title,
    })
    expect((await titled.invoke(new ChatMessage('user', 'AI'))).content).toBe('AI')
  })

  it('is cancelled with the turn: the run, its state, and the request to the model', async () => {
    let asked: AbortSignal | undefined
    let reach = (): void => {}
    const reached = new Promise<void>(resolve => {
      reach = resolve
    })
    const client = new ScriptedModel([
      (_request, { signal }) => {
        asked = signal
        reach()
        return ofSignal(signal)
      },
    ])
    class Answering extends AgentRunnable<string, string> {
      readonly agent = new Agent({ client, model: 'scripted' })
    }
    class AnsweringOrchestration extends Orchestration<string, string> {
      constructor() {
        super()
        this.initialRunnable = new Answering()
      }
    }
    const orchestration = new AnsweringOrchestration()
    const ended = new Promise(resolve => {
      orchestration.on('orchestration.cancelled', resolve)
    })
    const runtime = new ChatRuntime(new OrchestrationRuntimeConfiguration(orchestration))
    const turn = runtime.invoke('hello')
    await reached
    runtime.cancel('enough')
    await expect(turn).rejects.toMatchObject({ code: 'RUN_CANCELLED', details: { reason: 'enough' } })
    await ended
    expect(asked?.aborted).toBe(true)
  })

  it('serves any number of chats with one configuration', async () => {
    class Slow extends OrchestrationRunnable<string, string> {
      async invoke(input: string, context: RunContext): Promise<string> {
        await context.sleep(1)
        return input
      }
    }
    class SlowOrchestration extends Orchestration<string, string> {
      constructor() {
        super()
        this.initialRunnable = new Slow()
      }
    }
    const configuration = new OrchestrationRuntimeConfiguration(new SlowOrchestration())
    const runtimes = Array.from({ length: 5 }, () => new ChatRuntime(configuration))
    const replies = await Promise.all(runtimes.map((runtime, index) => runtime.invoke(`${index}`)))
    expect(replies.map(reply => reply.content)).toEqual(['0', '1', '2', '3', '4'])
  })
})

describe('an agent as a chat', () => {
  it('is given the whole conversation, and its tool calls and results become part of it', async () => {
    const { client, agent } = scriptedAgent({ toolCalls: [{ name: 'search' }] }, 'I found it.', 'As I said.')
    const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(agent))
    const events = recorded(runtime)
    expect(await runtime.invoke('find it')).toEqual({ role: 'assistant', content: 'I found it.' })
    await runtime.invoke('really?')
    const conversation = [
      { role: 'user', content: 'find it' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'search', arguments: '{}' }] },
      { role: 'tool', content: 'found', toolCallId: 'call_1' },
      { role: 'assistant', content: 'I found it.' },
      { role: 'user', content: 'really?' },
    ]
    expect(await runtime.messages).toEqual([...conversation, { role: 'assistant', content: 'As I said.' }])
    expect(client.requests.at(-1)?.messages.slice(1)).toEqual(conversation)
    const forwarded = events.flatMap(event => (event.type === 'runtime.agent' ? [event.event.type] : []))
    expect(new Set(forwarded)).toEqual(
      new Set(['agent.usage', 'agent.tool.called', 'agent.tool.completed', 'agent.delta']),
    )
  })

  it('round-trips every role through JSON', async () => {
    const { agent } = scriptedAgent({ toolCalls: [{ name: 'search' }] }, 'done', 'again')
    const first = new ChatRuntime(new SingletonRuntimeConfiguration(agent))
    await first.invoke('go')
    const stored = JSON.parse(JSON.stringify(await first.messages)) as ChatMessage[]
    const history = new InMemoryChatHistory()
    await history.append('restored', stored)
    const second = new ChatRuntime(new SingletonRuntimeConfiguration(agent), { id: 'restored', history })
    await second.invoke('and now?')
    expect((await second.messages).map(message => message.role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
      'assistant',
    ])
  })

  it('is cancelled with the turn, down to the model', async () => {
    let asked: AbortSignal | undefined
    const runtime: ChatRuntime = new ChatRuntime(
      new SingletonRuntimeConfiguration(
        scriptedAgent((_request, { signal }) => {
          asked = signal
          runtime.cancel('enough')
          return ofSignal(signal)
        }).agent,
      ),
    )
    await expect(runtime.invoke('hello')).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
    expect(asked?.aborted).toBe(true)
  })
})
