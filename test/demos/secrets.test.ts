import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, OpenAIChatModel, OpenAIResponsesModel } from '../../src/agents/index.js'
import { ChatRuntime, SingletonRuntimeConfiguration } from '../../src/chat/index.js'
import { Orchestration } from '../../src/core/index.js'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { retry } from '../../src/resilience/index.js'
import { recordModel } from '../../src/testing/index.js'
import { RawServers } from '../agents/raw-server.js'

const servers = new RawServers()
const marker = 'Zx9MARKERq7'
/** As OpenAI writes keys, as others do, and one that is fetched when it is needed. */
const keys: Readonly<Record<string, ConstructorParameters<typeof OpenAI>[0]>> = {
  ordinary: { apiKey: `sk-proj-${marker}0123456789` },
  plain: { apiKey: `0f3a77${marker}b21c` },
  fetched: { apiKey: async () => `0f3a77${marker}b21c` },
}
const header = `tenant${marker}header`

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'advancer-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function clientFor(baseURL: string, options: ConstructorParameters<typeof OpenAI>[0]): OpenAI {
  const defaultHeaders = { 'x-tenant': header, cookie: `session=${marker}` }
  return new OpenAI({ ...options, baseURL, defaultHeaders, maxRetries: 0, logLevel: 'off' })
}

/** Everything that can be seen of a value: JSON, messages, causes, whatever is hidden in it. */
function seen(value: unknown): string {
  const errors: unknown[] = []
  for (let at: unknown = value; at instanceof Error; at = at.cause)
    errors.push(at.message, at.stack, JSON.stringify(at))
  return [JSON.stringify(value), inspect(value, { depth: 20, showHidden: true }), ...errors].join('\n')
}

/** Around a marker, where it was found; nothing if it was not. */
function leakIn(text: string): string | undefined {
  const at = text.indexOf(marker)
  return at < 0 ? undefined : text.slice(Math.max(0, at - 120), at + 40)
}

const answer = {
  id: 'x',
  object: 'chat.completion',
  model: 'gpt-4.1-mini',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'fine' } }],
}

/** Ways in which servers give away what they were sent. */
const givingAway: Readonly<Record<string, (secrets: string) => Promise<string>>> = {
  '401': secrets => servers.answering({ error: { message: `Incorrect API key: ${secrets}` } }, 401),
  '400': secrets =>
    servers.answering({ error: { message: `Bad header: ${secrets}`, param: secrets, code: secrets } }, 400),
  '500': secrets => servers.answering({ error: { message: `Crashed with ${secrets}`, stack: secrets } }, 500),
  '429': secrets => servers.answering({ error: { message: `Too many requests for ${secrets}` } }, 429),
  'a page': secrets => servers.answering(`<html>${secrets}</html>`, 502),
  'a page that is a success': secrets => servers.answering(`<html>${secrets}</html>`),
  'headers of an error': secrets =>
    servers.answering({ error: { message: 'no' } }, 400, {
      'x-echo': secrets.replaceAll('\n', ' '),
      'x-request-id': 'req_1',
    }),
  'a stream that reports an error': secrets =>
    servers.streaming({ error: { message: `No: ${secrets}`, code: secrets } }),
  'a stream that is no JSON': secrets => servers.streaming(`{"choices": ${secrets}`),
  'nobody there': () => servers.deserted(),
}

describe.each(Object.entries(keys))('an API key (%s) and the values of headers', (_, key) => {
  const text = typeof key?.apiKey === 'string' ? key.apiKey : `0f3a77${marker}b21c`
  const secrets = [text, header, `session=${marker}`].join(' ')

  class Asking extends AgentRunnable<string, string> {
    constructor(readonly agent: Agent) {
      super()
    }
  }

  /** Of a durable run whose state is tried twice, and of a turn in a chat. */
  async function everythingAbout(agent: Agent, name: string): Promise<readonly (readonly [string, string])[]> {
    const store = new SqliteJournalStore(join(folder, `${name}.sqlite`))
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new Asking(agent).configure({
        interceptors: [retry({ maxAttempts: 2, initialDelayMs: 0, retryOn: () => true })],
      })
    }
    const events: unknown[] = []
    const run = new Machine().start('go', { store })
    run.events$.subscribe(event => events.push(event))
    const outcome = await run.result.catch((thrown: unknown) => thrown)
    const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(agent))
    runtime.events$.subscribe(event => events.push(event))
    const reply = await runtime.invoke('go').catch((thrown: unknown) => thrown)
    await store.close()
    return [
      ['outcome', seen(outcome)],
      ['reply', seen(reply)],
      ['events', seen(events)],
      ...readdirSync(folder).map(file => [file, readFileSync(join(folder, file), 'latin1')] as const),
    ]
  }

  it.each(Object.keys(givingAway))('are nowhere when the server says them: %s', async way => {
    const baseURL = await (givingAway[way] as (secrets: string) => Promise<string>)(secrets)
    const client = clientFor(baseURL, key)
    const leaks: string[] = []
    let agents = 0
    for (const model of [client, new OpenAIResponsesModel(client)]) {
      for (const streaming of [false, true]) {
        const agent = new Agent({ client: model, model: 'gpt-4.1-mini', streaming })
        for (const [where, all] of await everythingAbout(agent, `${agents++}`)) {
          const leak = leakIn(all)
          if (leak !== undefined)
            leaks.push(`${where}, ${model === client ? 'chat' : 'responses'}, ${streaming}: ${leak}`)
        }
      }
    }
    expect(leaks).toEqual([])
  })

  it('are nowhere when all is well: not in journals, events, messages, or recordings', async () => {
    const baseURL = await servers.answering(answer)
    const file = join(folder, 'recording.json')
    const client = clientFor(baseURL, key)
    const leaks: string[] = []
    for (const model of [client, recordModel(client, { file, mode: 'record' })]) {
      const agent = new Agent({ client: model, model: 'gpt-4.1-mini', streaming: false })
      for (const [where, all] of await everythingAbout(agent, 'well'))
        if (leakIn(all)) leaks.push(`${where}: ${leakIn(all)}`)
    }
    expect(readFileSync(file, 'utf8')).toContain('fine')
    expect(leaks).toEqual([])
  })
})

it('cookies that a server sets are not printed with its errors, but whoever needs its headers has them', async () => {
  const baseURL = await servers.answering({ error: { message: 'no' } }, 500, {
    'set-cookie': `s=${marker}`,
    'x-note': 'yes',
  })
  const client = clientFor(baseURL, { apiKey: 'none' })
  const failure = await new OpenAIChatModel(client)
    .complete({ model: 'm', messages: [] })
    .catch((thrown: unknown) => thrown)
  expect(inspect(failure, { depth: 20 })).not.toContain(marker)
  expect(JSON.stringify(failure)).not.toContain(marker)
  expect(((failure as Error).cause as { headers: Headers }).headers.get('x-note')).toBe('yes')
})
