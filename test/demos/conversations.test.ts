import 'reflect-metadata'
import { IsInt, IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { Agent, type AgentEvent, AgentRunner, agentTool, guardrail, tool } from '../../src/agents/index.js'
import {
  ChatRuntime,
  type ChatRuntimeEvent,
  ConcurrentRuntimeConfiguration,
  HandoffRuntimeConfiguration,
  SequentialRuntimeConfiguration,
  SingletonRuntimeConfiguration,
} from '../../src/chat/index.js'
import { DemoServer, textOf } from './demo-server.js'

const server = new DemoServer()
const agent = (name: string, more: Partial<ConstructorParameters<typeof Agent>[0]> = {}): Agent =>
  new Agent({ ...server.connection, name, instructions: `You are ${name}.`, ...more }) as Agent

function agentEvents(runtime: ChatRuntime): AgentEvent[] {
  const events: AgentEvent[] = []
  runtime.events$.subscribe((event: ChatRuntimeEvent) => event.type === 'runtime.agent' && events.push(event.event))
  return events
}

describe('S4-36 a chat with several agents, over HTTP', () => {
  it('in a row: each continues what those before it have said', async () => {
    server.answers('You are Writer.', ({ text }) => `Draft about ${text}.`)
    server.answers('You are Editor.', ({ messages }) => `Edited: ${textOf(messages.at(-2))}`)
    server.answers('You are Translator.', ({ messages }) => `Übersetzt: ${textOf(messages.at(-2))}`)
    const runtime = new ChatRuntime(
      new SequentialRuntimeConfiguration([
        agent('Writer'),
        { agent: agent('Editor'), instructions: 'Edit it.' },
        { agent: agent('Translator'), instructions: 'Translate it.' },
      ]),
    )
    expect((await runtime.invoke('cats')).content).toBe('Übersetzt: Edited: Draft about cats.')
    expect(server.requests.map(({ messages }) => messages.map(({ role }) => role).join())).toEqual([
      'system,user',
      'system,user,assistant,user',
      'system,user,assistant,user,assistant,user',
    ])
  })

  it('at once: all are asked before one has answered, and one reply is made of what they say', async () => {
    const waiting: (() => void)[] = []
    const together = async (answer: string): Promise<string> => {
      await new Promise<void>(resolve => {
        waiting.unshift(resolve)
        if (waiting.length === 2) for (const each of waiting) each()
      })
      return answer
    }
    server.answers('You are Optimist.', () => together('It will be fine.'))
    server.answers('You are Pessimist.', () => together('It will rain.'))
    server.answers('Weigh them.', ({ text }) => `Both: ${/fine.*rain/s.test(text)}`)
    const agents = [agent('Optimist'), agent('Pessimist')]
    const runtime = new ChatRuntime(new ConcurrentRuntimeConfiguration(agents, { synthesiser: 'Weigh them.' }))
    expect((await runtime.invoke('How will it be?')).content).toBe('Both: true')
  })

  it('hand over: who fits answers, and keeps the conversation until somebody else fits', async () => {
    const route = (choice: string) => ({ json: { reason: 'fits', agent: choice } })
    server.answers(
      'You decide which agent',
      route('Billing'),
      route('current'),
      route('current'),
      route('Support'),
      route('current'),
    )
    server.answers('You are Billing.', ({ text }) => `Billing: ${text}`)
    server.answers('You are Support.', ({ text }) => `Support: ${text}`)
    const others = [
      { agent: agent('Billing'), description: 'Money' },
      { agent: agent('Support'), description: 'Anything technical' },
    ]
    const runtime = new ChatRuntime(new HandoffRuntimeConfiguration(agent('Reception'), others))
    const events = agentEvents(runtime)
    const replies: string[] = []
    for (const text of ['My bill?', 'Still my bill.', 'It crashes.']) replies.push((await runtime.invoke(text)).content)
    expect(replies).toEqual(['Billing: My bill?', 'Billing: Still my bill.', 'Support: It crashes.'])
    expect(events.filter(({ type }) => type === 'agent.handoff')).toMatchObject([
      { agent: 'Reception', to: 'Billing' },
      { agent: 'Billing', to: 'Support' },
    ])
  })

  it('ends a ping-pong of the router: nobody gets the conversation twice for one message', async () => {
    server.answers('You decide which agent', ({ body }) => {
      const { json_schema } = body.response_format as unknown as {
        json_schema: { schema: { properties: { agent: { enum: string[] } } } }
      }
      // Whoever has it, it is handed over, if anybody is left.
      return { json: { reason: 'not mine', agent: json_schema.schema.properties.agent.enum[0] } }
    })
    for (const name of ['A', 'B', 'C']) server.answers(`You are ${name}.`, `This is ${name}.`)
    const runtime = new ChatRuntime(
      new HandoffRuntimeConfiguration(agent('A'), [agent('B'), agent('C')], { maxHandoffs: 50 }),
    )
    expect((await runtime.invoke('Hello')).content).toBe('This is C.')
    expect(server.requests).toHaveLength(3)
  })

  it('streams what they say, piece by piece and over several turns', async () => {
    server.answers('You are Teller.', 'Once upon a time there was a fox.', 'And then it slept.')
    const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(agent('Teller')))
    for (const [text, expected] of [
      ['A story!', 'Once upon a time there was a fox.'],
      ['And then?', 'And then it slept.'],
    ] as const) {
      const pieces: string[] = []
      for await (const piece of runtime.stream(text)) if (piece.type === 'delta') pieces.push(piece.text)
      expect(pieces.length).toBeGreaterThan(2)
      expect(pieces.join('')).toBe(expected)
    }
    expect(server.requests.every(({ stream }) => stream === true)).toBe(true)
  })
})

describe('agents that hand over by themselves, over HTTP', () => {
  const build = (maxHandoffs?: number) => {
    const limit = maxHandoffs === undefined ? {} : { maxHandoffs }
    const ping: Agent = agent('Ping', { handoffs: () => [pong], ...limit })
    const pong: Agent = agent('Pong', { handoffs: () => [ping] })
    return ping
  }

  it('let another one go on', async () => {
    server.answers('You are Ping.', { calls: [['transfer_to_Pong', { reason: 'it is about tennis' }]] })
    server.answers('You are Pong.', ({ text }) => `Pong has read: ${text}`)
    const events: AgentEvent[] = []
    const { output, agent: last } = await AgentRunner.run(build(), 'Tennis?', { onEvent: event => events.push(event) })
    expect([output, last.name]).toEqual(['Pong has read: Pong goes on with the conversation.', 'Pong'])
    expect(events).toContainEqual({ type: 'agent.handoff', agent: 'Ping', to: 'Pong', reason: 'it is about tennis' })
  })

  it('end a ping-pong: told to answer itself, the last one does', async () => {
    const over = (to: string) => (asked: { text: string }) =>
      asked.text.startsWith('Error') ? 'I do it myself.' : { calls: [[`transfer_to_${to}`, { reason: null }]] as const }
    server.answers('You are Ping.', over('Pong'))
    server.answers('You are Pong.', over('Ping'))
    const { output, turns } = await AgentRunner.run(build(3), 'Go')
    expect(output).toBe('I do it myself.')
    expect(turns).toBe(5)
    expect(server.requests.map(({ tools = [] }) => tools.length)).toEqual([1, 1, 1, 0, 0])
  })

  it('end a ping-pong with HANDOFF_REFUSED where nobody listens', async () => {
    server.answers('You are Ping.', { calls: [['transfer_to_Pong', { reason: null }]] })
    server.answers('You are Pong.', { calls: [['transfer_to_Ping', { reason: null }]] })
    await expect(AgentRunner.run(build(3), 'Go')).rejects.toMatchObject({
      code: 'HANDOFF_REFUSED',
      details: { agent: 'Pong', maxHandoffs: 3 },
    })
    expect(server.requests).toHaveLength(5)
  })
})

describe('an agent with tools, over HTTP', () => {
  class Sum {
    @IsInt() a!: number
    @IsInt() b!: number
  }
  class Letter {
    @IsString() to!: string
  }

  it('S4-21 calls two at once, repairs what it got wrong, and answers', async () => {
    const add = tool({ name: 'add', description: 'Adds', parameters: Sum, execute: ({ a, b }) => a + b })
    server.answers(
      'You are Calculator.',
      {
        calls: [
          ['add', { a: 1, b: 2 }],
          ['add', { a: 'three', b: 4 }],
        ],
      },
      { calls: [['add', { a: 3, b: 4 }]] },
      ({ messages }) =>
        messages
          .filter(({ role }) => role === 'tool')
          .map(textOf)
          .join(' | '),
    )
    const { output } = await AgentRunner.run(agent('Calculator', { tools: [add] }), 'Add.')
    expect(output).toMatch(/^3 \| Error: .*a must be an integer.* \| 7$/)
  })

  it.each([
    ['granted', 'sent to Ann'],
    ['refused', 'Tool permission was not granted: not today'],
    ['nobody asks', 'Tool permission was not granted'],
  ])('asks for permission in the chat: %s (LT-15)', async (answer, expected) => {
    const sent: string[] = []
    const send = tool({
      name: 'send',
      description: 'Sends a letter',
      parameters: Letter,
      needsPermission: true,
      execute: ({ to }) => `sent to ${sent.push(to) && to}`,
    })
    server.answers('You are Clerk.', { calls: [['send', { to: 'Ann' }]] }, ({ text }) => text)
    const mode = answer === 'nobody asks' ? {} : ({ toolPermission: 'ask' } as const)
    const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(agent('Clerk', { tools: [send] }), mode))
    runtime.on('runtime.approval.requested', async ({ request }) => {
      expect(request.input).toMatchObject({ agent: 'Clerk', tool: 'send', arguments: { to: 'Ann' } })
      await (answer === 'granted' ? runtime.approve(request) : runtime.reject(request, { comment: 'not today' }))
    })
    expect((await runtime.invoke('Send it.')).content).toBe(expected)
    expect(sent).toEqual(answer === 'granted' ? ['Ann'] : [])
  })

  it('uses another agent as one, whose events and usage arrive with its own name', async () => {
    server.answers(
      'You are Outer.',
      { calls: [['Translator', { input: 'good day' }]] },
      ({ text }) => `He says: ${text}`,
    )
    server.answers('You are Translator.', ({ text }) => (text === 'good day' ? 'bonjour' : '?'))
    const outer = agent('Outer', { tools: [agentTool(agent('Translator'), { description: 'Translates into French' })] })
    const events: AgentEvent[] = []
    const { output } = await AgentRunner.run(outer, 'Say good day in French.', { onEvent: event => events.push(event) })
    expect(output).toBe('He says: bonjour')
    expect(events.flatMap(event => (event.type === 'agent.usage' ? event.agent : []))).toEqual([
      'Outer',
      'Translator',
      'Outer',
    ])
  })
})

describe('a guardrail, over HTTP', () => {
  it('that is an agent itself stops homework, and lets the rest pass', async () => {
    class Verdict {
      @IsString() about!: string
    }
    server.answers('You classify.', ({ text }) => ({ json: { about: text.includes('solve') ? 'homework' : 'else' } }))
    server.answers('You are Tutor.', 'An answer.')
    const classifier = new Agent({
      ...server.connection,
      name: 'Classifier',
      instructions: 'You classify.',
      outputSchema: Verdict,
    })
    const noHomework = guardrail('no homework', async (text: string, { signal }) => {
      const { output } = await AgentRunner.run(classifier, text, { signal })
      return output.about === 'homework' ? { reason: 'it is homework' } : undefined
    })
    const runtime = new ChatRuntime(
      new SingletonRuntimeConfiguration(agent('Tutor', { inputGuardrails: [noHomework] })),
    )
    const events = agentEvents(runtime)
    await expect(runtime.invoke('Please solve x + 2 = 3')).rejects.toMatchObject({
      code: 'GUARDRAIL_TRIPPED',
      details: { agent: 'Tutor', guardrail: 'no homework', reason: 'it is homework' },
    })
    expect(events.map(({ type }) => type)).not.toContain('agent.delta')
    expect(events).toContainEqual(expect.objectContaining({ type: 'agent.guardrail', stage: 'input' }))
    expect((await runtime.invoke('Who was Euler?')).content).toBe('An answer.')
  })
})
