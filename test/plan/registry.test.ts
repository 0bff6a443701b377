import { IsDate, IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { Agent } from '../../src/agents/index.js'
import { Orchestration, OrchestrationRunnable, type RunContext, Runnable } from '../../src/core/index.js'
import {
  type AgentTask,
  MemoryRegistryClient,
  type RegisteredAgent,
  type TaskResult,
  taskResultOf,
} from '../../src/plan/index.js'
import { ScriptedModel } from '../../src/testing/index.js'

const task: AgentTask = {
  id: 'w-1/search',
  type: 'search',
  parameters: { topic: 'AI' },
  context: {
    intent: 'Report on AI',
    planId: 'p',
    workflowId: 'w-1',
    stepId: 'search',
    results: { plan: { taskId: 'w-1/plan', status: 'success', data: ['x'], metadata: {} }, skipped: null },
    metadata: {},
  },
}

/** What an agent comes to for a state of a real run. */
async function resultOf(agent: RegisteredAgent): Promise<TaskResult> {
  @Runnable({ name: 'asking' })
  class Asking extends OrchestrationRunnable<AgentTask, TaskResult> {
    override invoke(asked: AgentTask, context: RunContext): Promise<TaskResult> {
      return agent.execute(asked, context)
    }
  }
  return new (class extends Orchestration<AgentTask, TaskResult> {
    override initialRunnable = new Asking()
  })().run(task)
}

class Finding {
  @IsString() title!: string
  @IsDate() at!: Date
}

describe('a registry in memory (S3-07, S3-41)', () => {
  const registry = () =>
    new MemoryRegistryClient()
      .register('searcher', () => 1, {
        description: 'Searches the web',
        capabilities: [{ name: 'web_search', category: 'research', inputSchema: { type: 'object' } }, 'news'],
      })
      .register('reader', () => 2, { capabilities: [{ name: 'read', category: 'research' }] })
      .register('writer', () => 3)

  it('lists agents with their capabilities, and finds them by capability and by category', async () => {
    const ids = (agents: readonly { readonly agentId: string }[]) => agents.map(({ agentId }) => agentId)
    expect(ids(await registry().listAgents())).toEqual(['searcher', 'reader', 'writer'])
    expect((await registry().listAgents())[0]).toEqual({
      agentId: 'searcher',
      description: 'Searches the web',
      capabilities: [{ name: 'web_search', category: 'research', inputSchema: { type: 'object' } }, { name: 'news' }],
    })
    expect(ids(await registry().findByCapability('news'))).toEqual(['searcher'])
    expect(ids(await registry().findByCategory('research'))).toEqual(['searcher', 'reader'])
    expect(await registry().findByCategory('none')).toEqual([])
  })

  it('names the nearest agent if one is not there, and refuses an id twice', async () => {
    await expect(registry().getAgent('seacher')).rejects.toMatchObject({
      code: 'AGENT_UNKNOWN',
      message: 'No agent "seacher" is registered. Did you mean "searcher"?',
      details: { nearest: ['searcher'] },
    })
    expect(() => registry().register('writer', () => 1)).toThrow('registered already')
    expect(() => registry().register(' ', () => 1)).toThrow('agentId')
    expect(() => registry().register('x', 3 as never)).toThrow('an Agent, an Orchestration or a function')
    expect(() => registry().register('x', () => 1, { capabilities: [''] })).toThrow('capabilities')
  })

  it('asks a function: what it returns is the data of a success, and becomes plain JSON', async () => {
    const agent = await new MemoryRegistryClient()
      .register('a', ({ parameters }) => ({ topic: parameters['topic'], at: new Date(0), none: undefined }))
      .getAgent('a')
    expect(await resultOf(agent)).toStrictEqual({
      taskId: 'w-1/search',
      status: 'success',
      data: { topic: 'AI', at: '1970-01-01T00:00:00.000Z' },
      metadata: {},
    })
  })

  it('leaves a whole result as it is: partial, with errors (S3-41)', async () => {
    const agent = await new MemoryRegistryClient()
      .register('a', ({ id }) => ({
        taskId: id,
        status: 'partial',
        data: [1],
        metadata: { left: 2 },
        errors: ['slow'],
      }))
      .getAgent('a')
    expect(await resultOf(agent)).toEqual({
      taskId: 'w-1/search',
      status: 'partial',
      data: [1],
      metadata: { left: 2 },
      errors: ['slow'],
    })
  })

  it('asks an agent with the task in words; its output becomes plain JSON, with what it used', async () => {
    const model = new ScriptedModel([{ object: { title: 'Found', at: '2026-01-01T00:00:00.000Z' } }])
    const searcher = new Agent({ client: model, model: 'scripted', description: 'Finds', outputSchema: Finding })
    const registered = new MemoryRegistryClient().register('a', searcher)
    const result = await resultOf(await registered.getAgent('a'))
    expect(result).toMatchObject({ status: 'success', data: { title: 'Found', at: '2026-01-01T00:00:00.000Z' } })
    expect(result.data).not.toBeInstanceOf(Finding)
    expect(result.metadata).toMatchObject({ model: 'scripted', usage: { totalTokens: expect.any(Number) } })
    expect((await registered.listAgents())[0]?.description).toBe('Finds')
    expect(model.requests[0]?.messages.at(-1)?.content).toBe(
      [
        'Task: search',
        'It is part of: Report on AI',
        'Parameters: {"topic":"AI"}',
        'Results of earlier steps: {"plan":["x"],"skipped":null}',
      ].join('\n'),
    )
  })

  it('runs an orchestration, and hands it out so that an engine can run it as a part of its own run', async () => {
    @Runnable({ name: 'searching' })
    class Searching extends OrchestrationRunnable<AgentTask, string> {
      override invoke({ parameters }: AgentTask): string {
        return `about ${String(parameters['topic'])}`
      }
    }
    class Search extends Orchestration<AgentTask, string> {
      override initialRunnable = new Searching()
    }
    const search = new Search()
    const agent = await new MemoryRegistryClient().register('a', search).getAgent('a')
    expect(agent.orchestration).toBe(search)
    expect(await resultOf(agent)).toMatchObject({ status: 'success', data: 'about AI' })
  })

  it('refuses results that have no JSON form, with the place', () => {
    const refusal = (value: unknown) => () => taskResultOf(task, value)
    expect(refusal({ list: [new Map()] })).toThrow('at list[0], is a Map')
    expect(refusal({ done: () => 1 })).toThrow('at done, is a function')
    expect(refusal(Number.NaN)).toThrow('is NaN')
    expect(refusal(1n)).toThrow('bigint')
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(refusal(circle)).toThrow('at self, contains itself')
    expect(taskResultOf(task, undefined).data).toBeNull()
  })
})
