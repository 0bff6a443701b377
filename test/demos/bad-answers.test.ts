import 'reflect-metadata'
import { IsInt } from 'class-validator'
import { describe, expect, it } from 'vitest'
import {
  Agent,
  type AgentOptions,
  AgentRunnable,
  dropOldest,
  type ModelError,
  OpenAIResponsesModel,
  tool,
} from '../../src/agents/index.js'
import { Orchestration, type OrchestrationFailedError, Runnable } from '../../src/core/index.js'
import { retry } from '../../src/resilience/index.js'
import { EventRecorder } from '../../src/testing/index.js'
import { connect, fetchThatLetsTimePass, RawServers } from '../agents/raw-server.js'
import { type Answers, chatAnswers, responsesAnswers, startedWith } from './wire-answers.js'

const servers = new RawServers()

class Sum {
  @IsInt() total!: number
}

class Arguments {
  @IsInt() a!: number
}

const add = tool({ name: 'add', description: 'Adds 1', parameters: Arguments, execute: ({ a }) => a + 1 })

type Asked = Pick<AgentOptions, 'client' | 'contextWindow'>

/** A state whose agent has to come to a `Sum`, tried twice. */
function machine(options: Asked): Orchestration<string, Sum> {
  @Runnable({ input: String, output: Sum })
  class Summing extends AgentRunnable<string, Sum> {
    readonly agent = new Agent({
      ...options,
      model: 'gpt-4.1-mini',
      name: 'Adder',
      tools: [add],
      maxTurns: 5,
      outputSchema: Sum,
    })
  }
  return new (class Machine extends Orchestration<string, Sum> {
    override initialRunnable = new Summing().configure({ interceptors: [retry({ maxAttempts: 2, initialDelayMs: 0 })] })
  })()
}

interface Failure {
  readonly failure: OrchestrationFailedError
  readonly error: ModelError
  readonly attempts: number
  readonly events: EventRecorder
}

async function failureOf(orchestration: Orchestration<string, Sum>): Promise<Failure> {
  const run = orchestration.start('go')
  const events = new EventRecorder(run)
  const failure = await run.result.then(
    () => expect.unreachable('it should have failed'),
    (thrown: unknown) => thrown as OrchestrationFailedError,
  )
  const cause = failure.cause as ModelError & { readonly code: string }
  const attempts = events.ofType('state.retrying').length + 1
  return {
    failure,
    error: (cause.code as string) === 'RETRIES_EXHAUSTED' ? (cause.cause as ModelError) : cause,
    attempts,
    events,
  }
}

const apis: readonly (readonly [string, Answers, (...at: Parameters<typeof connect>) => AgentOptions['client']])[] = [
  ['chat completions', chatAnswers, connect],
  ['responses', responsesAnswers, (...at) => new OpenAIResponsesModel(connect(...at))],
]

describe.each(apis)('over %s, what a server does wrong', (_, say, clientOf) => {
  /** A server with these answers, the last one for ever; and how many it has given. */
  const serving = async (...answers: readonly Parameters<typeof startedWith>[0][]) => {
    const given = { count: 0 }
    const baseURL = await servers.serve((_request, response) => {
      const answer = answers[Math.min(given.count++, answers.length - 1)] as Parameters<typeof startedWith>[0]
      startedWith(answer, response, `req_${given.count}`)
    })
    return { client: clientOf(baseURL), given }
  }

  it.each([
    ['an error of the server', 'status 500', { code: 'MODEL_FAILED', attempts: 2, status: 500 }],
    ['a rate limit', 'status 429', { code: 'MODEL_RATE_LIMITED', attempts: 2, status: 429 }],
    ['a wrong key', 'status 401', { code: 'MODEL_AUTHENTICATION', attempts: 1, status: 401 }],
    ['half a stream', 'half', { code: 'MODEL_STREAM_CUT', attempts: 2 }],
    ['a stream that breaks', 'broken', { code: 'MODEL_STREAM_CUT', attempts: 2 }],
    ['a refusal', 'refusal', { code: 'MODEL_REFUSED', attempts: 1 }],
    ['a content filter', 'filter', { code: 'MODEL_CONTENT_FILTERED', attempts: 1 }],
    ['a hit token limit', 'length', { code: 'MODEL_OUTPUT_TRUNCATED', attempts: 1 }],
    ['too long a conversation', 'overflow', { code: 'MODEL_CONTEXT_EXCEEDED', attempts: 1, status: 400 }],
  ] as const)('%s is a typed error with state, attempts, and request', async (__, how, expected) => {
    const { client, given } = await serving(say[how])
    const { failure, error, attempts, events } = await failureOf(machine({ client }))
    expect(failure).toMatchObject({ code: 'RUN_FAILED', stateName: 'Summing' })
    expect({ code: error.code, attempts, ...(error.status === undefined ? {} : { status: error.status }) }).toEqual(
      expected,
    )
    expect(given.count).toBe(attempts)
    expect(error.requestId).toBe(`req_${given.count}`)
    expect(error.details).toMatchObject({ model: 'gpt-4.1-mini', requestId: `req_${given.count}` })
    expect(error.message).toMatch(/Trying again/)
    expect(error.retryable).toBe(expected.attempts === 2)
    expect(events.ofType('state.failed')).toMatchObject([{ stateName: 'Summing' }])
  })

  it('an unknown tool, and arguments that are wrong or no JSON, are told to the model, which then comes to an answer', async () => {
    const { client, given } = await serving(
      say.calls('multiply', '{"a":1}'),
      say.calls('add', '{"a":"one"}'),
      say.calls('add', '{"a":'),
      say.calls('add', '{"a":41}'),
      say.text('{"total":42}'),
    )
    const run = machine({ client }).start('go')
    const events = new EventRecorder(run)
    expect(await run.result).toEqual({ total: 42 })
    expect(given.count).toBe(5)
    expect(events.ofType('agent.tool.completed').map(({ failed, result }) => `${failed} ${String(result)}`)).toEqual([
      expect.stringMatching(/^true .*there is no tool "multiply". Use one of: add/),
      expect.stringMatching(/^true .*a must be an integer/),
      expect.stringMatching(/^true .*not JSON/),
      'false 42',
    ])
  })

  it('endless calls of tools end at maxTurns, and the error says what was called', async () => {
    const { client, given } = await serving(say.calls('add', '{"a":1}'))
    const { error, attempts } = await failureOf(machine({ client }))
    expect(error).toMatchObject({
      code: 'MAX_TURNS_EXCEEDED',
      details: { agent: 'Adder', maxTurns: 5, called: ['add'] },
    })
    expect([given.count, attempts]).toEqual([5, 1])
  })

  it.each([
    ['no JSON', 'The total is 42.'],
    ['other JSON', '{"total":"forty-two"}'],
    ['half of it', '{"total":4'],
  ])('an answer that is %s is sent back once, with what is wrong with it', async (__, text) => {
    const repaired = await serving(say.text(text), say.text('{"total":42}'))
    expect(await machine({ client: repaired.client }).run('go')).toEqual({ total: 42 })
    expect(repaired.given.count).toBe(2)

    const { client, given } = await serving(say.text(text))
    const { error, attempts, failure } = await failureOf(machine({ client }))
    expect(error.code).toBe('MODEL_OUTPUT_INVALID')
    expect(error.message).toContain('for agent "Adder" is not a Sum, even after it was told what is wrong')
    expect(failure.stateName).toBe('Summing')
    // Two attempts of the state, each with one repair.
    expect([given.count, attempts]).toEqual([4, 2])
  })

  it('too long a conversation is made shorter once where the agent has a policy for it', async () => {
    const { client, given } = await serving(
      say.calls('add', '{"a":1}'),
      say.calls('add', '{"a":2}'),
      say.overflow,
      say.text('{"total":3}'),
    )
    // Six messages of ten tokens each, with the instructions.
    const contextWindow = dropOldest({ maxTokens: 60, countTokens: () => 10 })
    expect(await machine({ client, contextWindow }).run('go')).toEqual({ total: 3 })
    expect(given.count).toBe(4)
  })

  it.each([
    ['is gone', 'MODEL_UNREACHABLE'],
    ['never answers', 'MODEL_TIMED_OUT'],
    ['falls silent in the middle', 'MODEL_TIMED_OUT'],
  ])('a server that %s is a typed error after two attempts', async (how, code) => {
    const begun = { 'content-type': 'text/event-stream', 'x-request-id': 'req_silent' }
    const silent = () =>
      servers.serve((_request, response) => {
        if (how === 'falls silent in the middle') response.writeHead(200, begun).flushHeaders()
      })
    const baseURL = how === 'is gone' ? await servers.deserted() : await silent()
    const limits = how === 'is gone' ? {} : { timeout: 60 }
    const time = how === 'falls silent in the middle' ? { fetch: fetchThatLetsTimePass(60) } : {}
    const client = clientOf(baseURL, { ...limits, ...time })
    const { error, attempts, failure } = await failureOf(machine({ client }))
    expect([error.code, error.retryable, attempts, failure.stateName]).toEqual([code, true, 2, 'Summing'])
    expect(error.requestId).toBe(how === 'falls silent in the middle' ? 'req_silent' : undefined)
  })
})
