import parse from 'parse-prometheus-text-format'
import { describe, expect, it } from 'vitest'
import {
  type Alert,
  alerts,
  failureRate,
  PlanAttribute,
  PrometheusMetrics,
  planTracing,
} from '../../src/observability/index.js'
import { compilePlan, type TaskFunction, tracedPlan, WorkflowEngine } from '../../src/plan/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { named, tracing, treeOf } from '../observability/traces.js'
import { Crew, planOf, rejection, steps } from './workflows.js'

const boom: TaskFunction = () => {
  throw new Error('boom')
}

describe('S3-37 S3-20 the trace of a workflow', () => {
  it('S3-39 has the attributes of the plan and a span for each step', async () => {
    const crew = new Crew('search write')
    const { telemetry, spans } = await tracing(planTracing(({ input }) => tracedPlan(input)))
    const plan = planOf('parallel', steps('search', 'write < search'), { intent: 'Write a report' })
    const orchestration = compilePlan(plan, { registry: crew.registry })
    telemetry.instrument(orchestration)
    await orchestration.run(plan.toJSON())
    expect(named(spans(), 'invoke_workflow plan').attributes).toMatchObject({
      [PlanAttribute.Intent]: 'Write a report',
      [PlanAttribute.Strategy]: 'parallel',
      [PlanAttribute.Steps]: 2,
    })
    expect(treeOf(spans()).filter(line => !line.includes('attempt'))).toEqual([
      'invoke_workflow plan',
      '  step.begin',
      '  step.search',
      '  step.write',
      '  step.finish',
    ])
  })

  it('S3-20 is that of each plan of an engine, also of the turns of a loop, and records failures', async () => {
    const { telemetry, spans } = await tracing(planTracing(({ input }) => tracedPlan(input)))
    const engine = new WorkflowEngine(new Crew('a', { b: boom }).registry, {
      instrument: orchestration => telemetry.instrument(orchestration),
    })
    const loop = { loop: { type: 'for_each' as const, items: [1, 2] } }
    await engine.executePlan(planOf('loop', steps('a'), { ...loop, planId: 'rounds' }))
    await rejection(engine.executePlan(planOf('sequential', steps('a', 'b'), { planId: 'fails' })))
    const all = spans()
    expect(named(all, 'invoke_workflow rounds').attributes).toMatchObject({ [PlanAttribute.Strategy]: 'loop' })
    expect(named(all, 'invoke_workflow fails').attributes).toMatchObject({ [PlanAttribute.Strategy]: 'sequential' })
    expect(all.filter(span => span.name === 'step.a')).toHaveLength(3)
    expect(named(all, 'step.b').status.message).toBe('boom')
  })
})

describe('S3-38 the metrics of an engine', () => {
  it('count workflows by outcome, and steps', async () => {
    const engine = new WorkflowEngine(new Crew('a', { b: boom }).registry)
    const metrics = new PrometheusMetrics()
    metrics.observe(engine)
    await engine.executePlan(planOf('sequential', steps('a')))
    await rejection(engine.executePlan(planOf('sequential', steps('a', 'b'))))
    const families = parse(metrics.text())
    const runs = families.find(family => /runs.*total/.test(family.name))
    expect(runs?.metrics.length).toBeGreaterThanOrEqual(2)
    expect(metrics.text()).toMatch(/state="a"/)
  })
})

describe('S3-40 alerts about an engine', () => {
  it('are raised when too many of its workflows fail', async () => {
    const clock = new ManualClock()
    const engine = new WorkflowEngine(new Crew('', { b: boom }).registry, { clock, circuitBreaker: false })
    const told: Alert[] = []
    const rule = failureRate({ above: 0.5, windowMs: 60_000, minimumRuns: 3 })
    const subscription = alerts(engine, [rule], { clock }).subscribe(alert => told.push(alert))
    for (let i = 0; i < 3; i++) await rejection(engine.executePlan(planOf('sequential', steps('b'))))
    expect(told).toMatchObject([{ rule: 'failure rate', status: 'firing' }])
    subscription.unsubscribe()
  })
})
