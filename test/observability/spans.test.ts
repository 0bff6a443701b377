import { context, SpanKind, trace } from '@opentelemetry/api'
import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, tool } from '../../src/agents/index.js'
import { ApprovalRunnable, CollectRunnable, SubOrchestrationRunnable } from '../../src/core/index.js'
import { GenAi, planTracing, SpanAttribute } from '../../src/observability/index.js'
import { circuitBreaker, retry, timeout } from '../../src/resilience/index.js'
import { ManualClock, ScriptedModel } from '../../src/testing/index.js'
import { begin, fail, fork, machine, pass, rejection, say, slow, step } from '../core/machines.js'
import { named, tracing, treeOf } from './traces.js'

/** A state that fails until its third attempt. */
function flaky(name: string) {
  return step<unknown, string>(name, (_, { attempt }) => {
    if (attempt < 3) throw new Error(`no luck ${attempt}`)
    return name
  }).configure({ interceptors: [retry({ backoff: 'fixed', initialDelayMs: 10 })] }) as ReturnType<typeof say>
}

describe('S3-39 spans of a run', () => {
  it('form a tree of visits and attempts with fan-out, join, retry and failure', async () => {
    const { telemetry, spans } = await tracing()
    const join = new CollectRunnable<string>().configure({ name: 'Join' })
    const orchestration = machine(
      fork('Fork', slow('A', 5).addAdvancer(join), flaky('B').addAdvancer(join)),
      join.addAdvancer(fail('Broken', 'boom')),
    )
    telemetry.instrument(orchestration)
    const { clock, run } = begin(orchestration, 'in')
    const failed = rejection(run.result)
    await clock.advance(5)
    await clock.advance(20)
    expect(await failed).toMatchObject({ stateName: 'Broken' })
    expect(treeOf(spans())).toEqual([
      'invoke_workflow Machine ✗ boom',
      '  Fork',
      '    attempt Fork',
      '  A',
      '    attempt A',
      '  B',
      '    attempt B ✗ no luck 1',
      '    attempt B ✗ no luck 2',
      '    attempt B',
      '  Join',
      '    attempt Join',
      '  Broken ✗ boom',
      '    attempt Broken ✗ boom',
    ])
    const [first, second, third] = spans().filter(span => span.name === 'attempt B')
    expect([first, second, third].map(span => span?.attributes[SpanAttribute.Attempt])).toEqual([1, 2, 3])
    expect(first?.events).toMatchObject([
      { name: 'exception', attributes: { 'exception.type': 'Error', 'exception.message': 'no luck 1' } },
    ])
    expect(first?.events[0]?.attributes?.['exception.stacktrace']).toContain('spans.test.ts')
    expect(named(spans(), 'B').events).toMatchObject([{ name: 'state.retrying' }, { name: 'state.retrying' }])
    expect(named(spans(), 'A').endTime).toEqual([0, 5e6])
    expect(named(spans(), 'invoke_workflow Machine')).toMatchObject({
      endTime: [0, 20e6],
      attributes: {
        [GenAi.OperationName]: 'invoke_workflow',
        [SpanAttribute.Outcome]: 'failed',
        [SpanAttribute.RunId]: run.id,
      },
      events: [{ name: 'exception' }],
    })
  })

  it('link a join to the states it waited for', async () => {
    const { telemetry, spans } = await tracing()
    const join = new CollectRunnable<unknown>().configure({ name: 'Join' })
    const orchestration = machine(
      fork('Fork', say('A').addAdvancer(join), say('B').addAdvancer(say('C').addAdvancer(join)), join),
    )
    telemetry.instrument(orchestration)
    await orchestration.run(1)
    const linked = named(spans(), 'Join').links.map(({ context: { spanId } }) => spanId)
    expect(linked).toEqual(['A', 'C', 'Fork'].map(name => named(spans(), name).spanContext().spanId))
  })

  it('of attempts are active in the code of the state, and in what it calls', async () => {
    const { telemetry, tracer, spans } = await tracing()
    const working = (name: string) =>
      step(name, async (_, run) => {
        await run.sleep(1)
        tracer.startSpan(`inside ${name}`).end()
        await run.sleep(1)
        return trace.getActiveSpan()?.spanContext().spanId
      })
    const orchestration = machine(fork('Fork', working('A'), working('B').addAdvancer(working('C'))))
    telemetry.instrument(orchestration)
    await orchestration.run(1)
    for (const name of ['A', 'B', 'C']) {
      expect(named(spans(), `inside ${name}`).parentSpanContext?.spanId).toBe(
        named(spans(), `attempt ${name}`).spanContext().spanId,
      )
    }
  })

  it('are below the span that is active where the run is started', async () => {
    const { telemetry, tracer, spans } = await tracing()
    const orchestration = machine(say('A'))
    telemetry.instrument(orchestration)
    const outer = tracer.startSpan('request')
    await context.with(trace.setSpan(context.active(), outer), async () => orchestration.run(1))
    outer.end()
    expect(treeOf(spans())).toEqual(['request', '  invoke_workflow Machine', '    A', '      attempt A'])
  })

  it('of a nested run are below the state it is, also when one state has several runs at once', async () => {
    const { telemetry, spans } = await tracing()
    const inner = machine<unknown, unknown>(slow('X', 5).addAdvancer(pass('Y'))).configure({ name: 'Inner' })
    const nested = (name: string) => new SubOrchestrationRunnable(inner).configure({ name })
    const join = new CollectRunnable<unknown>().configure({ name: 'Join' })
    const one = nested('One').addAdvancer(join)
    const orchestration = machine(fork('Fork', pass('P').addAdvancer(one), slow('Q', 2).addAdvancer(one)))
    telemetry.instrument(orchestration)
    // An orchestration that is instrumented itself is still traced once only.
    telemetry.instrument(inner)
    const { clock, run } = begin(orchestration, 1)
    await clock.advance(10)
    await run.result
    const visit = ['  One', '    invoke_workflow Inner', '      X', '        attempt X', '      Y', '        attempt Y']
    expect(treeOf(spans())).toEqual([
      'invoke_workflow Machine',
      '  Fork',
      '    attempt Fork',
      '  P',
      '    attempt P',
      '  Q',
      '    attempt Q',
      ...visit,
      ...visit,
      '  Join',
      '    attempt Join',
    ])
  })

  it('of concurrent runs keep apart', async () => {
    const { telemetry, spans } = await tracing()
    const orchestration = machine<number>(
      step<number, number>('A', async (n, run) => (await run.sleep(n), n)).addAdvancer(pass('B')),
    )
    telemetry.instrument(orchestration)
    const clock = new ManualClock()
    const runs = [3, 1, 2].map(ms => orchestration.start(ms, { clock }))
    await clock.advance(5)
    await Promise.all(runs.map(async run => run.result))
    const byTrace = new Map<string, string[]>()
    for (const span of spans()) {
      const { traceId } = span.spanContext()
      byTrace.set(traceId, [...(byTrace.get(traceId) ?? []), span.name])
    }
    expect(byTrace.size).toBe(3)
    for (const names of byTrace.values()) {
      expect(names.sort()).toEqual(['A', 'B', 'attempt A', 'attempt B', 'invoke_workflow Machine'])
    }
  })

  it('of what is abandoned end with it', async () => {
    const { telemetry, spans } = await tracing()
    const deaf = step('Deaf', async () => new Promise(() => undefined))
    const inner = machine(deaf).configure({ name: 'Inner' })
    const nested = new SubOrchestrationRunnable(inner).configure({ name: 'Nested' })
    const orchestration = machine(fork('Fork', nested as never, slow('Slow', 50)))
    telemetry.instrument(orchestration)
    const { clock, run } = begin(orchestration, 1)
    await clock.advance(10)
    run.cancel('enough')
    await rejection(run.result)
    expect(treeOf(spans())).toEqual([
      'invoke_workflow Machine',
      '  Fork',
      '    attempt Fork',
      '  Nested',
      '    invoke_workflow Inner',
      '      Deaf',
      '        attempt Deaf',
      '  Slow',
      '    attempt Slow',
    ])
    expect(named(spans(), 'Slow').attributes).toMatchObject({
      'advancer.outcome': 'skipped',
      'advancer.reason': 'enough',
    })
    expect(named(spans(), 'invoke_workflow Machine').attributes[SpanAttribute.Reason]).toBe('enough')
  })

  it('of an attempt that its policy gave up on end then, whatever the code goes on to do', async () => {
    const { telemetry, spans } = await tracing()
    const deaf = step('Deaf', async () => new Promise(() => undefined))
    const orchestration = machine(deaf.configure({ interceptors: [timeout({ timeoutMs: 10 })] }) as never)
    telemetry.instrument(orchestration)
    const { clock, run } = begin(orchestration, 1)
    const failed = rejection(run.result)
    await clock.advance(10)
    await failed
    const message = 'Attempt 1 of state "Deaf" took longer than 10 ms'
    expect(treeOf(spans())).toEqual([
      expect.stringContaining(`invoke_workflow Machine ✗ ${message}`),
      expect.stringContaining(`  Deaf ✗ ${message}`),
      expect.stringContaining(`    attempt Deaf ✗ ${message}`),
    ])
    expect(named(spans(), 'attempt Deaf').attributes['error.type']).toBe('STATE_TIMED_OUT')
  })

  it('show that a call which a policy refused was no attempt', async () => {
    const { telemetry, spans, exporter } = await tracing()
    const interceptors = [circuitBreaker({ failureThreshold: 1 })]
    const orchestration = machine(fail('A').configure({ interceptors }) as never)
    telemetry.instrument(orchestration)
    await rejection(orchestration.run(1 as never))
    expect(named(spans(), 'A').events.map(event => event.name)).toEqual(['breaker.changed', 'exception'])
    exporter.reset()
    await rejection(orchestration.run(1 as never))
    expect(spans().map(span => span.name)).toEqual(['A', 'invoke_workflow Machine'])
    expect(named(spans(), 'A').attributes['error.type']).toBe('CIRCUIT_OPEN')
  })

  it('tell of errors that a route took over, of outputs that lead nowhere, and of runs that never started', async () => {
    const { telemetry, spans, exporter } = await tracing()
    const traced = async (orchestration: ReturnType<typeof machine>) => {
      exporter.reset()
      telemetry.instrument(orchestration)
      await orchestration.run('in').catch(() => undefined)
      return treeOf(spans())
    }
    const routed = fail('Broken').onError(
      () => true,
      pass<string>('Rescue'),
      failure => failure.error.message,
    )
    expect(await traced(machine(routed as never))).toEqual([
      'invoke_workflow Machine',
      '  Broken ✗ Broken broke',
      '    attempt Broken ✗ Broken broke',
      '  Rescue',
      '    attempt Rescue',
    ])
    expect(named(spans(), 'Broken').attributes[SpanAttribute.Handled]).toBe(true)
    const [run, visit, attempt, advance] = await traced(machine(say('A').addAdvancer(() => false, say('B')) as never))
    expect([visit, attempt]).toEqual(['  A', '    attempt A'])
    expect(advance).toContain('  advance A ✗ Unable to advance to next state from "A"')
    expect(run).toContain('✗ Unable')
    const strict = machine(say('A')).configure({ input: Number as never })
    expect(await traced(strict as never)).toEqual([expect.stringContaining('invoke_workflow Machine ✗ ')])
  })

  it('note approvals, waits and pauses', async () => {
    const { telemetry, spans } = await tracing()
    const approval = new ApprovalRunnable<unknown>({ message: () => 'Ok?' }).configure({ name: 'Ask' })
    const orchestration = machine(approval as never)
    telemetry.instrument(orchestration)
    const { clock, run } = begin(orchestration, 1)
    await clock.advance(1)
    await run.pause()
    run.resume()
    await run.approve('Ask')
    await run.result
    expect(named(spans(), 'Ask').events.map(event => event.name)).toEqual(['state.waiting', 'approval.answered'])
    expect(named(spans(), 'invoke_workflow Machine').events.map(event => event.name)).toEqual([
      'orchestration.paused',
      'orchestration.resumed',
    ])
  })

  it('S3-20 of a plan carry plan.intent, plan.strategy and plan.steps, and are called step.<step_id>', async () => {
    const { telemetry, spans } = await tracing(planTracing({ intent: 'report', strategy: 'parallel', steps: 2 }))
    const orchestration = machine(say('fetch').addAdvancer(pass('write')))
    telemetry.instrument(orchestration)
    await orchestration.run(1)
    expect(treeOf(spans())).toEqual([
      'invoke_workflow Machine',
      '  step.fetch',
      '    attempt fetch',
      '  step.write',
      '    attempt write',
    ])
    expect(named(spans(), 'invoke_workflow Machine').attributes).toMatchObject({
      'plan.intent': 'report',
      'plan.strategy': 'parallel',
      'plan.steps': 2,
    })
  })
})

describe('S3-39 spans of agents', () => {
  const agent = step('Work', async (_, run) => {
    const about = { agent: 'helper', tool: 'search', callId: 'c1' }
    await run.sleep(10)
    run.usage({ agent: 'helper', model: 'm-1', inputTokens: 7, outputTokens: 3, cost: 0.5 })
    run.emit({ type: 'agent.tool.called', ...about, arguments: { q: 'secret' } })
    await run.sleep(20)
    run.emit({ type: 'agent.tool.completed', ...about, result: 'found', failed: false })
    await run.sleep(5)
    run.usage({ agent: 'helper', model: 'm-1', inputTokens: 9, outputTokens: 1 })
    run.emit({ type: 'agent.tool.called', ...about, callId: 'c2', arguments: {} })
    run.emit({ type: 'agent.tool.completed', ...about, callId: 'c2', result: 'no', failed: true })
    run.emit({ type: 'agent.tool.called', ...about, callId: 'c3', arguments: {} })
    return 1
  })

  const traced = async (options: Parameters<typeof tracing>[0]) => {
    const traces = await tracing(options)
    const orchestration = machine(agent)
    traces.telemetry.instrument(orchestration)
    const { clock, run } = begin(orchestration, 1)
    await clock.advance(100)
    await run.result
    return traces.spans()
  }

  it('are below the attempt, with the names of the semantic conventions', async () => {
    const spans = await traced({ provider: model => (model === 'm-1' ? 'openai' : undefined) })
    const attempt = named(spans, 'attempt Work').spanContext().spanId
    const below = spans.filter(span => span.parentSpanContext?.spanId === attempt)
    const [first, tool, second, failed, abandoned] = below
    expect(below.map(span => span.name)).toEqual([
      'chat m-1',
      'execute_tool search',
      'chat m-1',
      'execute_tool search',
      'execute_tool search',
    ])
    expect(first).toMatchObject({ kind: SpanKind.CLIENT, startTime: [0, 0], endTime: [0, 10e6] })
    expect(first?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.agent.name': 'helper',
      'gen_ai.response.model': 'm-1',
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 3,
      'advancer.cost': 0.5,
    })
    expect(tool).toMatchObject({ startTime: [0, 10e6], endTime: [0, 30e6] })
    expect(tool?.attributes).toEqual({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.agent.name': 'helper',
      'gen_ai.tool.name': 'search',
      'gen_ai.tool.call.id': 'c1',
    })
    expect(second).toMatchObject({ startTime: [0, 30e6], endTime: [0, 35e6] })
    expect(failed?.status).toEqual({ code: 2, message: 'Tool "search" failed.' })
    expect(abandoned?.attributes[SpanAttribute.Outcome]).toBe('abandoned')
  })

  it('of a real agent are in order: model, tool, model', async () => {
    const { telemetry, spans } = await tracing()
    const search = tool({ name: 'search', description: 'Searches', execute: () => 'found' })
    const client = new ScriptedModel([{ toolCalls: [{ name: 'search' }] }, 'done'])
    class Work extends AgentRunnable<string, string> {
      readonly agent = new Agent({ client, model: 'scripted', name: 'Worker', tools: [search] })
    }
    const orchestration = machine<string>(new Work())
    telemetry.instrument(orchestration)
    expect(await orchestration.run('go')).toBe('done')
    const attempt = named(spans(), 'attempt Work').spanContext().spanId
    expect(spans().map(span => [span.name, span.parentSpanContext?.spanId === attempt])).toEqual([
      ['chat scripted', true],
      ['execute_tool search', true],
      ['chat scripted', true],
      ['attempt Work', false],
      ['Work', false],
      ['invoke_workflow Machine', false],
    ])
  })

  it('hold arguments and results only if they are asked to', async () => {
    const [, tool] = (await traced({ recordContent: true })).filter(span => span.name !== 'attempt Work')
    expect(tool?.attributes).toMatchObject({
      'gen_ai.tool.call.arguments': '{"q":"secret"}',
      'gen_ai.tool.call.result': 'found',
    })
  })
})

describe('an orchestration that is instrumented', () => {
  it('may be after its first run, twice, and be left alone again', async () => {
    const { telemetry, spans } = await tracing()
    const orchestration = machine(say('A'))
    await orchestration.run(1)
    const stop = telemetry.instrument(orchestration)
    telemetry.instrument(orchestration)
    await orchestration.run(1)
    expect(spans()).toHaveLength(3)
    stop()
    await orchestration.run(1)
    expect(spans()).toHaveLength(3)
  })

  it('has the spans of runs under way ended when it no longer is', async () => {
    const { telemetry, spans } = await tracing()
    const orchestration = machine(slow('A', 10))
    const stop = telemetry.instrument(orchestration)
    const { clock, run } = begin(orchestration, 1)
    await clock.advance(5)
    stop()
    expect(treeOf(spans())).toEqual(['invoke_workflow Machine', '  A', '    attempt A'])
    await clock.advance(5)
    expect(await run.result).toBe('A')
  })
})
