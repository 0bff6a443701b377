import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Agent, textOf } from '../../src/agents/index.js'
import { Orchestration, OrchestrationRunnable, type RunContext, Runnable } from '../../src/core/index.js'
import {
  ExecutionPlan,
  LlmPlanner,
  MemoryRegistryClient,
  PlanInvalidError,
  type PlanningOptions,
} from '../../src/plan/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { connect } from '../agents/raw-server.js'

const registry = new MemoryRegistryClient()
  .register('searcher', () => 1, {
    description: 'Searches the web',
    capabilities: [{ name: 'search', category: 'research', inputSchema: { type: 'object', required: ['topic'] } }],
  })
  .register('writer', () => 2)

const draft = {
  strategy: 'sequential',
  steps: [
    { step_id: 'find', agent_id: 'searcher', task_type: 'search', parameters: { topic: 'AI' }, dependencies: [] },
    { step_id: 'write', agent_id: 'writer', task_type: 'write', parameters: {}, dependencies: ['find'] },
  ],
}
const faulty = {
  ...draft,
  steps: [
    { ...draft.steps[0], agent_id: 'seacher' },
    { ...draft.steps[1], dependencies: ['fnd'] },
  ],
}

const planned = (model: ScriptedModel, intent = 'Report on AI', options?: PlanningOptions) =>
  new LlmPlanner({ client: model, model: 'scripted', registry }).plan(intent, options)
const asked = (model: ScriptedModel, call: number) => textOf(model.requests[call]?.messages.at(-1))

describe('a planner with a model (S3-01, S3-41)', () => {
  it('makes a plan of an intent, which it knows itself', async () => {
    const model = new ScriptedModel([{ object: draft }])
    const plan = await planned(model, 'Report on AI', { planId: 'p-1', context: { audience: 'doctors' } })
    expect(plan).toEqual(ExecutionPlan.fromJSON({ ...draft, plan_id: 'p-1', intent: 'Report on AI' }))
    expect(asked(model, 0)).toContain('To be achieved: Report on AI')
    expect(asked(model, 0)).toContain('{"audience":"doctors"}')
    expect(asked(model, 0)).toContain('"agent_id":"searcher","description":"Searches the web"')
    expect(asked(model, 0)).toContain('"task_type":"search","category":"research"')
    model.assertDone()
  })

  it('sends a plan with faults back with all of them, and takes the corrected one', async () => {
    const model = new ScriptedModel([{ object: faulty }, { object: draft }])
    expect((await planned(model)).steps).toHaveLength(2)
    expect(asked(model, 1)).toContain('- steps[0].agent_id: There is no agent "seacher". Did you mean "searcher"?')
    expect(asked(model, 1)).toContain('- steps[1].dependencies[0]: There is no step "fnd". Did you mean "find"?')
    expect(model.requests[1]?.messages.filter(({ role }) => role !== 'system').map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
    ])
  })

  it('gives up after two repairs, with the faults of the last plan', async () => {
    const model = new ScriptedModel([{ object: faulty }, { object: faulty }, { object: { steps: [] } }])
    const error = await planned(model).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(PlanInvalidError)
    expect(error).toMatchObject({ code: 'PLAN_INVALID', faults: [{ kind: 'empty', path: 'steps' }] })
    expect((error as Error).message).toContain('no valid plan in 3 attempts')
    model.assertDone()
  })

  it('repairs as often as it is told, down to never', async () => {
    const planner = new LlmPlanner({
      client: new ScriptedModel([{ object: faulty }]),
      model: 'm',
      registry,
      maxRepairs: 0,
    })
    await expect(planner.plan('x')).rejects.toMatchObject({ code: 'PLAN_INVALID' })
    expect(() => new LlmPlanner({ client: new ScriptedModel([]), model: 'm', registry, maxRepairs: -1 })).toThrow(
      'maxRepairs',
    )
  })

  it('sends back what is no plan at all', async () => {
    const model = new ScriptedModel(['I would rather not.', { object: { steps: 'none' } }, { object: draft }])
    expect((await planned(model)).steps).toHaveLength(2)
    expect(asked(model, 1)).toContain('The plan cannot be used')
    expect(asked(model, 2)).toContain('The plan cannot be used')
  })

  it('chooses the strategy if the model does not', async () => {
    const model = new ScriptedModel([{ object: { steps: draft.steps.map(step => ({ ...step, dependencies: [] })) } }])
    expect((await planned(model)).strategy).toBe('parallel')
  })

  it('lets an agent of one’s own plan, which answers with JSON in its text', async () => {
    const model = new ScriptedModel([`Here it is:\n\`\`\`json\n${JSON.stringify(draft)}\n\`\`\``, 'No.'])
    const agent = new Agent({ client: model, model: 'scripted', instructions: 'You plan, as you always did.' })
    const planner = new LlmPlanner({ agent, registry, maxRepairs: 0 })
    expect((await planner.plan('Report')).steps).toHaveLength(2)
    await expect(planner.plan('Report')).rejects.toMatchObject({ faults: [{ path: '', kind: 'type' }] })
    expect(model.requests[0]?.messages[0]?.content).toBe('You plan, as you always did.')
  })

  it('does not ask a model what nobody could do', async () => {
    const planner = new LlmPlanner({ client: new ScriptedModel([]), model: 'm', registry: new MemoryRegistryClient() })
    await expect(planner.plan('x')).rejects.toThrow('The registry has no agents.')
    await expect(planner.plan(' ')).rejects.toThrow('intent')
  })

  it('works for a state of a run, and stops with it', async () => {
    const model = new ScriptedModel([{ object: draft }])
    @Runnable({ name: 'planning' })
    class Planning extends OrchestrationRunnable<string, unknown> {
      override async invoke(intent: string, run: RunContext): Promise<unknown> {
        return (await planned(model, intent, { run, planId: run.runId })).toJSON()
      }
    }
    class Machine extends Orchestration<string, unknown> {
      override initialRunnable = new Planning()
    }
    const run = new Machine().start('Report')
    expect(await run.result).toMatchObject({ plan_id: run.id, intent: 'Report' })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(planned(new ScriptedModel([]), 'x', { signal })).rejects.toThrow('enough')
  })
})

describe('a planner whose model is behind HTTP', () => {
  const mock = new LLMock({ port: 0 })
  beforeAll(async () => {
    await mock.start()
  })
  afterAll(() => mock.stop())

  it('plans and repairs with the official client', async () => {
    mock.on({ userMessage: 'cannot be used' }, { content: JSON.stringify(draft) })
    mock.on({ userMessage: 'Report on AI' }, { content: JSON.stringify(faulty) })
    const planner = new LlmPlanner({ client: connect(`${mock.url}/v1`), model: 'gpt-4.1-mini', registry })
    const plan = await planner.plan('Report on AI')
    expect(plan.steps.map(({ agentId }) => agentId)).toEqual(['searcher', 'writer'])
    expect(mock.getRequests()).toHaveLength(2)
    expect(JSON.stringify(mock.getRequests()[0]?.body)).toContain('PlanDraft')
  })
})
