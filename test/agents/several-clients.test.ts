import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Agent, AgentRunnable, OpenAIResponsesModel } from '../../src/agents/index.js'
import { Orchestration, Runnable } from '../../src/core/index.js'
import { EventRecorder } from '../../src/testing/index.js'
import { connect } from './raw-server.js'

const cheap = new LLMock({ port: 0 })
const good = new LLMock({ port: 0 })

beforeAll(async () => {
  await Promise.all([cheap.start(), good.start()])
})
afterAll(async () => {
  await Promise.all([cheap.stop(), good.stop()])
})

it('two agents of one orchestration have clients of their own: a cheap one to route, a good one to answer', async () => {
  cheap.onMessage('refund', { content: 'billing', usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 } })
  good.onMessage('billing', {
    content: 'You get it back.',
    usage: { input_tokens: 7, output_tokens: 4, total_tokens: 11 },
  })

  @Runnable({ input: String, output: String })
  class Routing extends AgentRunnable<string, string> {
    readonly agent = new Agent({ client: connect(`${cheap.url}/v1`), model: 'gpt-4.1-nano', name: 'Router' })
  }
  @Runnable({ input: String, output: String })
  class Answering extends AgentRunnable<string, string> {
    readonly agent = new Agent({
      client: new OpenAIResponsesModel(connect(`${good.url}/v1`)),
      model: 'gpt-5',
      name: 'Expert',
    })
  }
  class Support extends Orchestration<string, string> {
    constructor() {
      super()
      this.initialRunnable = new Routing().addAdvancer(Answering)
      this.register(new Answering())
    }
  }

  const run = new Support().start('I want a refund')
  const events = new EventRecorder(run)
  expect(await run.result).toBe('You get it back.')
  expect(cheap.getRequests().map(({ path, body }) => [path, body?.model])).toEqual([
    ['/v1/chat/completions', 'gpt-4.1-nano'],
  ])
  expect(good.getRequests().map(({ path, body }) => [path, body?.model])).toEqual([['/v1/responses', 'gpt-5']])
  expect(events.ofType('agent.usage')).toMatchObject([
    { stateName: 'Routing', agent: 'Router', model: 'gpt-4.1-nano', inputTokens: 5, outputTokens: 1 },
    { stateName: 'Answering', agent: 'Expert', model: 'gpt-5', inputTokens: 7, outputTokens: 4 },
  ])
})
