import { describe, expect, it } from 'vitest'
import {
  Agent,
  type Agent as AgentOf,
  AgentRunner,
  agentTool,
  dropOldest,
  guardrail,
  handoff,
  type ModelMessage,
  type ModelRequest,
  tool,
} from '../../src/agents/index.js'
import { ScriptedModel, type ScriptedReply, type ScriptedToolCall } from '../../src/testing/index.js'
import { faultsOf } from './message-rules.js'
import { SearchItem } from './payloads.js'

const conversations = 100
const turns = 20

/** Numbers from 0 to 1 that are the same for the same seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Tally {
  requests: number
  answered: number
  failed: number
  handoffs: number
  cancelled: number
  denied: number
}

/** One conversation of 20 turns, in which everything that can go wrong does at times. Returns what was wrong with its requests. */
async function converse(seed: number, tally: Tally): Promise<string[]> {
  const next = random(seed)
  const chance = (share: number): boolean => next() < share
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T
  const faults: string[] = []
  let controller = new AbortController()

  const toolCall = (): ScriptedToolCall => {
    const name = oneOf([
      'work',
      'work',
      'guarded',
      'broken',
      'fatal',
      'private',
      'ask',
      'unknown',
      'transfer_to_A',
      'transfer_to_B',
    ])
    const args = oneOf<unknown>([
      { query: 'x', limit: null },
      { query: 'stop', limit: null },
      '{"query":',
      { query: 7 },
      '',
    ])
    const given = name === 'ask' ? { input: 'sub' } : name.startsWith('transfer') ? { reason: 'so' } : args
    return { name, arguments: given, ...(chance(0.1) ? { id: oneOf(['', 'call_same']) } : {}) }
  }
  const reply = (request: ModelRequest): ScriptedReply => {
    tally.requests++
    faults.push(...faultsOf(request).map(fault => `seed ${seed}: ${fault}`))
    if (chance(0.03)) controller.abort(new Error('cancelled by the user'))
    if (chance(0.03)) return new Error('the model server is down')
    if (chance(0.02)) return { text: 'cut', finishReason: 'length' }
    if (chance(0.55)) return { toolCalls: Array.from({ length: 1 + Math.floor(next() * 4) }, toolCall) }
    return request.output === undefined || chance(0.5) ? 'no JSON' : { object: { query: 'q', limit: null } }
  }
  const client = new ScriptedModel(Array.from({ length: 2000 }, () => reply))

  const behaviour = { description: 'A tool', parameters: SearchItem }
  const work = async ({ query }: SearchItem): Promise<string> => {
    if (chance(0.05)) controller.abort(new Error('cancelled while a tool was at work'))
    return query
  }
  const stops = guardrail('stops', ({ query }: SearchItem) => (query === 'stop' ? { reason: 'no' } : undefined))
  const throws = (): never => {
    throw new Error('it broke')
  }
  const tools = [
    tool({ ...behaviour, name: 'work', execute: work }),
    tool({ ...behaviour, name: 'guarded', guardrails: { arguments: [stops] }, execute: work }),
    tool({ ...behaviour, name: 'broken', execute: throws }),
    tool({ ...behaviour, name: 'fatal', onError: 'fail', execute: () => (chance(0.3) ? throws() : 'survived') }),
    tool({ ...behaviour, name: 'private', needsPermission: true, execute: work }),
  ]
  const sub = new Agent({ client, model: 'scripted', name: 'Sub', tools: tools.slice(0, 1), maxTurns: 3 })
  const common = {
    client,
    model: 'scripted',
    outputSchema: SearchItem,
    tools: [...tools, agentTool(sub, { name: 'ask' })],
    onToolPermission: () => {
      const granted = chance(0.5)
      if (!granted) tally.denied++
      return granted || (chance(0.5) ? false : { reason: 'not today' })
    },
    contextWindow: dropOldest({ maxTokens: 200 + Math.floor(next() * 400) }),
  }
  const recent = (messages: readonly ModelMessage[]) => (chance(0.5) ? messages.slice(-8) : messages)
  const a: AgentOf<SearchItem> = new Agent({ ...common, name: 'A', handoffs: () => [b], maxHandoffs: 3 })
  const b: AgentOf<SearchItem> = new Agent({
    ...common,
    name: 'B',
    handoffs: () => [handoff(a, { filter: messages => withUser(recent(messages), messages), when: () => chance(0.8) })],
  })

  let agent: AgentOf<SearchItem> = a
  let messages: readonly ModelMessage[] = []
  for (let turn = 0; turn < turns; turn++) {
    controller = new AbortController()
    const { signal } = controller
    const input = `input ${turn}`
    try {
      const result = await AgentRunner.run(agent, input, {
        messages,
        signal,
        onEvent: event => event.type === 'agent.handoff' && tally.handoffs++,
      })
      tally.answered++
      messages = result.messages
      agent = result.agent
    } catch {
      tally.failed++
      if (signal.aborted) tally.cancelled++
      // Some programs keep what was said until then, which may end in the middle of a tool call.
      if (chance(0.5)) messages = torn(client.requests.at(-1), messages)
    }
  }
  return faults
}

/** What a program might have kept of a conversation that broke off. */
function torn(request: ModelRequest | undefined, before: readonly ModelMessage[]): readonly ModelMessage[] {
  const seen = request?.messages.slice(1) ?? before
  const calls = seen.findLastIndex(each => each.role === 'assistant' && (each.toolCalls?.length ?? 0) > 0)
  return calls === -1 ? seen : seen.slice(0, calls + 1)
}

/** A filter is free to leave out what it likes, but these servers want to be asked something. */
function withUser(left: readonly ModelMessage[], all: readonly ModelMessage[]): readonly ModelMessage[] {
  if (left.some(each => each.role === 'user')) return left
  return [...all.filter(each => each.role === 'user').slice(-1), ...left]
}

describe('a hundred conversations of twenty turns', () => {
  it('with random tool calls, failures, denials, handoffs and cancellations are valid at every request', async () => {
    const tally: Tally = { requests: 0, answered: 0, failed: 0, handoffs: 0, cancelled: 0, denied: 0 }
    const faults: string[] = []
    for (let seed = 1; seed <= conversations; seed++) faults.push(...(await converse(seed, tally)))
    expect(faults).toEqual([])
    // It has to have happened at all.
    expect(tally.answered + tally.failed).toBe(conversations * turns)
    for (const count of Object.values(tally)) expect(count).toBeGreaterThan(50)
  })
})
