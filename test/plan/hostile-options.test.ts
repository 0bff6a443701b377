import { describe, expect, it } from 'vitest'
import {
  compilePlan,
  type ExecutionPlan,
  LlmPlanner,
  MemoryRegistryClient,
  PlanBuilder,
  ResultManager,
  WorkflowEngine,
} from '../../src/plan/index.js'
import { ScriptedModel } from '../../src/testing/index.js'

describe('options of the wrong type', () => {
  it.each([0, -1, 1.5, Number.NaN, 'x'])('an engine is not made with %s agents at a time', value => {
    const options = { maxParallelAgents: value as number }
    expect(() => new WorkflowEngine(new MemoryRegistryClient(), options)).toThrow(
      'Option `maxParallelAgents` must be a whole number of at least 1',
    )
  })

  it('an agent is not registered with capabilities that are no list', () => {
    const options = { capabilities: 'search' as unknown as string[] }
    expect(() => new MemoryRegistryClient().register('a', () => 1, options)).toThrow(
      'Option `capabilities` must be a list of capabilities, but is "search"',
    )
  })
})

describe('misspelt options from plain JavaScript', () => {
  const registry = () => new MemoryRegistryClient().register('a', () => 1)
  const plan = (): ExecutionPlan => new PlanBuilder('p').step('a', { agent: 'a' }).build()
  const planner = (more: object) =>
    new LlmPlanner({ client: new ScriptedModel([]), model: 'm', registry: registry(), ...more })

  it.each<readonly [string, () => unknown, string]>([
    ['an engine', () => new WorkflowEngine(registry(), { max_parallel_agents: 2 } as object), 'maxParallelAgents'],
    [
      'its circuit breaker',
      () => new WorkflowEngine(registry(), { circuitBreaker: { failure_threshold: 2 } as object }),
      'failureThreshold',
    ],
    [
      'its retry policy',
      () => new WorkflowEngine(registry(), { retryPolicy: { max_retries: 2 } as object }),
      'maxRetries',
    ],
    [
      'a workflow',
      () => new WorkflowEngine(registry()).executePlan(plan(), { workflow_id: 'w' } as object),
      'workflowId',
    ],
    [
      'taking up',
      () => new WorkflowEngine(registry()).resume('w', plan(), { allow_modified: true } as object),
      'allowModified',
    ],
    [
      'a compiled plan',
      () => compilePlan(plan(), { registry: registry(), result_manager: 1 } as never),
      'resultManager',
    ],
    ['a builder', () => new PlanBuilder('p', { stratgy: 'parallel' } as object), 'strategy'],
    ['a step', () => new PlanBuilder('p').step('b', { agent: 'a', afer: ['a'] } as { agent: string }), 'after'],
    ['an agent', () => registry().register('b', () => 1, { capabilites: ['x'] } as object), 'capabilities'],
    ['a result manager', () => new ResultManager({ sumarizer: () => '' } as object), 'summarizer'],
    ['a planner', () => planner({ max_repairs: 1 }), 'maxRepairs'],
    ['its plan', () => planner({}).plan('p', { contxt: 'c' } as object), 'context'],
  ])('are refused by %s, with what was meant', async (_of, action, meant) => {
    const refusal = { code: 'OPTION_INVALID', message: expect.stringContaining(`Did you mean "${meant}"`) }
    await expect((async () => action())()).rejects.toMatchObject(refusal)
  })
})
