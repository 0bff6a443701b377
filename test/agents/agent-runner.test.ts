import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import {
  Agent,
  type AgentEvent,
  type Agent as AgentOf,
  AgentRunner,
  ModelError,
  type ModelRequest,
  textOf,
} from '../../src/agents/index.js'
import { OrchestrationError } from '../../src/errors/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { SearchItem, SearchPlan } from './payloads.js'

function scripted(...replies: ScriptedReply[]) {
  const client = new ScriptedModel(replies)
  return { client, model: 'scripted' }
}

const plan = { topic: 'x', items: [{ query: 'a', limit: null }] }

describe('an agent', () => {
  it('S4-19 answers an input with the last message of a conversation', async () => {
    const options = scripted('Hello!')
    const result = await AgentRunner.run(new Agent(options), 'Hi')
    expect(result.output).toBe('Hello!')
    expect(result.messages.at(-1)?.content).toBe('Hello!')
    expect(result.turns).toBe(1)
    expect(options.client.requests[0]).toEqual({
      model: 'scripted',
      messages: [
        { role: 'system', content: 'You are a helpful assistant' },
        { role: 'user', content: 'Hi' },
      ],
    })
  })

  it('S4-18 takes its default instructions for empty ones, and is called Assistant', () => {
    const agent = new Agent({ ...scripted(), instructions: '' })
    expect(agent.instructions).toBe('You are a helpful assistant')
    expect(agent.name).toBe('Assistant')
    expect(agent.maxTurns).toBe(10)
  })

  it('goes on with a conversation it is given, and gives back the whole of it without its instructions', async () => {
    const options = scripted('first', 'second')
    const agent = new Agent(options)
    const { messages } = await AgentRunner.run(agent, 'one')
    const result = await AgentRunner.run(agent, 'two', { messages })
    expect(result.messages.map(message => message.content)).toEqual(['one', 'first', 'two', 'second'])
    expect(options.client.requests[1]?.messages.map(message => message.role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ])
    expect(messages).toHaveLength(2)
  })

  it('S4-30 keeps nothing of a run, so one agent serves many at once', async () => {
    const agent = new Agent(scripted(...Array.from({ length: 10 }, () => echo)))
    const inputs = Array.from({ length: 10 }, (_, index) => `input ${index}`)
    const results = await Promise.all(inputs.map(input => AgentRunner.run(agent, input)))
    expect(results.map(result => result.output)).toEqual(inputs)
    expect(results.every(result => result.messages.length === 2)).toBe(true)
  })

  it('S4-20 reads free text as JSON on demand, fenced or not', async () => {
    const agent = new Agent(scripted(`\`\`\`json\n${JSON.stringify(plan)}\n\`\`\``, '{"topic": 1, "items": []}', 'no'))
    const parsed = (await AgentRunner.run(agent, 'x')).parseJson(SearchPlan)
    expect(parsed).toBeInstanceOf(SearchPlan)
    expect(parsed.items[0]).toBeInstanceOf(SearchItem)
    const wrong = await AgentRunner.run(agent, 'x')
    expect(() => wrong.parseJson(SearchPlan)).toThrow('is not SearchPlan: topic must be a string (got number)')
    const text = await AgentRunner.run(agent, 'x')
    expect(() => text.parseJson(SearchPlan)).toThrow(ModelError)
  })

  it('refuses options that cannot work', () => {
    const { client } = scripted()
    expect(() => new Agent({ client, model: '' })).toThrow('Option `model`')
    expect(() => new Agent({ client, model: 'm', maxTurns: 0 })).toThrow('Option `maxTurns`')
    expect(() => new Agent({ client: {} as never, model: 'm' })).toThrow('Option `client`')
    expect(() => new Agent({ client, model: 'm', toolChoice: { name: 'none such' } })).toThrow('Option `toolChoice`')
  })
})

describe('structured output', () => {
  it('S4-16 S4-18 asks for the class in strict mode and returns a validated instance', async () => {
    const options = scripted({ object: plan })
    const agent = new Agent({ ...options, outputSchema: SearchPlan })
    const { output, text } = await AgentRunner.run(agent, 'x')
    expectTypeOf(output).toEqualTypeOf<SearchPlan>()
    expect(output).toBeInstanceOf(SearchPlan)
    expect(output.items[0]).toBeInstanceOf(SearchItem)
    expect(output.items[0]?.limit ?? undefined).toBeUndefined()
    expect(JSON.parse(text)).toEqual(plan)
    const asked = options.client.requests[0]?.output
    expect(asked).toMatchObject({
      name: 'SearchPlan',
      strict: true,
      schema: { type: 'object', additionalProperties: false },
    })
    expect(asked?.schema.properties?.['topic']).toEqual({ type: 'string', description: 'The subject of the research' })
    expect(asked?.schema.$defs?.['SearchItem']?.required).toEqual(['query', 'limit'])
  })

  it('wraps a root that is no object, and unwraps the answer', async () => {
    const options = scripted({ object: [{ query: 'a', limit: 2 }] }, { object: 7 }, { object: { free: 'form' } })
    const list = await AgentRunner.run(new Agent({ ...options, outputSchema: [SearchItem] }), 'x')
    expectTypeOf(list.output).toEqualTypeOf<SearchItem[]>()
    expect(list.output[0]).toBeInstanceOf(SearchItem)
    const number = await AgentRunner.run(new Agent({ ...options, outputSchema: Number }), 'x')
    expect(number.output).toBe(7)
    const object = await AgentRunner.run(new Agent({ ...options, outputSchema: Object }), 'x')
    expect(object.output).toEqual({ free: 'form' })
    const [first, second, third] = options.client.requests.map(request => request.output)
    expect(first).toMatchObject({
      name: 'SearchItem',
      schema: { type: 'object', required: ['value'], properties: { value: { items: { $ref: '#/$defs/SearchItem' } } } },
    })
    expect(first?.schema.$defs).toHaveProperty('SearchItem')
    expect(second).toMatchObject({ name: 'number', schema: { properties: { value: { type: 'number' } } } })
    expect(third).toMatchObject({ strict: false, schema: { type: 'object' } })
  })

  it('takes an answer that does not fit back to the model once, with the paths that are wrong', async () => {
    const options = scripted({ object: { topic: 1, items: [{ query: '', limit: null }] } }, { object: plan })
    const { output, turns, messages } = await AgentRunner.run(new Agent({ ...options, outputSchema: SearchPlan }), 'x')
    expect(output.topic).toBe('x')
    expect(turns).toBe(2)
    expect(messages.at(-2)).toMatchObject({ role: 'user' })
    expect(messages.at(-2)?.content).toContain('topic must be a string (got number)')
    expect(messages.at(-2)?.content).toContain('items[0].query should not be empty')
  })

  it('fails with the issues when the repair does not help either', async () => {
    const options = scripted('not JSON', { object: { topic: 1, items: [] } }, 'never asked for')
    const failure = await failureOf(AgentRunner.run(new Agent({ ...options, outputSchema: SearchPlan }), 'x'))
    expect(failure).toMatchObject({ code: 'MODEL_OUTPUT_INVALID', model: 'scripted' })
    expect((failure as ModelError).issues.map(issue => issue.path)).toEqual(['topic'])
    expect(options.client.requests).toHaveLength(2)
    expect(options.client.requests[1]?.messages.at(-1)?.content).toContain('it is not valid JSON')
  })

  it('does not repair past maxTurns', async () => {
    const options = scripted('not JSON', { object: plan })
    const agent = new Agent({ ...options, outputSchema: SearchPlan, maxTurns: 1 })
    expect(await failureOf(AgentRunner.run(agent, 'x'))).toMatchObject({ code: 'MODEL_OUTPUT_INVALID' })
    expect(options.client.requests).toHaveLength(1)
  })

  it('has a type that follows from the schema', () => {
    const { client } = scripted()
    expectTypeOf(new Agent({ client, model: 'm' })).toEqualTypeOf<AgentOf<string>>()
    expectTypeOf(new Agent({ client, model: 'm', outputSchema: SearchPlan })).toEqualTypeOf<AgentOf<SearchPlan>>()
    expectTypeOf(new Agent({ client, model: 'm', outputSchema: () => SearchPlan })).toEqualTypeOf<AgentOf<SearchPlan>>()
    // @ts-expect-error an agent of plans is no agent of items
    const wrong: AgentOf<SearchItem> = new Agent({ client, model: 'm', outputSchema: SearchPlan })
    expect(wrong.name).toBe('Assistant')
  })
})

describe('an answer of no use', () => {
  it.each([
    ['MODEL_REFUSED', { refusal: 'I must not' }],
    ['MODEL_OUTPUT_TRUNCATED', { text: 'half an ans', finishReason: 'length' }],
    ['MODEL_CONTENT_FILTERED', { finishReason: 'content_filter' }],
  ] as const)('is %s, and no answer', async (code, reply) => {
    const failure = await failureOf(AgentRunner.run(new Agent(scripted(reply)), 'x'))
    expect(failure).toBeInstanceOf(ModelError)
    expect(failure).toMatchObject({ code, retryable: false, details: { model: 'scripted' } })
    expect((failure as Error).message).toContain('Trying again will not help')
  })

  it('is an error when the client fails, and that very error', async () => {
    const error = new Error('the client is broken')
    expect(await failureOf(AgentRunner.run(new Agent(scripted(error)), 'x'))).toBe(error)
  })
})

describe('the events of an agent', () => {
  it('tell of words and usage, and sum the usage up', async () => {
    const events: AgentEvent[] = []
    const usage = { inputTokens: 10, outputTokens: 2, totalTokens: 12 }
    const agent = new Agent({ ...scripted({ text: 'two words', usage }), name: 'Teller' })
    const result = await AgentRunner.run(agent, 'x', { onEvent: event => events.push(event) })
    expect(events).toEqual([
      { type: 'agent.delta', agent: 'Teller', text: 'two ' },
      { type: 'agent.delta', agent: 'Teller', text: 'words' },
      { type: 'agent.usage', agent: 'Teller', model: 'scripted', inputTokens: 10, outputTokens: 2 },
    ])
    expect(result.usage).toEqual(usage)
  })

  it('have no deltas where streaming is turned off', async () => {
    const events: AgentEvent[] = []
    const agent = new Agent({ ...scripted('two words'), streaming: false })
    await AgentRunner.run(agent, 'x', { onEvent: event => events.push(event) })
    expect(events.map(event => event.type)).toEqual(['agent.usage'])
  })

  it('do not harm the run when their listener throws', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const result = await AgentRunner.run(new Agent(scripted('fine')), 'x', {
      onEvent: () => {
        throw new Error('bad listener')
      },
    })
    expect(result.output).toBe('fine')
    expect(warn).toHaveBeenCalled()
  })
})

describe('an aborted run', () => {
  it('rejects with the reason at once, also when the model does not heed the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const agent = new Agent(
      scripted(() => {
        controller.abort(reason)
        return new Promise<never>(() => {})
      }),
    )
    expect(await failureOf(AgentRunner.run(agent, 'x', { signal: controller.signal }))).toBe(reason)
  })

  it('does not call the model when it is aborted before', async () => {
    const options = scripted('never')
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(AgentRunner.run(new Agent(options), 'x', { signal })).rejects.toThrow('too late')
    expect(options.client.requests).toEqual([])
  })
})

function echo({ messages }: ModelRequest): string {
  return textOf(messages.at(-1))
}

async function failureOf(run: Promise<unknown>): Promise<OrchestrationError | Error> {
  return run.then(
    () => expect.unreachable('it should have failed'),
    (thrown: unknown) => thrown as Error,
  )
}
