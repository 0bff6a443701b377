import { describe, expect, it } from 'vitest'
import { Agent, textOf } from '../../src/agents/index.js'
import {
  MemoryRegistryClient,
  ResultManager,
  type TaskFunction,
  WorkflowEngine,
  type WorkflowResult,
  WorkflowState,
} from '../../src/plan/index.js'
import { EventRecorder, ManualClock, ScriptedModel } from '../../src/testing/index.js'
import { Crew, planOf, steps } from './workflows.js'

/** What a model was asked last in a request. */
function asked(model: ScriptedModel, request = 0): string {
  const message = model.requests[request]?.messages.at(-1)
  return message === undefined ? '' : textOf(message)
}

const success = (taskId: string, data: unknown, metadata: Record<string, unknown> = {}) =>
  ({ taskId, status: 'success', data, metadata }) as const

describe('the state of a workflow', () => {
  it('S3-12 has what S3 gives it, under the names of this package', () => {
    const state = new WorkflowState({ workflowId: 'w', planId: 'p', startedAt: 0, metadata: { tone: 'dry' } })
    expect(state).toMatchObject({ status: 'running', stepsCompleted: [], results: {}, errors: [] })
    expect(state.startTime).toEqual(new Date(0))
    state.addResult('a', success('t', 1))
    state.addResult('b', null)
    expect(state.stepsCompleted).toEqual(['a'])
    expect(state.getPreviousResults(['a', 'b', 'c'])).toEqual({ a: success('t', 1), b: null, c: null })
    expect(JSON.parse(JSON.stringify(state))).toEqual(state.toJSON())
  })

  it('S3-12 S3-15 has an iteration state for each turn of a loop', () => {
    const state = new WorkflowState({ workflowId: 'w', planId: 'p', startedAt: 0 })
    state.createLoopIteration(0, 'Rome').results['a'] = success('t', 1)
    expect(state.toJSON().iterations).toEqual([{ index: 0, item: 'Rome', results: { a: success('t', 1) } }])
  })

  it('knows a step by an id that every object has', () => {
    const state = new WorkflowState({ workflowId: 'w', planId: 'p', startedAt: 0 })
    expect(state.statusOf('constructor')).toBe('pending')
    expect(state.getPreviousResults(['toString'])).toEqual({ toString: null })
  })

  it('S3-29 follows the run while it is under way', async () => {
    const let2: (() => void)[] = []
    const crew = new Crew('a', { b: () => new Promise<void>(resolve => let2.push(resolve)) })
    const workflow = await new WorkflowEngine(crew.registry).start(planOf('sequential', steps('a', 'b')))
    const { state } = workflow
    expect(state).toMatchObject({ status: 'running', stepsCompleted: [] })
    await expect.poll(() => let2).toHaveLength(1)
    expect(state.stepsCompleted).toEqual(['a'])
    expect(state.statusOf('b')).toBe('pending')
    const paused = workflow.run.pause()
    let2[0]?.()
    await paused
    expect(state.status).toBe('paused')
    workflow.run.resume()
    await workflow.result
    expect(state).toMatchObject({ status: 'completed', stepsCompleted: ['a', 'b'] })
  })
})

describe('the result of a workflow', () => {
  const report: TaskFunction = ({ id }) =>
    success(id, { text: 'done' }, { artifacts: [{ name: 'report.md', type: 'text/markdown', content: '# Report' }] })

  it('S3-19 has the data of all steps, a summary, the artifacts, the time it took in seconds, and how many steps ran', async () => {
    const clock = new ManualClock(5_000)
    const crew = new Crew('', {
      wait: async (_task, context) => {
        await context.sleep(2_500)
        return { name: 'notes.txt', content: 'notes' }
      },
      write: report,
      list: () => ({ artifacts: [{ name: 'data.csv', content: 'a,b' }, 'no artifact', { name: 'empty' }] }),
    })
    const result = new WorkflowEngine(crew.registry, { clock }).executePlan(
      planOf('sequential', steps('wait', 'write < wait', 'list'), { intent: 'Write a report' }),
      { workflowId: 'w' },
    )
    await clock.advance(2_500)
    expect(await result).toEqual({
      workflowId: 'w',
      planId: 'plan',
      status: 'completed',
      summary: 'Write a report: completed, 3 of 3 steps with a result (wait, write, list).',
      data: {
        wait: { name: 'notes.txt', content: 'notes' },
        write: { text: 'done' },
        list: { artifacts: [{ name: 'data.csv', content: 'a,b' }, 'no artifact', { name: 'empty' }] },
      },
      artifacts: [
        { name: 'notes.txt', type: 'data', content: 'notes', stepId: 'wait' },
        { name: 'report.md', type: 'text/markdown', content: '# Report', stepId: 'write' },
        { name: 'data.csv', type: 'data', content: 'a,b', stepId: 'list' },
      ],
      executionTime: 2.5,
      stepsExecuted: 3,
      errors: [],
    } satisfies WorkflowResult)
  })

  it('S3-19 S3-07 can be summed up by an agent, whose usage is part of the run', async () => {
    const model = new ScriptedModel(['A good report.'])
    const summarizer = new Agent({ client: model, model: 'm', name: 'Summarizer', instructions: 'Sum up.' })
    const engine = new WorkflowEngine(new Crew('a').registry, { resultManager: new ResultManager({ summarizer }) })
    const workflow = await engine.start(planOf('sequential', steps('a')))
    const events = new EventRecorder(workflow.run)
    expect(await workflow.result).toMatchObject({ summary: 'A good report.' })
    expect(JSON.parse(asked(model))).toEqual({
      intent: 'Work',
      status: 'completed',
      data: { a: 'A' },
      errors: [],
    })
    expect(events.ofType('agent.usage')).toMatchObject([{ stateName: 'finish', agent: 'Summarizer' }])
  })

  it('S3-19 can be made otherwise', async () => {
    class Counting extends ResultManager {
      protected override aggregateData(state: WorkflowState) {
        return { count: state.stepsCompleted.length }
      }
    }
    const summarizer = ({ data }: { readonly data: unknown }) => JSON.stringify(data)
    const engine = new WorkflowEngine(new Crew('a b').registry, { resultManager: new Counting({ summarizer }) })
    expect(await engine.executePlan(planOf('parallel', steps('a', 'b')))).toMatchObject({
      data: { count: 2 },
      summary: '{"count":2}',
    })
    expect(() => new ResultManager({ summarizer: 'me' as never })).toThrow('summarizer')
  })

  it('S3-41 has what agents with a model have answered; their events and usage are those of the step', async () => {
    const model = new ScriptedModel(['found it', 'wrote it'])
    const agent = (name: string) => new Agent({ client: model, model: 'm', name, instructions: `You ${name}.` })
    const registry = new MemoryRegistryClient().register('searcher', agent('search')).register('writer', agent('write'))
    const plan = planOf('sequential', [
      { stepId: 'search', agentId: 'searcher', taskType: 'search', parameters: { query: 'otters' } },
      { stepId: 'write', agentId: 'writer', taskType: 'write', dependencies: ['search'] },
    ])
    const workflow = await new WorkflowEngine(registry).start(plan)
    const events = new EventRecorder(workflow.run)
    expect(await workflow.result).toMatchObject({ data: { search: 'found it', write: 'wrote it' } })
    expect(events.ofType('agent.usage').map(({ stateName, agent: name }) => [stateName, name])).toEqual([
      ['search', 'search'],
      ['write', 'write'],
    ])
    expect(asked(model)).toContain('otters')
    expect(asked(model, 1)).toContain('found it')
  })
})

describe('S3-07 an engine', () => {
  it('owns a state manager and a result manager', () => {
    const engine = new WorkflowEngine(new Crew('a').registry)
    expect(engine.resultManager).toBeInstanceOf(ResultManager)
    expect(engine.stateManager).toBeDefined()
    expect(() => new WorkflowEngine({} as never)).toThrow('registryClient')
  })

  it('S3-08 refuses a plan with everything that is wrong with it, before anything runs', async () => {
    const crew = new Crew('a')
    const plan = planOf('sequential', [...steps('a', 'a', 'b < c')])
    await expect(new WorkflowEngine(crew.registry).executePlan(plan)).rejects.toMatchObject({
      code: 'PLAN_INVALID',
      faults: [{ kind: 'duplicate' }, { kind: 'unknown_step' }, { kind: 'unknown_agent' }].map(fault =>
        expect.objectContaining(fault),
      ),
    })
    expect(crew.asked).toEqual([])
  })

  it('is cancelled by a signal, and says how far it has come', async () => {
    const crew = new Crew('a', { b: () => new Promise(() => undefined) })
    const controller = new AbortController()
    const plan = planOf('sequential', steps('a', 'b'))
    const workflow = await new WorkflowEngine(crew.registry).start(plan, { signal: controller.signal })
    await expect.poll(() => crew.asked).toEqual(['a', 'b'])
    controller.abort('enough')
    await expect(workflow.result).rejects.toMatchObject({ code: 'RUN_CANCELLED', state: { status: 'cancelled' } })
    expect(workflow.state.stepsCompleted).toEqual(['a'])
  })

  it('carries out what was given to it, whatever is changed about it afterwards', async () => {
    const crew = new Crew('a b')
    const plan = planOf('sequential', steps('a', 'b'))
    const workflow = await new WorkflowEngine(crew.registry).start(plan)
    plan.steps.reverse()
    for (const step of plan.steps) step.taskType = 'other'
    await workflow.result
    expect(crew.tasks.map(({ type, context }) => `${type} ${context.stepId}`)).toEqual(['work a', 'work b'])
  })
})
