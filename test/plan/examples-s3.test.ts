import { describe, expect, it } from 'vitest'
import { planTracing } from '../../src/observability/index.js'
import {
  AgentStep,
  compilePlan,
  DependencyError,
  ExecutionPlan,
  ExecutionStrategy,
  MemoryRegistryClient,
  ResultManager,
  tracedPlan,
  WorkflowEngine,
  WorkflowState,
} from '../../src/plan/index.js'
import {
  CircuitBreaker,
  CircuitOpenError,
  circuitBreakerOptionsFrom,
  retry,
  retryOptionsFrom,
} from '../../src/resilience/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { machine, step } from '../core/machines.js'
import { named, tracing } from '../observability/traces.js'
import { rejection } from './workflows.js'

/** Three agents: the third puts together what the others have found. */
function registryClient() {
  return new MemoryRegistryClient()
    .register('researcher', ({ parameters }) => `found ${String(parameters['topic'])}`)
    .register('analyst', ({ context: { results } }) => ({ findings: Object.keys(results).length, score: 7 }))
    .register('writer', ({ context: { results } }) => ({
      name: 'report.md',
      content: Object.values(results)
        .map(result => JSON.stringify(result?.data))
        .join('\n'),
    }))
}

function plan(strategy: ExecutionStrategy, condition?: string): ExecutionPlan {
  return new ExecutionPlan({
    planId: 'market-report',
    intent: 'Write a market report',
    steps: [
      new AgentStep({ stepId: 'research', agentId: 'researcher', taskType: 'research', parameters: { topic: 'tea' } }),
      new AgentStep({ stepId: 'prices', agentId: 'researcher', taskType: 'research', parameters: { topic: 'prices' } }),
      new AgentStep({
        stepId: 'analyse',
        agentId: 'analyst',
        taskType: 'analyse',
        dependencies: ['research', 'prices'],
      }),
      new AgentStep({ stepId: 'write', agentId: 'writer', taskType: 'write', dependencies: ['analyse'], condition }),
    ],
    strategy,
    ...(strategy === ExecutionStrategy.Loop ? { loop: { type: 'for_each', items: ['north', 'south'] } } : {}),
  })
}

describe('the code of S3', () => {
  it('Plan Definition: S3-04 S3-05 S3-06 the enum, and steps and plans with their defaults', () => {
    expect(ExecutionStrategy).toMatchObject({
      Sequential: 'sequential',
      Parallel: 'parallel',
      Conditional: 'conditional',
      Loop: 'loop',
    })
    expect(new AgentStep({ stepId: 's', agentId: 'a', taskType: 't' })).toMatchObject({
      parameters: {},
      dependencies: [],
    })
    expect(plan(ExecutionStrategy.Parallel)).toMatchObject({ metadata: {}, strategy: 'parallel' })
  })

  it('Core Implementation: S3-01 S3-08 plan, engine, state and result', async () => {
    const engine = new WorkflowEngine(registryClient())
    const workflow = await engine.start(plan(ExecutionStrategy.Sequential))
    expect(workflow.state.status).toBe('running')
    const result = await workflow.result
    expect(result).toMatchObject({ workflowId: workflow.workflowId, status: 'completed', stepsExecuted: 4 })
    expect(await rejection(engine.executePlan(plan('random' as never)))).toMatchObject({
      message: expect.stringContaining('Unknown strategy: random'),
    })
  })

  it('Sequential Execution: S3-10 S3-25 in the order of the list, dependencies checked', async () => {
    const engine = new WorkflowEngine(registryClient())
    const workflow = await engine.start(plan(ExecutionStrategy.Sequential))
    const events = new EventRecorder(workflow.run)
    await workflow.result
    expect(events.states).toEqual(['begin', 'research', 'prices', 'analyse', 'write', 'finish'])
    const wrong = plan(ExecutionStrategy.Sequential)
    wrong.steps.reverse()
    const error = await rejection(engine.executePlan(wrong))
    expect(error.cause).toBeInstanceOf(DependencyError)
    expect(error.cause.message).toBe('Dependencies not met for write')
  })

  it('Parallel Execution: S3-11 S3-26 by level', async () => {
    const workflow = await new WorkflowEngine(registryClient()).start(plan(ExecutionStrategy.Parallel))
    const events = new EventRecorder(workflow.run)
    expect(await workflow.result).toMatchObject({ data: { analyse: { findings: 2 } } })
    events.expectInOrder([
      { type: 'state.started', stateName: 'research' },
      { type: 'state.started', stateName: 'prices' },
      { type: 'state.completed', stateName: 'prices' },
      { type: 'state.started', stateName: 'analyse' },
      { type: 'state.completed', stateName: 'analyse' },
      { type: 'state.started', stateName: 'write' },
    ])
  })

  it('Workflow State: S3-12 add_result and get_previous_results', () => {
    const state = new WorkflowState({ workflowId: 'w', planId: 'p', startedAt: 0 })
    const result = { taskId: 't', status: 'success', data: 1, metadata: {} } as const
    state.addResult('research', result)
    expect(state).toMatchObject({ status: 'running', stepsCompleted: ['research'], results: { research: result } })
    expect(state.getPreviousResults(['research', 'prices'])).toEqual({ research: result, prices: null })
  })

  it('Conditional Execution: S3-13 S3-14 S3-27 a condition over results and metadata', async () => {
    const engine = new WorkflowEngine(registryClient())
    const run = (condition: string) => engine.executePlan(plan(ExecutionStrategy.Conditional, condition))
    expect((await run('results.analyse.data.score >= 7')).data['write']).toMatchObject({ name: 'report.md' })
    expect((await run('results.analyse.data.score > 7')).data['write']).toBeNull()
    expect((await run('metadata.not_there')).data['write']).toBeNull()
  })

  it('Loop Execution: S3-15 S3-16 S3-28 for each item, and while a condition holds', async () => {
    const engine = new WorkflowEngine(registryClient())
    const each = await engine.start(plan(ExecutionStrategy.Loop))
    expect((await each.result).stepsExecuted).toBe(8)
    expect(each.state.iterations.map(({ item }) => item)).toEqual(['north', 'south'])
    const again = plan(ExecutionStrategy.Loop)
    again.loop = { type: 'while', condition: 'size(steps_completed) < 12' }
    expect((await engine.executePlan(again)).stepsExecuted).toBe(12)
  })

  it('Retry Strategies: S3-17 S3-33 the configuration of S3 is a policy', async () => {
    const clock = new ManualClock()
    let attempts = 0
    const config = { max_retries: 3, backoff_type: 'exponential', initial_delay: 1 } as const
    const failing = step<string, string>('Fail', () => {
      throw new Error(`attempt ${++attempts}`)
    }).configure({ interceptors: [retry(retryOptionsFrom(config))] })
    const run = machine(failing as ReturnType<typeof step<unknown, unknown>>).start('x', { clock })
    const failed = rejection(run.result)
    await clock.advance(3_000)
    expect((await failed).cause.cause).toEqual(new Error('attempt 3'))
  })

  it('Circuit Breaker: S3-18 S3-34 five failures, 60 seconds, and the message', async () => {
    const clock = new ManualClock()
    const breaker = new CircuitBreaker({
      ...circuitBreakerOptionsFrom({ failure_threshold: 5, reset_timeout: 60 }),
      clock,
    })
    const failing = () => Promise.reject(new Error('down'))
    for (let i = 0; i < 5; i++) await rejection(breaker.call(failing))
    const refused = await rejection(breaker.call(failing))
    expect(refused).toBeInstanceOf(CircuitOpenError)
    expect(refused.message).toContain('Circuit breaker is open')
    await clock.advance(60_000)
    expect(await breaker.call(() => 'up')).toBe('up')
    expect(breaker.state.kind).toBe('closed')
  })

  it('Result Manager: S3-19 data, summary, artifacts, time and steps', async () => {
    const engine = new WorkflowEngine(registryClient(), { resultManager: new ResultManager() })
    const result = await engine.executePlan(plan(ExecutionStrategy.Sequential))
    expect(Object.keys(result).toSorted()).toEqual(
      [
        'artifacts',
        'data',
        'errors',
        'executionTime',
        'planId',
        'status',
        'stepsExecuted',
        'summary',
        'workflowId',
      ].toSorted(),
    )
    expect(result.artifacts).toMatchObject([{ name: 'report.md', stepId: 'write' }])
  })

  it('Execution Monitoring: S3-20 S3-37 attributes of the plan, a span for each step', async () => {
    const { telemetry, spans } = await tracing(planTracing(({ input }) => tracedPlan(input)))
    const traced = plan(ExecutionStrategy.Parallel)
    const orchestration = compilePlan(traced, { registry: registryClient() })
    telemetry.instrument(orchestration)
    await orchestration.run(traced.toJSON())
    expect(named(spans(), 'invoke_workflow market-report').attributes).toMatchObject({
      'plan.intent': 'Write a market report',
      'plan.strategy': 'parallel',
      'plan.steps': 4,
    })
    for (const { stepId } of traced.steps) expect(named(spans(), `step.${stepId}`)).toBeDefined()
  })
})
