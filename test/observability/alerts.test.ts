import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { OrchestrationEvent } from '../../src/core/index.js'
import { SignalRunnable, SubOrchestrationRunnable } from '../../src/core/index.js'
import {
  type Alert,
  type AlertRule,
  alerts,
  budgetShare,
  type EventSource,
  failureRate,
  latency,
  stuckRun,
} from '../../src/observability/index.js'
import { budget } from '../../src/resilience/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { machine, pass, rejection, say, slow, step } from '../core/machines.js'

function watch(source: EventSource, rules: readonly AlertRule[], clock = new ManualClock()) {
  const told: Alert[] = []
  const subscription = alerts(source, rules, { clock }).subscribe(alert => told.push(alert))
  const summary = () => told.map(({ rule, status, at }) => `${at} ${rule} ${status}`)
  return { clock, told, summary, stop: () => subscription.unsubscribe() }
}

/** Fails on 'bad' and takes as long as it is told to. */
const worker = () =>
  machine<string | number>(
    step('Work', async (input, run) => {
      if (input === 'bad') throw new Error('bad')
      await run.sleep(Number(input))
      return input
    }),
  )

describe('S3-40 alerts on the failure rate', () => {
  it('fire above a share of enough runs, once, and are resolved when the window has moved on', async () => {
    const orchestration = worker()
    const rule = failureRate({ above: 0.5, windowMs: 1000, minimumRuns: 3, severity: 'critical' })
    const { clock, told, summary, stop } = watch(orchestration, [rule])
    await rejection(orchestration.run('bad', { clock }))
    await rejection(orchestration.run('bad', { clock }))
    expect(told).toEqual([])
    await clock.advance(100)
    await rejection(orchestration.run('bad', { clock }))
    await rejection(orchestration.run('bad', { clock }))
    expect(told).toEqual([
      {
        rule: 'failure rate',
        severity: 'critical',
        status: 'firing',
        at: 100,
        value: 1,
        threshold: 0.5,
        message: '3 of 3 runs failed within 1000 ms',
      },
    ])
    await clock.advance(1000)
    expect(summary()).toEqual(['100 failure rate firing', '1000 failure rate resolved'])
    expect(clock.pendingTimers).toBe(0)
    stop()
  })

  it('are resolved by runs that go well, and count neither cancelled nor nested runs', async () => {
    const inner = worker()
    const orchestration = machine(
      new SubOrchestrationRunnable(inner).configure({ name: 'Sub' }).onError(
        () => true,
        pass<string>('Rescue'),
        failure => failure.stateName,
      ) as never,
    )
    const nested = watch(orchestration, [failureRate({ above: 0, windowMs: 1000, minimumRuns: 1 })])
    await orchestration.run('bad' as never)
    expect(nested.told).toEqual([])
    nested.stop()
    const { clock, summary, stop } = watch(inner, [failureRate({ above: 0.5, windowMs: 1000, minimumRuns: 1 })])
    const cancelled = inner.start(50, { clock })
    await clock.advance(1)
    cancelled.cancel()
    expect(summary()).toEqual([])
    await rejection(inner.run('bad', { clock }))
    const good = inner.start(0, { clock })
    await clock.advance(1)
    await good.result
    expect(summary()).toEqual(['1 failure rate firing', '1 failure rate resolved'])
    stop()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('S3-40 alerts on latency', () => {
  it('look at a percentile of runs', async () => {
    const orchestration = worker()
    const { clock, told, summary, stop } = watch(orchestration, [
      latency({ aboveMs: 100, windowMs: 10_000, percentile: 0.5, minimum: 3 }),
      latency({ aboveMs: 100, windowMs: 10_000, percentile: 1, minimum: 3, name: 'slowest' }),
    ])
    for (const ms of [10, 20, 500]) {
      const run = orchestration.start(ms, { clock })
      await clock.advance(ms)
      await run.result
    }
    expect(summary()).toEqual(['530 slowest firing'])
    expect(told[0]).toMatchObject({ value: 500, threshold: 100 })
    await clock.advance(10_000)
    expect(summary()).toEqual(['530 slowest firing', '10010 slowest resolved'])
    stop()
    expect(clock.pendingTimers).toBe(0)
  })

  it('or at the visits of one state', async () => {
    const orchestration = machine(slow('Fast', 5).addAdvancer(slow('Slow', 50)))
    const rules = ['Fast', 'Slow'].map(state =>
      latency({ aboveMs: 10, windowMs: 1000, minimum: 1, state, name: state }),
    )
    const { clock, summary, stop } = watch(orchestration, rules)
    const run = orchestration.start(1, { clock })
    await clock.advance(100)
    await run.result
    expect(summary()).toEqual(['55 Slow firing'])
    stop()
  })
})

describe('S3-40 alerts on budgets', () => {
  it('fire once for a run that comes near its limit, and are resolved when it ends', async () => {
    const spending = step('Spend', async (_, run) => {
      for (const cost of [0.5, 0.25, 0.125, 0.125]) {
        run.usage({ model: 'm', inputTokens: 10, cost })
        await run.sleep(1)
      }
    })
    const orchestration = machine(spending)
    const { clock, told, summary } = watch(orchestration, [
      budgetShare({ costPerRun: 1 }),
      budgetShare({ tokensPerRun: 100, name: 'tokens' }),
    ])
    const run = orchestration.start(1, { clock, runId: 'r' })
    await clock.advance(10)
    await run.result
    expect(summary()).toEqual(['2 budget share firing', '4 budget share resolved'])
    expect(told[0]).toMatchObject({ runId: 'r', threshold: 0.8, message: 'run r has spent 0.875 of 1 (cost)' })
  })

  it('fire for what policies say of their budgets', async () => {
    const notice = (spent: number) =>
      ({ type: 'budget.warning', budget: 'team', limit: 'money', spent, max: 10 }) as const
    const orchestration = machine(
      step('Spend', (_, run) => {
        for (const spent of [5, 9, 10, 1]) run.emit(notice(spent))
      }),
    )
    const { told } = watch(orchestration, [budgetShare({ share: 0.9 })])
    await orchestration.run(1)
    expect(told.map(({ status, value }) => [status, value])).toEqual([
      ['firing', 0.9],
      ['resolved', 0.9],
    ])
  })

  it('fire for the share that each run has of a budget, and are resolved when it ends; those of keys stay', async () => {
    const usage = { model: 'm', cost: 0.9 }
    const limits = { money: { soft: 0.5, hard: 10 } }
    const orchestration = machine(step('Spend', (_, run) => run.usage(usage))).configure({
      interceptors: [budget({ name: 'run', limits }), budget({ name: 'team', limits, per: () => 'one' })],
    })
    const { told } = watch(orchestration, [budgetShare({ share: 0.9 })])
    await orchestration.run(1, { runId: 'r1' })
    await orchestration.run(1, { runId: 'r2' })
    const summary = told.map(({ status, message }) => `${status} ${message.split('"')[1]}`)
    expect(summary.toSorted()).toEqual(['firing run', 'firing run', 'firing team', 'resolved run', 'resolved run'])
  })
})

describe('S3-40 alerts on stuck runs', () => {
  it('fire after a silence, say where it is, and are resolved by the next event', async () => {
    const orchestration = machine(slow('A', 50).addAdvancer(slow('B', 500))).configure({ name: 'Job' })
    const { clock, told, summary, stop } = watch(orchestration, [stuckRun({ afterMs: 100 })])
    const run = orchestration.start(1, { clock, runId: 'r' })
    await clock.advance(1000)
    await run.result
    expect(summary()).toEqual(['150 stuck run firing', '550 stuck run resolved'])
    expect(told[0]).toMatchObject({
      runId: 'r',
      orchestration: 'Job',
      message: 'run r of "Job" has been silent for 100 ms; at work: B',
    })
    stop()
    expect(clock.pendingTimers).toBe(0)
  })

  it('leave alone what waits for somebody, also inside a nested run, unless asked to', async () => {
    const waiting = () => new SignalRunnable<unknown, unknown>({ signal: Object as never }).configure({ name: 'Wait' })
    const inner = machine<unknown, unknown>(waiting() as never)
    const orchestration = machine(new SubOrchestrationRunnable(inner).configure({ name: 'Sub' }))
    const clock = new ManualClock()
    const rules = [stuckRun({ afterMs: 100 }), stuckRun({ afterMs: 100, includeWaiting: true, name: 'all' })]
    const { summary, stop } = watch(orchestration, rules, clock)
    const run = orchestration.start(1, { clock })
    await clock.advance(1000)
    expect(summary()).toEqual(['100 all firing'])
    run.cancel()
    await rejection(run.result)
    expect(summary()).toEqual(['100 all firing', '1000 all resolved'])
    stop()
    expect(clock.pendingTimers).toBe(0)
  })

  it('leave alone what is paused', async () => {
    const orchestration = machine(slow('A', 10).addAdvancer(slow('B', 10)))
    const { clock, summary } = watch(orchestration, [stuckRun({ afterMs: 100 })])
    const run = orchestration.start(1, { clock })
    await clock.advance(5)
    const paused = run.pause()
    await clock.advance(1000)
    await paused
    run.resume()
    await clock.advance(10)
    await run.result
    expect(summary()).toEqual([])
  })
})

describe('S3-40 alerts', () => {
  it('complete with the stream of a single run, and leave no timer behind', async () => {
    const clock = new ManualClock()
    const run = machine(say('A')).start(1, { clock })
    let completed = false
    alerts(run, [stuckRun({ afterMs: 10 })], { clock }).subscribe({ complete: () => (completed = true) })
    await run.result
    expect([completed, clock.pendingTimers]).toEqual([true, 0])
  })

  it('watch nothing before they are subscribed to, nor after', () => {
    const events$ = new Subject<OrchestrationEvent>()
    const alert$ = alerts(events$, [stuckRun({ afterMs: 10 }), budgetShare()])
    expect(events$.observed).toBe(false)
    const subscription = alert$.subscribe()
    expect(events$.observed).toBe(true)
    subscription.unsubscribe()
    expect(events$.observed).toBe(false)
  })

  it('take rules of your own; one that throws is reported and harms nothing', async () => {
    const reported: string[] = []
    const told: string[] = []
    const broken: AlertRule = {
      name: 'broken',
      severity: 'info',
      watch: () => ({
        next: ({ type }) => {
          throw new Error(type)
        },
      }),
    }
    const own: AlertRule = {
      name: 'own',
      severity: 'info',
      watch: scope => ({
        next: ({ type }) => {
          if (type === 'orchestration.completed') scope.fire('', { value: 1, threshold: 0, message: type })
        },
      }),
    }
    const orchestration = machine(say('A'))
    const logger = { warn: (message: string) => reported.push(message) }
    alerts(orchestration, [broken, own], { logger }).subscribe(alert => told.push(alert.rule))
    await orchestration.run(1)
    expect(told).toEqual(['own'])
    expect(reported[0]).toBe('an observer of "orchestration.started" failed')
  })

  it('refuse limits that make no sense', () => {
    expect(() => failureRate({ above: 2, windowMs: 1 })).toThrow('Option `above` must be a share from 0 to 1')
    expect(() => failureRate({ above: 0.5, windowMs: 0 })).toThrow('Option `windowMs`')
    expect(() => latency({ aboveMs: Number.NaN, windowMs: 1 })).toThrow('Option `aboveMs`')
    expect(() => latency({ aboveMs: 1, windowMs: 1, minimum: 0.5 })).toThrow('Option `minimum`')
    expect(() => stuckRun({ afterMs: -1 })).toThrow('Option `afterMs`')
    expect(() => budgetShare({ share: 0 })).toThrow('Option `share`')
    expect(() => budgetShare({ costPerRun: 0 })).toThrow('Option `costPerRun`')
  })
})
