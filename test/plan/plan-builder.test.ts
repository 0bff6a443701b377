import { describe, expect, it } from 'vitest'
import { ExecutionPlan, PlanBuilder, type PlanInvalidError } from '../../src/plan/index.js'

describe('the plan builder (S3-21)', () => {
  it('builds the plan that its JSON says', () => {
    const plan = new PlanBuilder('Report on AI', {
      planId: 'p-1',
      metadata: { author: 'me' },
      timeout: 90,
      maxParallelAgents: 2,
    })
      .step('search', { agent: 'searcher', task: 'web_search', parameters: { topic: 'AI' }, timeout: 30 })
      .step('reserve', { agent: 'archive' })
      .step('write', {
        agent: 'writer',
        after: ['search'],
        when: 'results.search.data.count > 0',
        retry: { maxRetries: 2, backoffType: 'fixed' },
        fallback: { step: 'reserve' },
      })
      .step('check', { agent: 'checker', after: ['write'], fallback: { agent: 'person' } })
      .build()
    expect(plan).toBeInstanceOf(ExecutionPlan)
    expect(plan.toJSON()).toEqual({
      plan_id: 'p-1',
      intent: 'Report on AI',
      strategy: 'conditional',
      metadata: { author: 'me' },
      timeout: 90,
      max_parallel_agents: 2,
      steps: [
        {
          step_id: 'search',
          agent_id: 'searcher',
          task_type: 'web_search',
          parameters: { topic: 'AI' },
          dependencies: [],
          timeout: 30,
        },
        { step_id: 'reserve', agent_id: 'archive', task_type: 'reserve', parameters: {}, dependencies: [] },
        {
          step_id: 'write',
          agent_id: 'writer',
          task_type: 'write',
          parameters: {},
          dependencies: ['search'],
          condition: 'results.search.data.count > 0',
          retry_policy: { max_retries: 2, backoff_type: 'fixed' },
          fallback: 'reserve',
        },
        {
          step_id: 'check',
          agent_id: 'checker',
          task_type: 'check',
          parameters: {},
          dependencies: ['write'],
          fallback: 'person',
        },
      ],
    })
  })

  it('chooses the strategy by the shape, unless it is told one', () => {
    const two = () => new PlanBuilder('x').step('a', { agent: 'x' }).step('b', { agent: 'x' })
    expect(two().build().strategy).toBe('parallel')
    expect(two().forEach([1, 2]).build()).toMatchObject({ strategy: 'loop', loop: { type: 'for_each', items: [1, 2] } })
    expect(two().while('iteration < 3', { maxIterations: 5 }).build().loop).toEqual({
      type: 'while',
      condition: 'iteration < 3',
      maxIterations: 5,
    })
    const told = new PlanBuilder('x', { strategy: 'sequential' }).step('a', { agent: 'x' }).step('b', { agent: 'x' })
    expect(told.build().strategy).toBe('sequential')
    expect(new PlanBuilder('x').step('a', { agent: 'x' }).build().strategy).toBe('sequential')
  })

  it('gives each plan an id of its own', () => {
    const builder = new PlanBuilder('x').step('a', { agent: 'x' })
    expect(builder.build().planId).not.toBe(builder.build().planId)
  })

  it('refuses what the compiler cannot see, all at once', () => {
    const build = () =>
      new PlanBuilder('x', { timeout: -1 })
        .step('a', { agent: '', when: 'results.b.data' })
        .step('c', { agent: 'x', retry: { maxRetries: 0 } })
        .build()
    const faults = (() => {
      try {
        return build() && []
      } catch (error) {
        return (error as PlanInvalidError).faults
      }
    })()
    expect(faults.map(({ path }) => path)).toEqual([
      'timeout',
      'steps[0].agentId',
      'steps[0].condition',
      'steps[1].retryPolicy.maxRetries',
    ])
    expect(() => new PlanBuilder('x').build()).toThrow('The plan has no steps.')
    expect(() => new PlanBuilder('x').forEach([1]).while('true')).toThrow('already')
  })

  it('names steps that are only known at run time, and checks them when it builds', () => {
    const cities = ['Paris', 'Rome']
    let builder: PlanBuilder<string> = new PlanBuilder<string>('x')
    for (const city of cities) builder = builder.step(city, { agent: 'searcher', parameters: { city } })
    expect(builder.step('write', { agent: 'writer', after: cities }).build().steps).toHaveLength(3)
    expect(() => builder.step('Rome', { agent: 'searcher' }).build()).toThrow('There is a step "Rome" already')
  })
})
