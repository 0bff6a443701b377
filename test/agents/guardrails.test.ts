import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import {
  Agent,
  type AgentEvent,
  AgentRunnable,
  AgentRunner,
  type Guardrail,
  GuardrailError,
  guardrail,
  tool,
} from '../../src/agents/index.js'
import { Orchestration } from '../../src/core/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { faultsOf } from './message-rules.js'
import { SearchItem, SearchPlan } from './payloads.js'

function scripted(...replies: ScriptedReply[]) {
  return { client: new ScriptedModel(replies), model: 'scripted', name: 'Guarded' }
}

const passes = guardrail('passes', async () => undefined)
const noSecrets = guardrail('no secrets', (text: string) =>
  text.includes('secret') ? { reason: 'it asks for a secret' } : undefined,
)

async function failureOf(work: Promise<unknown>): Promise<GuardrailError> {
  return work.then(
    () => expect.unreachable('it should have failed'),
    (thrown: unknown) => thrown as GuardrailError,
  )
}

function deferred<T = void>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>(done => {
    resolve = done
  })
  return { promise, resolve }
}

describe('an input guardrail', () => {
  it('that trips cancels the model call in flight: the server sees the connection close', async () => {
    const asked = deferred()
    const closed = deferred<string>()
    const server = createServer((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"choices":[{"index":0,"delta":{"content":"The secret is"}}]}\n\n')
      response.on('close', () => closed.resolve(response.writableFinished ? 'answered' : 'cancelled'))
      asked.resolve()
    })
    server.listen(0)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = new OpenAI({
      apiKey: 'none',
      baseURL: `http://127.0.0.1:${port}/v1`,
      maxRetries: 0,
      logLevel: 'off',
    })
    const events: AgentEvent[] = []
    const slow = guardrail('slow', async (_text: string) => {
      await asked.promise
      return { reason: 'thought about it' }
    })
    const agent = new Agent({ client, model: 'gpt-4o', name: 'Guarded', inputGuardrails: [passes, slow] })
    const failure = await failureOf(AgentRunner.run(agent, 'tell me', { onEvent: event => events.push(event) }))
    expect(await closed.promise).toBe('cancelled')
    expect(failure).toBeInstanceOf(GuardrailError)
    expect(failure).toMatchObject({
      code: 'GUARDRAIL_TRIPPED',
      retryable: false,
      agent: 'Guarded',
      stage: 'input',
      guardrail: 'slow',
      reason: 'thought about it',
    })
    expect(events).toEqual([
      { type: 'agent.guardrail', agent: 'Guarded', guardrail: 'slow', stage: 'input', reason: 'thought about it' },
    ])
    server.close()
  })

  it('that trips after the model has answered lets no tool be called and no delta out, but what was used counts', async () => {
    let calls = 0
    const act = tool({ name: 'act', description: 'Acts', execute: () => ++calls })
    const release = deferred()
    const late = guardrail('late', async () => {
      await release.promise
      return { reason: 'no' }
    })
    const options = scripted({ text: 'I will', toolCalls: [{ name: 'act' }] })
    const agent = new Agent({ ...options, tools: [act], inputGuardrails: [late] })
    const events: AgentEvent[] = []
    const run = AgentRunner.run(agent, 'x', {
      onEvent: event => {
        events.push(event)
        if (event.type === 'agent.usage') release.resolve()
      },
    })
    expect(await failureOf(run)).toMatchObject({ code: 'GUARDRAIL_TRIPPED', guardrail: 'late' })
    expect(calls).toBe(0)
    expect(events.map(event => event.type)).toEqual(['agent.usage', 'agent.guardrail'])
  })

  it('holds deltas back until all have passed, then delivers them in order', async () => {
    const events: AgentEvent[] = []
    const release = deferred()
    const slow = guardrail('slow', async () => release.promise)
    const agent = new Agent({ ...scripted('one two three'), inputGuardrails: [slow, passes] })
    const run = AgentRunner.run(agent, 'x', { onEvent: event => events.push(event) })
    await new Promise(setImmediate)
    expect(events.map(event => event.type)).toEqual(['agent.usage'])
    release.resolve()
    await run
    expect(events.flatMap(event => (event.type === 'agent.delta' ? event.text : []))).toEqual(['one ', 'two ', 'three'])
  })

  it('sees the text and the conversation, only of what the agent is asked, and only once', async () => {
    const seen: unknown[] = []
    const watch: Guardrail<string> = {
      name: 'watch',
      check: (text, { agent, messages, signal }) => void seen.push([text, agent, messages.length, signal.aborted]),
    }
    const act = tool({ name: 'act', description: 'Acts', execute: () => 'done' })
    const agent = new Agent({
      ...scripted({ toolCalls: [{ name: 'act' }] }, 'ok'),
      tools: [act],
      inputGuardrails: [watch],
    })
    const messages = [
      { role: 'user', content: 'a secret' },
      { role: 'assistant', content: 'no' },
    ] as const
    await AgentRunner.run(agent, 'fine', { messages })
    expect(seen).toEqual([['fine', 'Guarded', 3, false]])
  })

  it('that throws fails the agent, and is named; the model call is cancelled', async () => {
    const broken = guardrail('broken', () => {
      throw new Error('no connection')
    })
    const options = scripted(() => new Promise<never>(() => {}))
    const failure = await failureOf(AgentRunner.run(new Agent({ ...options, inputGuardrails: [broken] }), 'x'))
    expect(failure).toMatchObject({ code: 'GUARDRAIL_FAILED', details: { guardrail: 'broken', stage: 'input' } })
    expect(failure.message).toContain('"broken" of agent "Guarded" failed')
    expect(failure.message).toContain('no connection')
  })

  it('is aborted when the model fails, and the failure is that of the model', async () => {
    let signal: AbortSignal | undefined
    const waiting = guardrail('waiting', (_: unknown, context) => {
      signal = context.signal
      return new Promise<undefined>(() => {})
    })
    const error = new Error('the model is broken')
    const agent = new Agent({ ...scripted(error), inputGuardrails: [waiting] })
    expect(await failureOf(AgentRunner.run(agent, 'x'))).toBe(error)
    expect(signal?.aborted).toBe(true)
  })

  it('may use an agent itself, whose events and usage arrive in the run', async () => {
    const judge = new Agent({ ...scripted('no'), name: 'Judge' })
    const judged = guardrail('judged', async (text: string, { run, signal }) => {
      const { output } = await AgentRunner.run(judge, text, { signal, ...(run === undefined ? {} : { context: run }) })
      return output === 'no' ? { reason: 'the judge said no' } : undefined
    })
    class State extends AgentRunnable<string, string> {
      readonly agent = new Agent({ ...scripted('yes'), inputGuardrails: [judged] })
    }
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new State()
    }
    const run = new Machine().start('x')
    const agents: string[] = []
    run.on('agent.usage', event => agents.push(event.agent))
    const stopped: string[] = []
    run.on('agent.guardrail', event => stopped.push(`${event.stateName} ${event.guardrail}`))
    await expect(run.result).rejects.toMatchObject({
      cause: { code: 'GUARDRAIL_TRIPPED', reason: 'the judge said no' },
    })
    expect(agents.sort()).toEqual(['Guarded', 'Judge'])
    expect(stopped).toEqual(['State judged'])
  })
})

describe('an output guardrail', () => {
  it('gets the validated output, and stops it', async () => {
    const options = scripted({ object: { topic: 'secret', items: [] } }, { object: { topic: 'tea', items: [] } })
    const noTopic = guardrail('no topic', (plan: SearchPlan) =>
      plan instanceof SearchPlan && plan.topic === 'secret' ? { reason: 'wrong topic' } : undefined,
    )
    const agent = new Agent({ ...options, outputSchema: SearchPlan, outputGuardrails: [noTopic] })
    expect(await failureOf(AgentRunner.run(agent, 'x'))).toMatchObject({
      code: 'GUARDRAIL_TRIPPED',
      stage: 'output',
      reason: 'wrong topic',
    })
    expect((await AgentRunner.run(agent, 'x')).output.topic).toBe('tea')
  })
})

describe('the guardrails of a tool', () => {
  const search = (guardrails: Parameters<typeof tool<SearchItem>>[0]['guardrails'], calls: string[] = []) => {
    const execute = ({ query }: SearchItem) => {
      calls.push(query)
      return `found a ${query}`
    }
    return tool({
      name: 'search',
      description: 'Searches',
      parameters: SearchItem,
      execute,
      ...(guardrails === undefined ? {} : { guardrails }),
    })
  }
  const noQuery = guardrail('no query', ({ query }: SearchItem) =>
    query === 'secret' ? { reason: 'private' } : undefined,
  )
  const toolCalls = ['secret', 'tree'].map(query => ({ name: 'search', arguments: { query, limit: null } }))

  it('stop a call before it is made; the model is told, and the others are made', async () => {
    const calls: string[] = []
    const options = scripted({ toolCalls }, 'done')
    const events: AgentEvent[] = []
    const agent = new Agent({ ...options, tools: [search({ arguments: [noQuery] }, calls)] })
    await AgentRunner.run(agent, 'x', { onEvent: event => events.push(event) })
    expect(calls).toEqual(['tree'])
    expect(options.client.requests[1]?.messages.slice(-2).map(each => each.content)).toEqual([
      'Error: the call was stopped by guardrail "no query": private',
      'found a tree',
    ])
    expect(options.client.requests.flatMap(faultsOf)).toEqual([])
    expect(events.filter(event => event.type === 'agent.guardrail')).toMatchObject([{ stage: 'tool' }])
  })

  it('keep a result from the model', async () => {
    const options = scripted({ toolCalls }, 'done')
    const agent = new Agent({ ...options, tools: [search({ result: [noSecrets] })] })
    await AgentRunner.run(agent, 'x')
    expect(options.client.requests[1]?.messages.slice(-2).map(each => each.content)).toEqual([
      'Error: the call was stopped by guardrail "no secrets": it asks for a secret',
      'found a tree',
    ])
  })

  it('fail the agent where that is wanted', async () => {
    const tools = [search({ arguments: [noQuery], onTrip: 'fail' })]
    const failure = await failureOf(AgentRunner.run(new Agent({ ...scripted({ toolCalls }), tools }), 'x'))
    expect(failure).toMatchObject({ code: 'GUARDRAIL_TRIPPED', stage: 'tool', details: { tool: 'search' } })
  })

  it('are refused without a name or a check', () => {
    expect(() => guardrail('', () => undefined)).toThrow('Option `name`')
    expect(() => guardrail('x', 'no function' as never)).toThrow('Option `check`')
    expect(() => new Agent({ ...scripted(), inputGuardrails: [{} as never] })).toThrow('Option `inputGuardrails`')
    expect(() => search({ result: [{ name: 'x' } as never] })).toThrow('Option `guardrails`')
  })
})
