import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, ModelError } from '../../src/agents/index.js'
import { Retry, Timeout } from '../../src/resilience/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { begin, machine, rejection } from '../core/machines.js'

function limited(retryAfterMs: number, retryable = true): ModelError {
  return new ModelError('The call to model "scripted" was rate limited.', {
    code: 'MODEL_RATE_LIMITED',
    model: 'scripted',
    status: 429,
    retryable,
    retryAfterMs,
  })
}

@Retry({ initialDelayMs: 100 })
@Timeout({ idleMs: 5000 })
class Answering extends AgentRunnable<string, string> {
  readonly agent: Agent<string>

  constructor(client: ScriptedModel) {
    super()
    this.agent = new Agent({ client, model: 'scripted' })
  }
}

function asking(replies: readonly ScriptedReply[]) {
  const client = new ScriptedModel(replies)
  return { client, ...begin(machine<string, string>(new Answering(client)), 'a question') }
}

describe('policies around agents', () => {
  it('S3-33 wait as long as a model that answers 429 asks for, and ask it again', async () => {
    const { client, clock, run, events } = asking([limited(7000), 'the answer'])
    await clock.advance(6999)
    expect(client.requests).toHaveLength(1)
    await clock.advance(1)
    expect(await run.result).toBe('the answer')
    expect(events.ofType('state.retrying')).toMatchObject([
      { attempt: 1, delayMs: 7000, error: { code: 'MODEL_RATE_LIMITED', retryable: true } },
    ])
    client.assertDone()
  })

  it('do not ask again where that cannot help', async () => {
    const { client, clock, run } = asking([limited(7000, false)])
    await clock.advance(0)
    expect((await rejection(run.result)).cause).toBeInstanceOf(ModelError)
    client.assertDone()
  })

  it('give up on a model that does not answer', async () => {
    const { clock, run } = asking([async () => new Promise<never>(() => undefined), 'the answer'])
    await clock.advance(5100)
    expect(await run.result).toBe('the answer')
    expect(clock.pendingTimers).toBe(0)
  })
})
