import { LLMock } from '@copilotkit/aimock'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  Agent,
  type AgentEvent,
  AgentRunnable,
  AgentRunner,
  ModelError,
  OpenAIResponsesModel,
  type OutputMode,
} from '../../src/agents/index.js'
import { Orchestration, Runnable } from '../../src/core/index.js'
import { EventRecorder, ScriptedModel } from '../../src/testing/index.js'
import { Addition, Expression, Literal, Report, report, Scores, Tree } from '../schema/documents.js'
import { strictFaults } from '../schema/strict-rules.js'
import { SearchItem, SearchPlan } from './payloads.js'
import { connect, failureOf, RawServers } from './raw-server.js'

const plan = { topic: 'health', items: [{ query: 'AI', limit: null }] }
const written = JSON.stringify(plan)

const scripted = (...replies: ConstructorParameters<typeof ScriptedModel>[0]) => ({
  client: new ScriptedModel(replies),
  model: 'scripted',
})

describe('reading a structured output', () => {
  const read = async (text: string) => {
    const options = scripted(text)
    const agent = new Agent({ ...options, outputSchema: SearchPlan, maxTurns: 1 })
    return (await AgentRunner.run(agent, 'x')).output
  }

  it.each([
    ['as it is', written],
    ['in a fence', `\`\`\`json\n${written}\n\`\`\``],
    ['in a fence with words around it', `Here is the plan:\n\`\`\`\n${written}\n\`\`\`\nAnything else?`],
    ['with words around it', `Sure! {as you wish} [1] ${written} Done, see [2].`],
    ['after its reasoning', `<think>Maybe {"topic":"x","items":[]}?</think>\n${written}`],
    ['twice the same', `${written}\n\nAs I said: ${JSON.stringify(plan, undefined, 2)}`],
    ['with commas too many', '{"topic":"health","items":[{"query":"AI",},],}'],
    ['with a byte order mark', `\uFEFF${written}`],
  ])('takes it %s', async (_name, text) => {
    const output = await read(text)
    expect(output).toBeInstanceOf(SearchPlan)
    expect(output).toEqual({ topic: 'health', items: [Object.assign(new SearchItem(), { query: 'AI' })] })
    expect(output.items[0]).toBeInstanceOf(SearchItem)
  })

  it.each([
    ['nothing', '', 'it is empty'],
    ['words', 'I cannot do that.', 'there is no JSON in it'],
    ['half a stream', written.slice(0, -5), 'it ends in the middle'],
    ['half a fence', `\`\`\`json\n${written.slice(0, 20)}`, 'it ends in the middle'],
    ['two objects', `${written} or {"topic":"other","items":[]}`, 'there are 2 different JSON values in it'],
    [
      'a part of a broken object',
      '{topic: "x", "plan": {"topic":"x","items":[]}}',
      'a key in double quotes is missing',
    ],
    ['a part of a broken list', `[${written}, and so on`, 'a value is missing'],
    ['a key twice', '{"topic":"a","topic":"b","items":[]}', 'topic is given twice'],
    ['quotes of another kind', "{'topic':'a'}", 'a key in double quotes is missing'],
    ['comments', '{"topic":"a", // why\n"items":[]}', 'a key in double quotes is missing'],
    [
      'a list with the object in it',
      `[${written}]`,
      'expected a plain object or an instance of SearchPlan (got array)',
    ],
    ['a number in quotes', '{"topic":"a","items":[{"query":"q","limit":"3"}]}', 'items[0].limit must be'],
    ['null', 'null', 'expected a plain object or an instance of SearchPlan (got null)'],
  ])('refuses %s, and says why', async (_name, text, problem) => {
    const failure = await failureOf(read(text))
    expect(failure).toBeInstanceOf(ModelError)
    expect(failure.code).toBe('MODEL_OUTPUT_INVALID')
    expect(failure.message).toContain(problem)
  })

  it('takes a root that is no object with and without its wrapper', async () => {
    const options = scripted('{"value":[{"query":"a","limit":null}]}', '[{"query":"b"}]', '{"op":"number","value":3}')
    const list = new Agent({ ...options, outputSchema: [SearchItem] })
    expect((await AgentRunner.run(list, 'x')).output[0]?.query).toBe('a')
    expect((await AgentRunner.run(list, 'x')).output[0]?.query).toBe('b')
    const formula = new Agent({ ...options, outputSchema: Expression })
    expect((await AgentRunner.run(formula, 'x')).output).toEqual(
      Object.assign(new Literal(), { op: 'number', value: 3 }),
    )
    expect(strictFaults(options.client.requests[2]?.output?.schema ?? {})).toEqual([])
  })

  it('S4-18 gives every kind of value back as what the class says', async () => {
    const options = scripted({ object: report() })
    const { output } = await AgentRunner.run(new Agent({ ...options, outputSchema: Report }), 'x')
    expect(output.formula).toBeInstanceOf(Addition)
    expect(output.at).toBeInstanceOf(Date)
    expect(options.client.requests[0]?.output?.strict).toBe(true)
    expect(strictFaults(options.client.requests[0]?.output?.schema ?? {})).toEqual([])
  })

  it('validates what strict mode cannot express, too, and reads null for what is optional', async () => {
    const trees = { oak: { name: 'oak', children: [], twin: null } }
    const options = scripted({ object: { byName: { a: '1' } } }, { object: { byName: { a: 1 }, trees } })
    const { output } = await AgentRunner.run(new Agent({ ...options, outputSchema: Scores }), 'x')
    expect(output.trees?.['oak']).toEqual(Object.assign(new Tree(), { name: 'oak', children: [] }))
    expect(options.client.requests[0]?.output).toMatchObject({ name: 'Scores', strict: false })
    expect(options.client.requests[1]?.messages.at(-1)?.content).toContain(
      'byName.a must be a finite number (got string)',
    )
  })

  it('names every problem in the repair turn, with place, expectation and finding, and the schema', async () => {
    const options = scripted(
      { object: { ...report(), title: 1, blocks: [{ type: 'x' }], matrix: [['1']] } },
      { object: report() },
    )
    await AgentRunner.run(new Agent({ ...options, outputSchema: Report }), 'x')
    const said = options.client.requests[1]?.messages.at(-1)?.content as string
    expect(said).toMatch(/^Your answer is not what was asked for: /)
    expect(said).toContain('title must match /^[A-Z]/ regular expression (got number)')
    expect(said).toContain('blocks[0].type must be one of: text, table (got string)')
    expect(said).toContain('matrix[0][0] must be a finite number (got string)')
    expect(said).toContain('"$defs"')
  })

  it('bounds the list of problems, and says how many more there are', async () => {
    const items = Array.from({ length: 500 }, () => ({ query: 1 }))
    const options = scripted({ object: { topic: 'x', items } }, { object: plan })
    await AgentRunner.run(new Agent({ ...options, outputSchema: SearchPlan }), 'x')
    const said = options.client.requests[1]?.messages.at(-1)?.content as string
    expect(said).toMatch(/; and \d{3,} more\. /)
    expect(said.length).toBeLessThan(6000)
  })
})

describe('servers without strict mode, over HTTP', () => {
  const mock = new LLMock({ port: 0 })
  beforeAll(async () => {
    await mock.start()
  })
  afterEach(() => {
    mock.clearFixtures()
    mock.clearRequests()
  })
  afterAll(() => mock.stop())

  type Asked = {
    readonly response_format?: { readonly type: string }
    readonly text?: { readonly format?: { readonly type: string } }
  }
  const formatOf = ({ response_format: format, text }: Asked) => format?.type ?? text?.format?.type ?? 'none'
  const formats = () => mock.getRequests().map(({ body }) => formatOf(body as Asked))
  const refuse = (format: string, message: string, status = 400) =>
    mock.on({ responseFormat: format }, { error: { message, type: 'invalid_request_error' }, status })

  it('are asked for JSON mode once they refuse a schema, which is remembered for the client', async () => {
    refuse('json_schema', 'This response_format type is unavailable now')
    mock.on({ systemMessage: ['You plan', '"$defs"'], responseFormat: 'json_object' }, { content: written })
    const client = connect(`${mock.url}/v1`)
    const options = { client, model: 'm', outputSchema: SearchPlan, instructions: 'You plan' }
    const events: AgentEvent[] = []
    const first = await AgentRunner.run(new Agent(options), 'plan', { onEvent: event => events.push(event) })
    expect(first.output).toBeInstanceOf(SearchPlan)
    expect(first.turns).toBe(1)
    await AgentRunner.run(new Agent(options), 'plan')
    expect(formats()).toEqual(['json_schema', 'json_object', 'json_object'])
    // Another model of the same server may know more.
    await AgentRunner.run(new Agent({ ...options, model: 'other' }), 'plan')
    expect(formats().slice(3)).toEqual(['json_schema', 'json_object'])
  })

  it('are asked in words once they refuse JSON mode too', async () => {
    refuse('json_schema', "'response_format.type' must be 'text'", 422)
    refuse('json_object', 'json mode is not supported', 400)
    mock.on({ systemMessage: 'JSON Schema' }, { content: `Here you are: ${written}` })
    const agent = new Agent({ client: connect(`${mock.url}/v1`), model: 'm', outputSchema: SearchPlan })
    expect((await AgentRunner.run(agent, 'plan')).output.topic).toBe('health')
    expect((await AgentRunner.run(agent, 'plan')).output.topic).toBe('health')
    expect(formats()).toEqual(['json_schema', 'json_object', 'none', 'none'])
  })

  it('are asked the weaker way for one schema only, if they do not take that one', async () => {
    refuse('json_schema', "Invalid schema for response_format 'SearchPlan': too deep")
    mock.on({ responseFormat: 'json_object' }, { content: written })
    const client = connect(`${mock.url}/v1`)
    const agent = new Agent({ client, model: 'm', outputSchema: SearchPlan })
    await AgentRunner.run(agent, 'plan')
    await AgentRunner.run(agent, 'plan')
    await AgentRunner.run(new Agent({ client, model: 'm', outputSchema: SearchItem, maxTurns: 1 }), 'plan').catch(
      () => {},
    )
    expect(formats()).toEqual(['json_schema', 'json_object', 'json_object', 'json_schema', 'json_object'])
  })

  it('that ignore the format are told the schema in the repair turn', async () => {
    mock.onMessage('JSON Schema', { content: written })
    mock.onMessage('plan', { content: 'I would search for AI first.' })
    const agent = new Agent({ client: connect(`${mock.url}/v1`), model: 'm', outputSchema: SearchPlan })
    const { output, turns } = await AgentRunner.run(agent, 'plan')
    expect([output.topic, turns]).toEqual(['health', 2])
  })

  it('that never answer with JSON end in a typed error', async () => {
    mock.onMessage(/./, { content: 'I would search for AI first.' })
    const agent = new Agent({
      client: connect(`${mock.url}/v1`),
      model: 'm',
      outputSchema: SearchPlan,
      outputMode: 'prompt',
    })
    const failure = await failureOf(AgentRunner.run(agent, 'plan'))
    expect(failure.code).toBe('MODEL_OUTPUT_INVALID')
    expect(failure.message).toContain('there is no JSON in it')
    expect(mock.getRequests()).toHaveLength(2)
  })

  it.each<[OutputMode, string]>([
    ['schema', 'json_schema'],
    ['json', 'json_object'],
    ['prompt', 'none'],
  ])('are asked by mode %s in that way only, by both APIs', async (outputMode, format) => {
    mock.onMessage('plan', { content: written })
    // The mock itself rewrites what it lists.
    const bodies: Asked[] = []
    const client = connect(`${mock.url}/v1`).withOptions({
      fetch: (url, init) => {
        bodies.push(JSON.parse(init?.body as string) as Asked)
        return fetch(url as string, init as RequestInit)
      },
    })
    const options = { model: 'm', outputSchema: SearchPlan, outputMode }
    for (const each of [client, new OpenAIResponsesModel(client)]) {
      const { output } = await AgentRunner.run(new Agent({ ...options, client: each }), 'plan')
      expect(output).toBeInstanceOf(SearchPlan)
    }
    expect(bodies.map(formatOf)).toEqual([format, format])
    expect(JSON.stringify(bodies)).not.toContain('"mode"')
  })

  it('fail as they are where the mode is fixed, and for any other reason', async () => {
    refuse('json_schema', 'response_format json_schema is not supported')
    const client = connect(`${mock.url}/v1`)
    const fixed = new Agent({ client, model: 'm', outputSchema: SearchPlan, outputMode: 'schema' })
    expect(await failureOf(AgentRunner.run(fixed, 'plan'))).toMatchObject({ code: 'MODEL_FAILED', status: 400 })
    mock.clearFixtures()
    refuse('json_schema', 'max_tokens is too large')
    const auto = new Agent({ client, model: 'm', outputSchema: SearchPlan })
    expect(await failureOf(AgentRunner.run(auto, 'plan'))).toMatchObject({ code: 'MODEL_FAILED', status: 400 })
    expect(formats()).toEqual(['json_schema', 'json_schema'])
  })

  it('refuse a mode that is none', () => {
    expect(() => new Agent({ ...scripted(), outputMode: 'xml' as never })).toThrow('Option `outputMode`')
  })

  it('S4-24 S4-30 tell of the output while it comes, where the agent is asked to', async () => {
    mock.onMessage('plan', { content: written }, { chunkSize: 6 })
    @Runnable({ input: String, output: SearchPlan })
    class Planning extends AgentRunnable<string, SearchPlan> {
      readonly agent = new Agent({
        client: connect(`${mock.url}/v1`),
        model: 'm',
        name: 'Planner',
        outputSchema: SearchPlan,
        partialOutput: true,
      })
    }
    class Plans extends Orchestration<string, SearchPlan> {
      constructor() {
        super()
        this.initialRunnable = new Planning()
      }
    }
    const run = new Plans().start('plan')
    const recorder = new EventRecorder(run)
    await run.result
    const partial = recorder.events.flatMap(event => (event.type === 'agent.partial' ? [event] : []))
    expect(partial.length).toBeGreaterThan(5)
    expect(partial[0]).toMatchObject({ agent: 'Planner', stateName: 'Planning' })
    expect(partial.some(({ value }) => JSON.stringify(value) === '{"topic":"he"}')).toBe(true)
    expect(partial.at(-1)?.value).toEqual(plan)
    // What was told stays as it was told.
    expect(new Set(partial.map(({ value }) => JSON.stringify(value))).size).toBeGreaterThan(3)
  })
})

describe('partial outputs', () => {
  const partials = async (options: Partial<ConstructorParameters<typeof Agent>[0]>, text: string) => {
    const seen: unknown[] = []
    const agent = new Agent({ ...scripted(text), outputSchema: [SearchItem], partialOutput: true, ...options } as never)
    await AgentRunner.run(agent, 'x', {
      onEvent: event => {
        if (event.type === 'agent.partial') seen.push(event.value)
      },
    })
    return seen
  }

  it('are of the output, not of its wrapper, and begin behind words and fences', async () => {
    const list = '```json\n{ "value": [ { "query": "a b" }, { "query": "c" } ] }\n```'
    const seen = await partials({}, list)
    expect(seen[0]).toEqual([])
    expect(seen).toContainEqual([{ query: 'a ' }])
    expect(seen.at(-1)).toEqual([{ query: 'a b' }, { query: 'c' }])
  })

  it('are not told of unless asked for, nor where nothing streams, nor of free text', async () => {
    const list = '{ "value": [ { "query": "a b" } ] }'
    expect(await partials({ partialOutput: false }, list)).toEqual([])
    expect(await partials({ streaming: false }, list)).toEqual([])
    expect(await partials({ outputSchema: String }, list)).toEqual([])
  })

  it('end quietly where the text turns out to be no JSON', async () => {
    const agent = new Agent({
      ...scripted('see {this} and {"topic": 1}', written),
      outputSchema: SearchPlan,
      partialOutput: true,
    })
    const seen: unknown[] = []
    const { output } = await AgentRunner.run(agent, 'x', {
      onEvent: event => {
        if (event.type === 'agent.partial') seen.push(event.value)
      },
    })
    expect(output.topic).toBe('health')
    expect(seen.at(-1)).toEqual(plan)
  })

  it('of a long output together cost little more than the output', async () => {
    const items = Array.from({ length: 2000 }, (_, limit) => ({ query: `number ${limit}`, limit: limit + 1 }))
    const seen = await partials({}, JSON.stringify({ value: items }, undefined, 1))
    const told = seen.reduce((sum: number, value) => sum + (value as unknown[]).length, 0)
    expect(seen.at(-1)).toHaveLength(2000)
    expect(told).toBeLessThan(items.length * 40)
  })
})

describe('answers that are no output, over HTTP', () => {
  const servers = new RawServers()
  const answer = (message: object, finish = 'stop') => ({
    id: 'c',
    object: 'chat.completion',
    created: 0,
    model: 'm',
    choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', ...message } }],
  })

  it.each([
    ['a refusal', answer({ content: null, refusal: 'I will not.' }), 'MODEL_REFUSED'],
    ['a token limit', answer({ content: written.slice(0, 20) }, 'length'), 'MODEL_OUTPUT_TRUNCATED'],
    ['a content filter', answer({ content: written.slice(0, 20) }, 'content_filter'), 'MODEL_CONTENT_FILTERED'],
    ['half of it as if it were whole', answer({ content: written.slice(0, 20) }), 'MODEL_OUTPUT_INVALID'],
  ])('are typed errors: %s', async (_name, body, code) => {
    const client = connect(await servers.answering(body))
    const failure = await failureOf(AgentRunner.run(new Agent({ client, model: 'm', outputSchema: SearchPlan }), 'x'))
    expect(failure.code).toBe(code)
  })

  it('a stream that ends in the middle is not taken for an output', async () => {
    const chunk = (content: string) => ({
      id: 'c',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content }, finish_reason: null }],
    })
    const client = connect(await servers.streaming(chunk(written), chunk('')))
    const agent = new Agent({ client, model: 'm', outputSchema: SearchPlan, partialOutput: true })
    const seen: AgentEvent[] = []
    const failure = await failureOf(AgentRunner.run(agent, 'x', { onEvent: event => seen.push(event) }))
    expect(failure.code).toBe('MODEL_STREAM_CUT')
    expect(seen.some(event => event.type === 'agent.partial')).toBe(true)
  })
})
