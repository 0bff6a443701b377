import { describe, expect, it } from 'vitest'
import { Agent, type AgentEvent, AgentRunner, type AgentTool, Tool, tool, toolsOf } from '../../src/agents/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { SearchItem } from './payloads.js'

const call = (name: string, args: unknown = { query: 'x', limit: null }) => ({ name, arguments: args })

function agentWith(tools: readonly AgentTool[], ...replies: ScriptedReply[]) {
  const client = new ScriptedModel(replies)
  return { client, agent: new Agent({ client, model: 'scripted', name: 'Tooler', tools }) }
}

/** The results the model was given by the time of its last call. */
function resultsIn(client: ScriptedModel): string[] {
  const messages = client.requests.at(-1)?.messages ?? []
  return messages.filter(message => message.role === 'tool').map(message => message.content)
}

function searchTool(execute: (item: SearchItem) => unknown, more: { onError?: 'fail' } = {}) {
  return tool({ name: 'search', description: 'Searches', parameters: SearchItem, execute, ...more })
}

describe('a tool', () => {
  it('S4-21 is described to the model by its class, and called with a validated instance', async () => {
    const seen: unknown[] = []
    const search = searchTool(item => {
      seen.push(item)
      return `found ${item.query}`
    })
    const { client, agent } = agentWith([search], { toolCalls: [call('search')] }, 'done')
    const result = await AgentRunner.run(agent, 'go')
    expect(result.output).toBe('done')
    expect(result.turns).toBe(2)
    expect(seen[0]).toBeInstanceOf(SearchItem)
    expect(resultsIn(client)).toEqual(['found x'])
    expect(client.requests[0]?.tools).toMatchObject([
      {
        name: 'search',
        description: 'Searches',
        strict: true,
        parameters: {
          type: 'object',
          properties: { query: { description: expect.stringContaining('search engine') } },
          required: ['query', 'limit'],
          additionalProperties: false,
        },
      },
    ])
  })

  it('is called many times at once without a warning of Node that too many listen', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning)
    process.on('warning', onWarning)
    try {
      const search = searchTool(() => new Promise(resolve => setImmediate(resolve, 'found')))
      const { agent } = agentWith([search], { toolCalls: Array.from({ length: 20 }, () => call('search')) }, 'done')
      await AgentRunner.run(agent, 'go')
      await new Promise(setImmediate)
      expect(warnings).toEqual([])
    } finally {
      process.off('warning', onWarning)
    }
  })

  it('S4-21 can be a method of any object, which it is called on; an overriding method inherits the declaration', async () => {
    class Library {
      constructor(readonly prefix: string) {}

      @Tool({ description: 'Finds passages', parameters: SearchItem })
      find({ query }: SearchItem): string {
        return `${this.prefix}: ${query}`
      }

      @Tool({ name: 'today', description: 'Tells the date' })
      date(): string {
        return '2026-11-20'
      }

      untouched(): void {}
    }
    class LoudLibrary extends Library {
      override find(item: SearchItem): string {
        return super.find(item).toUpperCase()
      }
    }
    const tools = toolsOf(new LoudLibrary('lib'))
    expect(tools.map(each => each.name)).toEqual(['find', 'today'])
    const toolCalls = [call('find'), call('today', '')]
    const { client, agent } = agentWith(tools, { toolCalls }, 'done')
    await AgentRunner.run(agent, 'go')
    expect(resultsIn(client)).toEqual(['LIB: X', '2026-11-20'])
  })

  it('can be a method that a standard decorator declares', () => {
    class Library {
      find({ query }: SearchItem): string {
        return query
      }
    }
    const context = { kind: 'method', name: 'find' } as ClassMethodDecoratorContext
    Tool({ description: 'Finds passages', parameters: SearchItem })(Library.prototype.find, context)
    expect(toolsOf(new Library()).map(each => each.name)).toEqual(['find'])
  })

  it('is missed where an object has none', () => {
    class Empty {}
    expect(() => toolsOf(new Empty())).toThrow('Empty has no method with @Tool()')
  })

  it('has a result that goes out as text: a string as it is, anything else as JSON', async () => {
    const values: unknown[] = ['plain', { a: 1 }, undefined, [1, 2]]
    const next = tool({ name: 'next', description: 'Next', execute: () => values.shift() })
    const toolCalls = [call('next', {}), call('next', {}), call('next', {}), call('next', {})]
    const { client, agent } = agentWith([next], { toolCalls }, 'done')
    await AgentRunner.run(agent, 'go')
    expect(resultsIn(client)).toEqual(['plain', '{"a":1}', 'null', '[1,2]'])
  })

  it('works beside others of the same turn; the results keep the order of the calls, and each is called once', async () => {
    const called: string[] = []
    let release = (): void => {}
    const gate = new Promise<void>(resolve => {
      release = resolve
    })
    const search = searchTool(async ({ query }) => {
      called.push(query)
      if (query === 'slow') await gate
      else release()
      return query
    })
    const toolCalls = [call('search', { query: 'slow', limit: null }), call('search', { query: 'fast', limit: null })]
    const { client, agent } = agentWith([search], { toolCalls }, 'done')
    await AgentRunner.run(agent, 'go')
    expect(called).toEqual(['slow', 'fast'])
    expect(resultsIn(client)).toEqual(['slow', 'fast'])
  })

  it('gets a context with the call, and tells of itself in events', async () => {
    const events: AgentEvent[] = []
    const probe = tool({
      name: 'probe',
      description: 'Probes',
      execute: (_args, { agent, callId, signal, run }) => ({ agent, callId, aborted: signal.aborted, run: run?.runId }),
    })
    const { agent } = agentWith([probe], { toolCalls: [{ name: 'probe' }] }, 'done')
    await AgentRunner.run(agent, 'go', { onEvent: event => events.push(event) })
    const result = '{"agent":"Tooler","callId":"call_1","aborted":false}'
    expect(events.filter(event => event.type.startsWith('agent.tool'))).toEqual([
      { type: 'agent.tool.called', agent: 'Tooler', tool: 'probe', callId: 'call_1', arguments: {} },
      { type: 'agent.tool.completed', agent: 'Tooler', tool: 'probe', callId: 'call_1', result, failed: false },
    ])
  })

  it('cannot be made under a name or without a description that a model could use', () => {
    const execute = (): string => ''
    expect(() => tool({ name: 'two words', description: 'x', execute })).toThrow('Option `name`')
    expect(() => tool({ name: 'fine', description: ' ', execute })).toThrow('Option `description`')
    const twice = tool({ name: 'twice', description: 'x', execute })
    expect(() => agentWith([twice, twice])).toThrow('Option `tools`')
  })
})

describe('a tool call that goes wrong', () => {
  it.each([
    ['arguments that are not JSON', call('search', '{"query": '), 'the arguments are not JSON'],
    ['arguments of the wrong type', call('search', { query: 3, limit: 0 }), 'query must be a string (got number)'],
    ['a tool that does not exist', call('seek'), 'there is no tool "seek". Use one of: search.'],
    ['a tool that throws', call('search', { query: 'boom', limit: null }), 'no such index'],
  ])('goes back to the model: %s', async (_what, toolCall, message) => {
    const search = searchTool(() => {
      throw new Error('no such index')
    })
    const { client, agent } = agentWith([search], { toolCalls: [toolCall] }, 'sorry')
    const failed: boolean[] = []
    const { output } = await AgentRunner.run(agent, 'go', {
      onEvent: event => event.type === 'agent.tool.completed' && failed.push(event.failed),
    })
    expect(output).toBe('sorry')
    expect(resultsIn(client)[0]).toMatch(/^Error: /)
    expect(resultsIn(client)[0]).toContain(message)
    expect(failed).toEqual([true])
  })

  it("fails the agent where the tool says so, and aborts the turn's other calls", async () => {
    let aborted: unknown
    const slow = tool({
      name: 'slow',
      description: 'Waits',
      execute: (_args, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted = signal.reason
            reject(signal.reason as Error)
          })
        }),
    })
    const cause = new Error('no such index')
    const search = searchTool(() => Promise.reject(cause), { onError: 'fail' })
    const { agent } = agentWith([slow, search], { toolCalls: [call('slow', {}), call('search')] })
    await expect(AgentRunner.run(agent, 'go')).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: 'Tool "search" of agent "Tooler" failed: no such index',
      cause,
      details: { agent: 'Tooler', tool: 'search' },
    })
    expect(aborted).toMatchObject({ code: 'TOOL_FAILED' })
  })

  it('ends with the reason of the signal when the run is aborted, whatever the tool makes of it', async () => {
    const controller = new AbortController()
    const reason = new Error('stop')
    const search = searchTool(() => {
      controller.abort(reason)
      return new Promise(() => {})
    })
    const { client, agent } = agentWith([search], { toolCalls: [call('search')] }, 'never')
    await expect(AgentRunner.run(agent, 'go', { signal: controller.signal })).rejects.toBe(reason)
    expect(client.requests).toHaveLength(1)
  })
})

describe('turns', () => {
  it('never exceed maxTurns, and the tools of the last one are not called for nobody', async () => {
    let calls = 0
    const search = searchTool(() => ++calls)
    const again = { toolCalls: [call('search')] }
    const { client, agent } = agentWith([search], again, again, again, again)
    await expect(AgentRunner.run(agent, 'go', { maxTurns: 3 })).rejects.toMatchObject({
      code: 'MAX_TURNS_EXCEEDED',
      message: expect.stringContaining('Agent "Tooler" did not come to an answer within 3 turns'),
      details: { agent: 'Tooler', maxTurns: 3, called: ['search'] },
    })
    expect(client.requests).toHaveLength(3)
    expect(calls).toBe(2)
  })

  it('force a tool in the first one only', async () => {
    const client = new ScriptedModel([{ toolCalls: [call('search')] }, 'done'])
    const tools = [searchTool(() => 'x')]
    await AgentRunner.run(new Agent({ client, model: 'scripted', tools, toolChoice: 'required' }), 'go')
    expect(client.requests.map(request => request.toolChoice)).toEqual(['required', undefined])
  })
})

describe('permission', () => {
  const dangerous = (calls: string[]) =>
    tool({
      name: 'remove',
      description: 'Removes',
      parameters: SearchItem,
      needsPermission: ({ query }) => query !== 'harmless',
      execute: ({ query }) => {
        calls.push(query)
        return 'removed'
      },
    })
  const remove = (query: string): ScriptedReply => ({ toolCalls: [call('remove', { query, limit: null })] })

  it('is denied where a tool asks for it and nobody can grant it', async () => {
    const calls: string[] = []
    const { client, agent } = agentWith([dangerous(calls)], remove('all'), 'sorry')
    await AgentRunner.run(agent, 'go')
    expect(calls).toEqual([])
    expect(resultsIn(client)).toEqual(['Tool permission was not granted'])
  })

  it('is granted by true and by nothing else, and asked for with validated arguments', async () => {
    for (const [answer, expected] of [
      [true, ['all']],
      [false, []],
      [{ approved: false }, []],
      ['yes', []],
    ] as const) {
      const calls: string[] = []
      const asked: unknown[] = []
      const { agent } = agentWith([dangerous(calls)], remove('all'), 'done')
      await AgentRunner.run(agent, 'go', {
        onToolPermission: async request => {
          asked.push(request)
          return answer as boolean
        },
      })
      expect(calls).toEqual(expected)
      expect(asked).toMatchObject([{ agent: 'Tooler', tool: 'remove', callId: 'call_1', arguments: { query: 'all' } }])
    }
  })

  it('is not asked for where the tool does not need it for these arguments', async () => {
    const calls: string[] = []
    const { agent } = agentWith([dangerous(calls)], remove('harmless'), 'done')
    await AgentRunner.run(agent, 'go')
    expect(calls).toEqual(['harmless'])
  })

  it('fails the agent when it cannot be asked for', async () => {
    const { agent } = agentWith([dangerous([])], remove('all'), 'never')
    const onToolPermission = (): never => {
      throw new Error('dialog closed')
    }
    await expect(AgentRunner.run(agent, 'go', { onToolPermission })).rejects.toMatchObject({ code: 'TOOL_FAILED' })
  })
})
