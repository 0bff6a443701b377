import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import parse from 'parse-prometheus-text-format'
import { describe, expect, it } from 'vitest'
import { SubOrchestrationRunnable } from '../../src/core/index.js'
import { GenAi, openTelemetry, PrometheusMetrics } from '../../src/observability/index.js'
import { retry } from '../../src/resilience/index.js'
import { begin, fail, fork, machine, pass, rejection, say, slow, step } from '../core/machines.js'

function families(metrics: PrometheusMetrics) {
  return new Map(parse(metrics.text()).map(family => [family.name, family]))
}

const agent = step('Agent', (_, run) => {
  const about = { agent: 'helper', tool: 'search', callId: 'c1' }
  run.usage({ agent: 'helper', model: 'm', inputTokens: 7, outputTokens: 3, cost: 0.25 })
  run.usage({ agent: 'helper', model: 'm', inputTokens: 1, cost: 0.5 })
  run.emit({ type: 'agent.tool.called', ...about, arguments: {} })
  run.emit({ type: 'agent.tool.completed', ...about, result: '', failed: true })
  run.emit({ type: 'breaker.changed', breaker: 'b', from: 'closed', to: 'open' })
  run.emit({ type: 'budget.warning', budget: 'run', limit: 'money', spent: 8, max: 10 })
  run.emit({ type: 'budget.exceeded', budget: 'run', limit: 'money', spent: 10, max: 10 })
  return 1
})

describe('S3-38 metrics as Prometheus text', () => {
  it('count runs by outcome, steps, retries and durations, as a standard parser reads them', async () => {
    const metrics = new PrometheusMetrics({ buckets: [0.01, 0.1] })
    const flaky = step('Flaky', (_, { attempt }) => {
      if (attempt === 1) throw new Error('no luck')
      return 'done'
    }).configure({ interceptors: [retry({ initialDelayMs: 50 })] }) as ReturnType<typeof slow>
    const good = machine(flaky).configure({ name: 'Good' })
    const bad = machine(fork('Fork', fail('Bad'), slow('Slow', 5))).configure({ name: 'Bad' })
    const undo = [metrics.observe(good), metrics.observe(bad)]
    const { clock, run } = begin(good, 1)
    await clock.advance(0)
    expect(families(metrics).get('advancer_runs_active')?.metrics).toEqual([
      { labels: { orchestration: 'Good' }, value: '1' },
    ])
    await clock.advance(50)
    await run.result
    await rejection(bad.run(1))
    for (const each of undo) each()
    await good.run(1)
    const seen = families(metrics)
    expect(seen.get('advancer_runs_total')).toEqual({
      name: 'advancer_runs_total',
      help: 'Runs that ended, by outcome.',
      type: 'COUNTER',
      metrics: [
        { labels: { orchestration: 'Good', outcome: 'completed' }, value: '1' },
        { labels: { orchestration: 'Bad', outcome: 'failed' }, value: '1' },
      ],
    })
    expect(seen.get('advancer_runs_active')?.metrics.map(metric => metric.value)).toEqual(['0', '0'])
    // The parser puts the buckets of all labels into one, so their labels are read from the text.
    expect(seen.get('advancer_run_duration_seconds')?.metrics[0]?.buckets).toHaveProperty('+Inf')
    const labels = 'orchestration="Good",outcome="completed"'
    expect(metrics.text()).toContain(
      [
        `advancer_run_duration_seconds_bucket{${labels},le="0.01"} 0`,
        `advancer_run_duration_seconds_bucket{${labels},le="0.1"} 1`,
        `advancer_run_duration_seconds_bucket{${labels},le="+Inf"} 1`,
        `advancer_run_duration_seconds_sum{${labels}} 0.05`,
        `advancer_run_duration_seconds_count{${labels}} 1`,
        '',
      ].join('\n'),
    )
    expect(seen.get('advancer_retries_total')?.metrics).toEqual([
      { labels: { orchestration: 'Good', state: 'Flaky' }, value: '1' },
    ])
    expect(
      seen.get('advancer_steps_total')?.metrics.map(({ labels }) => `${labels?.['state']} ${labels?.['outcome']}`),
    ).toEqual(['Flaky completed', 'Fork completed', 'Bad failed', 'Slow skipped'])
    expect(seen.get('advancer_step_duration_seconds')?.type).toBe('HISTOGRAM')
  })

  it('count tokens, cost and tools, and show breakers and budgets', async () => {
    const metrics = new PrometheusMetrics()
    const orchestration = machine(agent)
    metrics.observe(orchestration)
    await orchestration.run(1)
    const seen = families(metrics)
    const values = (name: string) => seen.get(name)?.metrics.map(({ labels, value }) => ({ ...labels, value }))
    const who = { orchestration: 'Machine', agent: 'helper' }
    expect(values('advancer_tokens_total')).toEqual([
      { ...who, model: 'm', type: 'input', value: '8' },
      { ...who, model: 'm', type: 'output', value: '3' },
    ])
    expect(values('advancer_cost_total')).toEqual([{ ...who, model: 'm', value: '0.75' }])
    expect(values('advancer_tool_calls_total')).toEqual([{ ...who, tool: 'search', outcome: 'failed', value: '1' }])
    expect(values('advancer_breaker_state')).toEqual([
      { breaker: 'b', state: 'closed', value: '0' },
      { breaker: 'b', state: 'open', value: '1' },
      { breaker: 'b', state: 'half-open', value: '0' },
    ])
    expect(values('advancer_budget_used')).toEqual([{ budget: 'run', limit: 'money', value: '1' }])
    expect(values('advancer_budget_exceeded_total')).toEqual([{ budget: 'run', limit: 'money', value: '1' }])
  })

  it('put nested runs under their own names, and forget those that end with the outer run', async () => {
    const metrics = new PrometheusMetrics()
    const inner = machine<unknown, unknown>(slow('X', 5)).configure({ name: 'Inner' })
    const outer = machine(
      new SubOrchestrationRunnable(inner).configure({ name: 'Sub' }).addAdvancer(pass('End')),
    ).configure({ name: 'Outer' })
    metrics.observe(outer)
    const first = begin(outer, 1)
    await first.clock.advance(5)
    await first.run.result
    const second = begin(outer, 1)
    await second.clock.advance(1)
    second.run.cancel()
    await rejection(second.run.result)
    const seen = families(metrics)
    expect(seen.get('advancer_runs_total')?.metrics).toContainEqual({
      labels: { orchestration: 'Inner', outcome: 'completed' },
      value: '1',
    })
    expect(seen.get('advancer_steps_total')?.metrics).toContainEqual({
      labels: { orchestration: 'Inner', state: 'X', outcome: 'completed' },
      value: '1',
    })
    expect(seen.get('advancer_runs_active')?.metrics.map(metric => metric.value)).toEqual(['0', '0'])
  })

  it('survive any name', async () => {
    const metrics = new PrometheusMetrics()
    const name = 'a "quoted" \\ name,\nin {two} lines'
    const orchestration = machine(say('A')).configure({ name })
    metrics.observe(orchestration)
    expect(metrics.text()).toBe('')
    await orchestration.run(1)
    expect(metrics.text()).toContain(
      String.raw`advancer_runs_total{orchestration="a \"quoted\" \\ name,\nin {two} lines",outcome="completed"} 1`,
    )
    expect(families(metrics).get('advancer_runs_total')?.metrics[0]?.labels?.['orchestration']).toBe(name)
  })

  it('refuse buckets that do not ascend', () => {
    expect(() => new PrometheusMetrics({ buckets: [1, 1] })).toThrow('Option `buckets` must be a list of ascending')
  })
})

describe('S3-38 metrics of OpenTelemetry', () => {
  it('are those of Prometheus, tokens under the name of the semantic conventions', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
    const provider = new MeterProvider({ readers: [reader] })
    const telemetry = await openTelemetry({ meter: provider.getMeter('test'), tracer: false, provider: 'openai' })
    const orchestration = machine(agent)
    telemetry.instrument(orchestration)
    await orchestration.run(1)
    await reader.forceFlush()
    const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(scope => scope.metrics))
    const points = new Map(
      metrics.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => ({
          attributes,
          value: typeof value === 'number' ? value : value.sum,
        })),
      ]),
    )
    await provider.shutdown()
    expect(points.get('advancer.runs')).toEqual([
      { attributes: { 'advancer.orchestration': 'Machine', 'advancer.outcome': 'completed' }, value: 1 },
    ])
    expect(points.get('advancer.cost')?.[0]?.value).toBe(0.75)
    expect(points.get('advancer.runs.active')?.[0]?.value).toBe(0)
    expect(points.get('advancer.breaker.state')?.[1]).toEqual({
      attributes: { 'advancer.breaker': 'b', 'advancer.state': 'open' },
      value: 1,
    })
    expect(points.get(GenAi.ClientTokenUsage)).toEqual(
      [
        ['input', 8],
        ['output', 3],
      ].map(([type, value]) => ({
        attributes: {
          'advancer.orchestration': 'Machine',
          'gen_ai.agent.name': 'helper',
          'gen_ai.response.model': 'm',
          'gen_ai.token.type': type,
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
        },
        value,
      })),
    )
    expect([...points.keys()].sort()).toEqual([
      'advancer.breaker.state',
      'advancer.budget.exceeded',
      'advancer.budget.used',
      'advancer.cost',
      'advancer.run.duration',
      'advancer.runs',
      'advancer.runs.active',
      'advancer.step.duration',
      'advancer.steps',
      'advancer.tool.calls',
      'gen_ai.client.token.usage',
    ])
  })
})
