import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LLMock } from '@copilotkit/aimock'
import { IsString } from 'class-validator'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  Agent,
  type AgentEvent,
  AgentRunner,
  type ModelClient,
  ModelError,
  type ModelRequest,
  tool,
} from '../../src/agents/index.js'
import { Description } from '../../src/schema/index.js'
import { recordModel, ScriptedModel } from '../../src/testing/index.js'

class City {
  @Description('Name of the city') @IsString() name!: string
}

class Forecast {
  @IsString() text!: string
}

const asking = (content: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'm',
  messages: [{ role: 'user', content }],
  ...more,
})

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recordings-'))
  file = join(folder, 'deep', 'talk.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const nobody: ModelClient = { complete: () => Promise.reject(new Error('the model was asked')) }

async function recorded(client: ModelClient, ...requests: readonly ModelRequest[]): Promise<void> {
  const model = recordModel(client, { file, mode: 'record' })
  for (const request of requests) await model.complete(request)
}

const failureOf = async (call: Promise<unknown>): Promise<ModelError> =>
  call.then(
    () => expect.unreachable('the call should have failed'),
    (thrown: unknown) => thrown as ModelError,
  )

describe('a conversation of an agent with a server, over HTTP', () => {
  const mock = new LLMock({ port: 0 })
  beforeAll(async () => {
    await mock.start()
  })
  afterAll(() => mock.stop())

  it('becomes a test that needs no server, no client and no key: tools, typed output, deltas and usage', async () => {
    const toolCalls = [{ name: 'temperature_of', arguments: '{"name":"Oslo"}', id: 'call_a' }]
    const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }
    mock.on({ userMessage: 'Oslo', hasToolResult: false }, { toolCalls, usage })
    mock.on(
      { userMessage: 'Oslo', hasToolResult: true },
      { content: '{"text":"It is 7 degrees."}', usage },
      { chunkSize: 6 },
    )
    const talk = async () => {
      const client = recordModel(
        () => new OpenAI({ apiKey: 'sk-live-0123456789', baseURL: `${mock.url}/v1`, maxRetries: 0 }),
        { file },
      )
      const events: AgentEvent[] = []
      const temperatureOf = tool({
        name: 'temperature_of',
        description: 'The temperature in a city',
        parameters: City,
        execute: ({ name }) => (name === 'Oslo' ? 7 : 25),
      })
      const agent = new Agent({ client, model: 'gpt-4o', outputSchema: Forecast, tools: [temperatureOf] })
      const onEvent = (event: AgentEvent) => events.push(event)
      const { output, messages, usage: used } = await AgentRunner.run(agent, 'How warm is it in Oslo?', { onEvent })
      client.assertDone()
      return { mode: client.mode, size: client.size, said: { output, messages, used, events } }
    }
    const first = await talk()
    expect(first).toMatchObject({ mode: 'record', size: 2, said: { used: { totalTokens: 24 } } })
    const requests = mock.getRequests().length
    const second = await talk()
    expect(second.mode).toBe('replay')
    expect(second.said).toEqual(first.said)
    expect(second.said.output).toBeInstanceOf(Forecast)
    expect(second.said.events.filter(event => event.type === 'agent.delta').length).toBeGreaterThan(2)
    expect(mock.getRequests()).toHaveLength(requests)
    expect(readFileSync(file, 'utf8')).not.toContain('sk-live')
  })
})

describe('a recording', () => {
  it('answers equal requests in the order in which they were recorded, each answer once', async () => {
    await recorded(new ScriptedModel(['one', 'two', 'other']), asking('a'), asking('a'), asking('b'))
    const replay = recordModel(nobody, { file })
    expect(replay.mode).toBe('replay')
    expect((await replay.complete(asking('b'))).content).toBe('other')
    expect((await replay.complete(asking('a'))).content).toBe('one')
    expect(() => replay.assertDone()).toThrow(/1 of 3 answers left.*"content":"a"/)
    expect((await replay.complete(asking('a'))).content).toBe('two')
    replay.assertDone()
    const failure = await failureOf(replay.complete(asking('a')))
    expect(failure).toMatchObject({ code: 'MODEL_RECORDING_MISSING', model: 'm', retryable: false })
    expect(failure.message).toContain('this request 2 times, and all answers have been given')
  })

  it('says of an unknown request how it differs from the nearest recorded one', async () => {
    const settings = { temperature: 0 }
    await recorded(
      new ScriptedModel(['one', 'two']),
      asking('How is Rome?', { model: 'n' }),
      asking('How is Oslo?', { settings }),
    )
    const replay = recordModel(nobody, { file })
    const failure = await failureOf(replay.complete(asking('How is Bergen?', { settings })))
    expect(failure).toBeInstanceOf(ModelError)
    expect(failure.code).toBe('MODEL_RECORDING_MISSING')
    expect(failure.message).toContain('The nearest is number 2 of 2')
    expect(failure.message).toContain('messages[0].content was "How is Oslo?" and is "How is Bergen?"')
    expect(failure.message).toContain("set `mode: 'record'`")
    expect(failure.message).not.toContain('temperature')
  })

  it('is the same whatever the order of the keys of a request', async () => {
    await recorded(new ScriptedModel(['one']), { model: 'm', messages: [{ role: 'user', content: 'a' }] })
    const replay = recordModel(nobody, { file })
    expect((await replay.complete({ messages: [{ content: 'a', role: 'user' }], model: 'm' })).content).toBe('one')
  })

  it('keeps the order of calls that ran side by side, and leaves failed ones out', async () => {
    let answerFirst = (_text: string): void => {}
    const first = new Promise<string>(resolve => {
      answerFirst = resolve
    })
    const model = recordModel(new ScriptedModel([() => first, new Error('down'), 'second']), { file, mode: 'record' })
    const slow = model.complete(asking('a'))
    await expect(model.complete(asking('a'))).rejects.toThrow('down')
    await model.complete(asking('a'))
    answerFirst('first')
    await slow
    const replay = recordModel(nobody, { file })
    expect([(await replay.complete(asking('a'))).content, (await replay.complete(asking('a'))).content]).toEqual([
      'first',
      'second',
    ])
  })

  it.each([
    'sk-proj-abcdefgh12345678',
    'ghp_abcdefghijklmnop1234',
    'github_pat_11ABCDEFG0abcdefghijkl',
    'AKIAIOSFODNN7EXAMPLE',
    'xoxb-1234567890-abcdef',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
    'Bearer abcdef.123456',
    'postgres://me:hunter22@db.example/x',
    '{"api_key": "hunter22"}',
    '{"password":"hunter22"}',
    'curl "https://x.example/?api_key=hunter22&q=1"',
    '-----BEGIN PRIVATE KEY-----\nhunter22\n-----END PRIVATE KEY-----',
  ])('holds no secret that can be recognised, wherever it was said, and replays all the same: %s', async secret => {
    const request = asking(`My secret is ${secret}!`, { settings: { extra: { api_key: 'hunter22' } } })
    const answer = { text: `You told me ${secret}.`, toolCalls: [{ name: 'keep', arguments: { secret } }] }
    const model = recordModel(new ScriptedModel([answer]), { file })
    const heard: string[] = []
    const response = await model.complete(request, { onDelta: text => heard.push(text) })
    expect(response.content).toContain(secret)
    const written = readFileSync(file, 'utf8')
    const hidden = secret.match(/hunter22|sk-proj\S+|gh\w+|AKIA\w+|xoxb\S+|eyJ\S+|abcdef\.123456/)?.[0] as string
    expect(written).not.toContain(hidden)
    expect(written).not.toContain('hunter22')
    expect(written).toContain('[redacted]')
    const replayed: string[] = []
    const again = await recordModel(nobody, { file }).complete(request, { onDelta: text => replayed.push(text) })
    expect(replayed.join('')).toBe(again.content)
  })

  it('leaves out what its own `redact` takes out, also where that lies across several deltas', async () => {
    const redact = (text: string) => text.replaceAll('Ada Lovelace', '<name>')
    const request = asking('I am Ada Lovelace')
    await recordModel(new ScriptedModel(['Hello Ada Lovelace !']), { file, redact }).complete(request, {
      onDelta: () => {},
    })
    expect(readFileSync(file, 'utf8')).not.toMatch(/Ada|Lovelace/)
    const heard: string[] = []
    const replay = recordModel(nobody, { file, redact })
    await replay.complete(request, { onDelta: text => heard.push(text) })
    expect(heard).toEqual(['Hello <name> !'])
  })

  it('gives up a replay when it is aborted between two deltas', async () => {
    const request = asking('a')
    await recordModel(new ScriptedModel(['one two three']), { file }).complete(request, { onDelta: () => {} })
    const controller = new AbortController()
    const heard: string[] = []
    const onDelta = (text: string): void => {
      heard.push(text)
      controller.abort(new Error('changed my mind'))
    }
    const call = recordModel(nobody, { file }).complete(request, { signal: controller.signal, onDelta })
    await expect(call).rejects.toThrow('changed my mind')
    expect(heard).toHaveLength(1)
  })

  it('is written anew when it is recorded again, and the client is made only for that', async () => {
    await recorded(new ScriptedModel(['old']), asking('a'))
    let made = 0
    const client = () => {
      made++
      return new ScriptedModel(['new'])
    }
    expect((await recordModel(client, { file }).complete(asking('a'))).content).toBe('old')
    expect(made).toBe(0)
    await recordModel(client, { file, mode: 'record' }).complete(asking('a'))
    expect(made).toBe(1)
    expect((await recordModel(client, { file }).complete(asking('a'))).content).toBe('new')
  })

  it.each([
    ['is not there', undefined, 'There is no recording'],
    ['is no JSON', '{"format', 'no recording that can be read'],
    ['is something else', '{"name":"x"}', 'it has no `"format"'],
    ['is of a newer version', '{"format":"advancer-model-recording","version":2,"exchanges":[]}', 'version 2'],
    ['lacks an answer', '{"format":"advancer-model-recording","version":1,"exchanges":[{"request":{}}]}', 'exchange 0'],
  ])('is refused for a replay when the file %s', (_what, content, problem) => {
    const path = join(folder, 'damaged.json')
    if (content !== undefined) writeFileSync(path, content)
    expect(() => recordModel(nobody, { file: path, mode: 'replay' })).toThrow(problem)
    expect(() => recordModel(nobody, { file: path, mode: 'replay' })).toThrow(
      expect.objectContaining({ code: 'MODEL_RECORDING_MISSING' }) as Error,
    )
  })

  it('refuses options that mean nothing', () => {
    expect(() => recordModel(nobody, { file: '' })).toThrow(/`file`/)
    expect(() => recordModel(nobody, { file, mode: 'play' as 'replay' })).toThrow(/`mode`/)
    expect(() => recordModel({} as ModelClient, { file })).toThrow(/`client`/)
  })
})
