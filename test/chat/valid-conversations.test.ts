import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Agent, type ModelClient, type ModelMessage, type ModelRequest, tool } from '../../src/agents/index.js'
import {
  ChatRuntime,
  ConcurrentRuntimeConfiguration,
  HandoffRuntimeConfiguration,
  type RuntimeConfiguration,
  SequentialRuntimeConfiguration,
  SingletonRuntimeConfiguration,
  StoredChatHistory,
  toModelMessage,
  type WhenBusy,
} from '../../src/chat/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { outcome } from './controlled.js'

/** What is wrong with a conversation, as the server of a model would see it. */
function faultOf(messages: readonly ModelMessage[]): string | undefined {
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.includes(message.toolCallId)) return `message ${index} answers no call`
      open = open.filter(id => id !== message.toolCallId)
      continue
    }
    if (open.length > 0) return `message ${index} comes before all calls are answered`
    if (message.role === 'system' && index > 0) return `message ${index} is of the system`
    if (message.role === 'assistant') open = (message.toolCalls ?? []).map(({ id }) => id)
  }
  return open.length > 0 ? 'a call is not answered' : undefined
}

/** A model that calls tools, fails and takes its time as numbers say, and refuses what a server would refuse. */
function unruly(dice: () => number, faults: string[]): ModelClient {
  let calls = 0
  return {
    async complete({ messages, output, model }: ModelRequest, { onDelta, signal } = {}) {
      const fault = faultOf(messages)
      if (fault !== undefined) faults.push(`${fault}: ${JSON.stringify(messages)}`)
      for (let pause = dice() % 3; pause > 0; pause--) {
        await new Promise(resolve => setImmediate(resolve))
        signal?.throwIfAborted()
        if (output === undefined) onDelta?.('word ')
      }
      const choice = dice() % 10
      if (choice === 0) throw new Error('the server is down')
      const answer = { model, toolCalls: [], finishReason: 'stop' as const }
      if (output !== undefined) {
        const names = (output.schema.properties?.['agent']?.enum ?? []) as string[]
        return { ...answer, content: JSON.stringify({ reason: 'x', agent: names[dice() % names.length] }) }
      }
      if (choice > 4) return { ...answer, content: `answer ${dice()}` }
      const toolCalls = Array.from({ length: 1 + (dice() % 3) }, () => {
        return {
          id: `call_${++calls}`,
          name: dice() % 4 === 0 ? 'unknown' : 'lookup',
          arguments: dice() % 5 === 0 ? '{' : '{}',
        }
      })
      return { ...answer, content: '', toolCalls, finishReason: 'tool_calls' as const }
    },
  }
}

function configurationOf(kind: number, agents: readonly [Agent, Agent, Agent]): RuntimeConfiguration {
  const [a, b, c] = agents
  if (kind === 0) return new SingletonRuntimeConfiguration(a)
  if (kind === 1) return new SequentialRuntimeConfiguration([a, { agent: b, instructions: 'Go on.' }])
  if (kind === 2) return new ConcurrentRuntimeConfiguration([a, b], { synthesiser: c, onAgentError: 'proceed' })
  return new HandoffRuntimeConfiguration(a, [b, c], { onRouterError: 'stay' })
}

describe('100 conversations of 20 messages, with tool calls, failures, interruptions and restarts at random', () => {
  it('are at each request, and at the end, what a server of models takes', async () => {
    const faults: string[] = []
    let answered = 0
    const modes: readonly WhenBusy[] = ['enqueue', 'interrupt', 'rollback']
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.integer({ min: 1, max: 2 ** 31 - 2 }), async (kind, seed) => {
        let state = seed
        const dice = (): number => (state = (state * 48271) % (2 ** 31 - 1))
        const lookup = tool({
          name: 'lookup',
          description: 'Looks up',
          execute: async () => {
            if (dice() % 4 === 0) throw new Error('nothing found')
            return 'found'
          },
        })
        const client = unruly(dice, faults)
        const agents = ['a', 'b', 'c'].map(
          name => new Agent({ client, model: 'm', name, tools: [lookup], maxTurns: 4 }),
        )
        const configuration = configurationOf(kind, agents as unknown as readonly [Agent, Agent, Agent])
        const store = new MemoryJournalStore()
        const chat = () => new ChatRuntime(configuration, { id: 'c', history: new StoredChatHistory(store) })
        let runtime = chat()
        const outcomes: Promise<string>[] = []
        for (let turn = 0; turn < 20; turn++) {
          const whenBusy = modes[dice() % 3] as WhenBusy
          outcomes.push(outcome(runtime.invoke(`message ${turn}`, { whenBusy })))
          for (let pause = dice() % 6; pause > 0; pause--) await new Promise(resolve => setImmediate(resolve))
          if (dice() % 6 === 0) runtime.cancel()
          if (dice() % 6 !== 0) continue
          await Promise.all(outcomes)
          runtime = chat()
        }
        answered += (await Promise.all(outcomes)).filter(text => text.startsWith('answer')).length
        const fault = faultOf((await runtime.messages).map(toModelMessage))
        expect(fault).toBeUndefined()
      }),
      { numRuns: 100 },
    )
    expect(faults).toEqual([])
    expect(answered).toBeGreaterThan(300)
  })
})
