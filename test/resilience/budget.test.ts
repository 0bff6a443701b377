import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable } from '../../src/agents/index.js'
import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  type Interceptor,
  OrchestrationRunnable,
  type RunContext,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import {
  Budget,
  BudgetExceededError,
  type BudgetOptions,
  type BudgetSnapshot,
  budget,
  Retry,
} from '../../src/resilience/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { advancer, begin, each, fail, machine, pass, rejection, say, slow, step } from '../core/machines.js'
import { prices, spend, spendInLoop, spendingLoop, tenth } from './spenders.js'

/** A loop of calls of 0.10 under a budget. */
function loopUnder(options: Omit<BudgetOptions, 'prices'>, times = 100) {
  const spending = budget({ prices, ...options })
  return { spending, loop: spendingLoop(times).configure({ interceptors: [spending] }) }
}

const retrying: Interceptor = { around: (_, next) => next().catch(async () => next({ number: 2 })) }

describe('a budget per run', () => {
  it('S2-16 S2-35 of 1.00 with calls of 0.10 stops after ten', async () => {
    const { spending, loop } = loopUnder({ name: 'run', limits: { money: 1 } })
    const { run, events } = begin(loop, 0)
    const error = (await rejection(run.result)).cause as BudgetExceededError
    expect(error).toBeInstanceOf(BudgetExceededError)
    expect(error).toMatchObject({
      code: 'BUDGET_EXCEEDED',
      retryable: false,
      budget: 'run',
      limit: 'money',
      spent: 1,
      max: 1,
      state: 'Ask',
      scope: run.id,
      attempt: 1,
    })
    expect(error.message).toContain('Budget exceeded: 1 of 1 money of budget "run"')
    expect(error.message).toContain('so state "Ask" was not started')
    expect(events.ofType('agent.usage')).toHaveLength(10)
    expect(events.ofType('budget.exceeded')).toMatchObject([{ budget: 'run', limit: 'money', spent: 1, max: 1 }])
    expect(spending.spent(run.id)).toMatchObject({ money: 1, calls: 10, steps: 10, tokens: 1000 })
  })

  it("S2-35 with atLimit: 'start' lets go on what costs nothing, and stops what goes beyond", async () => {
    const free = pass('Free')
    const exact = spend('Ask').addAdvancer(free)
    const spending = budget({ limits: { money: 0.1 }, prices, atLimit: 'start' })
    const orchestration = machine(exact, free).configure({ interceptors: [spending] })
    expect(await orchestration.run(0)).toBe(1)
    const none = budget({ limits: { money: 0 }, prices, atLimit: 'start' })
    const error = await rejection(
      machine(spend('Ask'))
        .configure({ interceptors: [none] })
        .run(0),
    )
    expect(error.cause).toMatchObject({ code: 'BUDGET_EXCEEDED', spent: 0.1, max: 0 })
    expect(() => budget({ limits: { money: 1 }, atLimit: 'never' as never })).toThrow('atLimit')
  })

  it('C25 of 0 stops before the first call, for every quantity', async () => {
    for (const quantity of [
      'money',
      'tokens',
      'inputTokens',
      'outputTokens',
      'calls',
      'steps',
      'wallClockMs',
    ] as const) {
      let invoked = 0
      const state = step('Ask', () => ++invoked)
      const spending = budget({ limits: { [quantity]: 0 } })
      const error = await rejection(
        machine(state)
          .configure({ interceptors: [spending] })
          .run(0),
      )
      expect(error.cause).toMatchObject({ code: 'BUDGET_EXCEEDED', limit: quantity, spent: 0, max: 0 })
      expect(invoked).toBe(0)
    }
  })

  it('that is spent to the last does not fail a run that asks for no more', async () => {
    const { loop } = loopUnder({ limits: { money: 1, calls: 10, steps: 10, tokens: 1000, inputTokens: 1000 } }, 10)
    expect(await loop.run(0)).toBe(10)
  })

  it.each([
    ['calls', 3, 3],
    ['steps', 3, 3],
    ['tokens', 250, 300],
    ['inputTokens', 300, 300],
  ] as const)('on %s of %d ends with %d', async (quantity, max, spent) => {
    const { spending, loop } = loopUnder({ limits: { [quantity]: max } })
    const { run } = begin(loop, 0)
    expect((await rejection(run.result)).cause).toMatchObject({ limit: quantity, spent, max })
    expect(spending.spent(run.id)[quantity]).toBe(spent)
  })

  it('makes usage() throw when a report goes beyond it, and what is reported counts', async () => {
    let thrown: unknown
    const state = step('Ask', (_, context) => {
      try {
        context.usage({ model: 'cheap', outputTokens: 600 })
      } catch (error) {
        thrown = error
        throw error
      }
    })
    const spending = budget({ limits: { money: 1, outputTokens: 500 }, prices })
    const { run } = begin(machine(state).configure({ interceptors: [spending] }), 0)
    expect((await rejection(run.result)).cause).toBe(thrown)
    expect(thrown).toMatchObject({ limit: 'money', spent: 1.2, max: 1 })
    expect((thrown as Error).message).toContain('by what state "Ask" has reported')
    expect(spending.remaining(run.id)).toEqual({ money: 0, outputTokens: 0 })
  })

  it('counts a cost that is reported, before the price table', async () => {
    const spending = budget({ limits: { money: 5 }, prices })
    const { run } = begin(machine(spend('Ask', { ...tenth, cost: 2 })).configure({ interceptors: [spending] }), 0)
    await run.result
    expect(spending.spent(run.id).money).toBe(2)
    expect(spending.remaining(run.id)).toEqual({ money: 3 })
  })

  it('counts runs apart, and starts from nothing when a run id is used again', async () => {
    const { spending, loop } = loopUnder({ limits: { calls: 5 } }, 5)
    await Promise.all([loop.run(0, { runId: 'a' }), loop.run(0, { runId: 'b' })])
    await loop.run(0, { runId: 'a' })
    expect(spending.spent('a').calls).toBe(5)
  })

  it('keeps nothing of runs that have ended, but the latest few for questions', async () => {
    const { spending, loop } = loopUnder({ limits: { calls: 5 }, remember: 3 }, 1)
    for (let i = 0; i < 10_000; i++) await loop.run(0, { runId: `r${i}` })
    expect(spending.toJSON().accounts).toEqual([])
    expect([9996, 9997, 9999].map(i => spending.spent(`r${i}`).calls)).toEqual([0, 1, 1])
  })

  it('keeps nothing either of runs that fail, are cancelled, or report after their end', async () => {
    const late: (() => void)[] = []
    const state = step('Ask', (_, context) => {
      late.push(() => context.usage(tenth))
      return context.sleep(1000)
    })
    const spending = budget({ limits: { calls: 1 }, prices, remember: 0 })
    const { run } = begin(machine(state).configure({ interceptors: [spending] }), 0)
    run.on('state.started', () => run.cancel('enough'))
    await rejection(run.result)
    for (const report of late) report()
    await rejection(
      machine(fail('B'))
        .configure({ interceptors: [spending] })
        .run(0),
    )
    expect(spending.toJSON().accounts).toEqual([])
    expect(spending.spent(run.id).calls).toBe(0)
  })
})

describe('concurrent branches', () => {
  const fan = (width: number, spending: Interceptor, options = {}) => {
    const ask = step<number, number>('Ask', async (n, context) => {
      await context.sleep(10)
      context.usage(tenth)
      return n
    }).addAdvancer(new CollectRunnable<number>().configure({ name: 'All' }))
    const split = step<number, number[]>('Split', n => Array.from({ length: n }, (_, i) => i))
    split.addAdvancer(each('Ask'))
    return begin(machine<number>(split, ask).configure({ interceptors: [spending] }), width, options)
  }

  it('overspend by no more than what is in flight', async () => {
    const spending = budget({ limits: { money: 1 }, prices })
    const { run, clock } = fan(50, spending, { maxConcurrency: 4, failure: 'collect' })
    const failed = rejection(run.result)
    for (let i = 0; i < 20; i++) await clock.advance(10)
    await failed
    const { calls } = spending.spent(run.id)
    expect(calls).toBeGreaterThanOrEqual(10)
    expect(calls).toBeLessThanOrEqual(13)
  })

  it('are asked when they get their turn, not when they stand in line inside another interceptor', async () => {
    let free = Promise.resolve()
    const oneAtATime: Interceptor = {
      async around(_, next) {
        const before = free
        let release = () => {}
        free = new Promise(resolve => (release = resolve))
        await before
        return next().finally(release)
      },
    }
    const spending = budget({ limits: { money: 0.3 }, prices })
    const ask = step<number, number>('Ask', async (n, context) => {
      await Promise.resolve()
      context.usage(tenth)
      return n
    }).configure({ interceptors: [oneAtATime] })
    const split = step<number, number[]>('Split', n => Array.from({ length: n }, (_, i) => i))
    split.addAdvancer(each('Ask'))
    const { run } = begin(machine<number>(split, ask as never).configure({ interceptors: [spending] }), 20, {
      failure: 'collect',
    })
    await rejection(run.result)
    expect(spending.spent(run.id).calls).toBe(3)
  })
})

describe('retries', () => {
  it('count: what a failed attempt reported, and each attempt as a step', async () => {
    let attempts = 0
    const flaky = step('Ask', (_, context) => {
      context.usage(tenth)
      if (++attempts < 2) throw new Error('flaky')
      return attempts
    }).configure({ interceptors: [retrying] })
    const spending = budget({ limits: { money: 1 }, prices })
    const { run } = begin(machine(flaky as never).configure({ interceptors: [spending] }), 0)
    expect(await run.result).toBe(2)
    expect(spending.spent(run.id)).toMatchObject({ money: 0.2, steps: 2, calls: 2 })
  })

  it('are refused by a budget outside of them once it is used up', async () => {
    let attempts = 0
    const flaky = step('Ask', (_, context) => {
      attempts++
      context.usage(tenth)
      throw new Error('flaky')
    }).configure({ interceptors: [retrying] })
    const spending = budget({ limits: { money: 0.1 }, prices })
    const error = await rejection(
      machine(flaky as never)
        .configure({ interceptors: [spending] })
        .run(0),
    )
    expect(error.cause).toMatchObject({ code: 'BUDGET_EXCEEDED', attempt: 2 })
    expect(attempts).toBe(1)
  })
})

describe('nested work', () => {
  const inner = (spending?: Interceptor) =>
    machine<number, number>(spend('Inner')).configure(spending === undefined ? {} : { interceptors: [spending] })
  const nested = (own: Interceptor, ofInner?: Interceptor) => {
    const sub = new SubOrchestrationRunnable(inner(ofInner)).configure({ name: 'Sub' })
    return machine<number>(spend('Outer').addAdvancer(sub as never)).configure({ interceptors: [own] })
  }

  it('S2-35 is bounded by the budget of the outer run, which counts it once', async () => {
    for (const both of [false, true]) {
      const spending = budget({ limits: { money: 1 }, prices })
      const { run } = begin(nested(spending, both ? spending : undefined), 0)
      await run.result
      expect(spending.spent(run.id)).toMatchObject({ money: 0.2, calls: 2 })
      expect(spending.toJSON().accounts).toEqual([])
    }
  })

  it('is stopped by the budget of the outer run', async () => {
    const { run } = begin(nested(budget({ limits: { calls: 1 } })), 0)
    expect((await rejection(run.result)).cause).toMatchObject({ cause: { code: 'BUDGET_EXCEEDED', state: 'Inner' } })
  })

  it('is bounded on its own by a budget on the state of the sub-orchestration, or on what is inside', async () => {
    const spending = budget({ limits: { calls: 1 } })
    const sub = new SubOrchestrationRunnable(inner()).configure({ interceptors: [spending] })
    const { run } = begin(machine<number>(spend('Outer').addAdvancer(sub as never)), 0)
    await run.result
    expect(spending.spent(run.id).calls).toBe(1)
    const inside = budget({ limits: { calls: 1 } })
    const other = new SubOrchestrationRunnable(inner(inside))
    await machine<number>(spend('Outer').addAdvancer(other as never)).run(0)
    expect(inside.toJSON().accounts).toEqual([])
  })

  it('S0-31 S1-62 of agents is counted call by call', async () => {
    const usage = { inputTokens: 60, outputTokens: 20, totalTokens: 80 }
    const client = new ScriptedModel([
      { text: 'one', usage },
      { text: 'two', usage },
    ])
    class Ask extends AgentRunnable<string, string> {
      readonly agent = new Agent({ client, model: 'cheap', name: 'Asker' })
    }
    const spending = budget({ limits: { money: 0.15 }, prices })
    const first = new Ask().configure({ name: 'First' })
    const { run } = begin(
      machine<string>(first.addAdvancer(new Ask().configure({ name: 'Second' }))).configure({
        interceptors: [spending],
      }),
      'hello',
    )
    expect((await rejection(run.result)).cause).toMatchObject({ state: 'Second', spent: 0.2, max: 0.15 })
    expect(spending.spent(run.id)).toMatchObject({ inputTokens: 120, outputTokens: 40, tokens: 160 })
  })
})

describe('a soft limit', () => {
  it('warns once for each limit and scope, and stops nothing', async () => {
    const { loop } = loopUnder({ name: 'run', limits: { money: { soft: 0.5 }, steps: { soft: 3, hard: 50 } } }, 20)
    const { run, events } = begin(loop, 0)
    expect(await run.result).toBe(20)
    const limit = (name: string, max: number) => ({ budget: 'run', limit: name, spent: max, max, stateName: 'Ask' })
    expect(events.ofType('budget.warning')).toMatchObject([limit('steps', 3), limit('money', 0.5)])
    expect(events.ofType('budget.exceeded')).toEqual([])
  })
})

describe('a budget per state', () => {
  it('counts each state of each run by itself', async () => {
    const spending = budget({ limits: { calls: 2 }, per: 'state' })
    const a = spend('A')
    const b = spend('B')
    a.addAdvancer(b)
    b.addAdvancer(n => n < 10, a).addAdvancer(say('End'))
    const { run } = begin(machine<number>(a).configure({ interceptors: [spending] }), 0)
    const error = await rejection(run.result)
    expect(error.cause).toMatchObject({ state: 'A', scope: `${run.id}, A` })
    expect(spending.spent({ runId: run.id, state: 'B' }).calls).toBe(2)
  })

  it('can be declared for a class, inside its retry', async () => {
    let attempts = 0
    @Retry({ maxAttempts: 4, initialDelayMs: 0 })
    @Budget({ limits: { steps: 2 } })
    class Flaky extends OrchestrationRunnable<number, number> {
      invoke(): number {
        attempts++
        throw new Error('flaky')
      }
    }
    const error = await rejection(machine<number>(new Flaky()).run(0))
    expect(error.cause).toMatchObject({ code: 'BUDGET_EXCEEDED', limit: 'steps', attempt: 3, state: 'Flaky' })
    expect(attempts).toBe(2)
  })

  it('can be shared by classes, and refused where it is written', async () => {
    const shared = budget({ limits: { calls: 2 } })
    class Ask extends OrchestrationRunnable<number, number> {
      invoke(n: number, context: RunContext): number {
        context.usage(tenth)
        return n
      }
    }
    @Budget(shared)
    class First extends Ask {}
    @Budget(shared)
    class Second extends Ask {}
    const { run } = begin(machine<number>(new First().addAdvancer(new Second())), 0)
    await run.result
    expect(shared.spent(run.id).calls).toBe(2)
    expect(() => Budget({ limits: {} })).toThrow('Option `limits` must be an object with at least one limit')
  })
})

describe('a budget per key', () => {
  const perTenant = (from?: BudgetSnapshot) =>
    budget({
      name: 'tenant',
      limits: { money: { soft: 0.2, hard: 0.3 } },
      prices,
      per: ({ context }) => context.properties.get<string>('tenant') ?? 'nobody',
      ...(from === undefined ? {} : { from }),
    })
  const run = (spending: Budget, tenant: string) => {
    const { run: handle, events } = begin(machine<number>(spend('Ask')).configure({ interceptors: [spending] }), 0, {
      properties: { tenant },
    })
    return { result: handle.result, events }
  }

  it('adds up over runs, warns once, and stops one key only', async () => {
    const spending = perTenant()
    const runs = []
    for (let i = 0; i < 3; i++) {
      const each = run(spending, 'acme')
      await each.result
      runs.push(each.events.ofType('budget.warning').length)
    }
    expect(runs).toEqual([0, 1, 0])
    expect((await rejection(run(spending, 'acme').result)).cause).toMatchObject({ scope: 'acme', spent: 0.3 })
    expect(await run(spending, 'other').result).toBe(1)
    spending.reset('acme')
    expect(await run(spending, 'acme').result).toBe(1)
  })

  it('goes on in another process from its JSON', async () => {
    const before = perTenant()
    for (let i = 0; i < 2; i++) await run(before, 'acme').result
    before.grant('acme', { money: 0.1 })
    const after = perTenant(JSON.parse(JSON.stringify(before)) as BudgetSnapshot)
    expect(after.toJSON()).toEqual(before.toJSON())
    expect(after.remaining('acme')).toEqual({ money: 0.2 })
    const { result, events } = run(after, 'acme')
    await result
    expect(events.ofType('budget.warning')).toEqual([])
  })
})

describe('wall clock', () => {
  it('stops what is at work when it runs out, and leaves no timer behind', async () => {
    const spending = budget({ limits: { wallClockMs: { soft: 100, hard: 500 } } })
    const { run, clock, events } = begin(
      machine(slow('A', 300).addAdvancer(slow('B', 300))).configure({ interceptors: [spending] }),
      0,
    )
    const failed = rejection(run.result)
    await clock.advance(499)
    expect(run.status).toBe('running')
    await clock.advance(1)
    const error = await failed
    expect(error.cause).toMatchObject({ code: 'BUDGET_EXCEEDED', limit: 'wallClockMs', spent: 500, state: 'B' })
    expect(error.message).toContain('so state "B" was stopped')
    expect(events.ofType('budget.warning')).toMatchObject([{ limit: 'wallClockMs', spent: 100, max: 100, at: 100 }])
    expect(clock.pendingTimers).toBe(0)
  })

  it('leaves no timer behind either when the work is done in time', async () => {
    const spending = budget({ limits: { wallClockMs: 500 } })
    const { run, clock } = begin(machine(slow('A', 300)).configure({ interceptors: [spending] }), 0)
    await clock.advance(300)
    expect(await run.result).toBe('A')
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('exhaustion has a route', () => {
  const exhausted = (failure: { readonly error: Error }) => failure.error instanceof BudgetExceededError

  it('to another state, which is exempt', async () => {
    const spending = budget({ limits: { calls: 2 }, exempt: ['Summarise'] })
    const ask = spendInLoop('Ask', 10)
    const summarise = step<number, string>('Summarise', (n, context) => {
      context.usage(tenth)
      return `got to ${n}`
    })
    ask.onError(exhausted, summarise, failure => failure.input)
    const { run } = begin(machine<number>(ask).configure({ interceptors: [spending] }), 0)
    expect(await run.result).toBe('got to 2')
    expect(spending.spent(run.id).calls).toBe(3)
  })

  it('to a person, who grants more, and the run goes on', async () => {
    const spending = budget({ limits: { money: 0.3 }, prices, exempt: ['Top up'] })
    const ask = spendInLoop('Ask', 5)
    const approval = new ApprovalRunnable<number>({ message: n => `Spend more after ${n} calls?` })
    const topUp = step<number, number>('Top up', (n, context) => {
      spending.grant(context.runId, { money: 0.2 })
      return n
    })
    ask.onError(exhausted, approval, failure => failure.input)
    approval.addAdvancer(
      outcome => outcome instanceof Approved,
      topUp,
      outcome => outcome.subject,
    )
    topUp.addAdvancer(ask)
    const asking = machine<number>(ask).configure({ interceptors: [spending] })
    asking.resultRunnable = ask
    const { run, events } = begin(asking, 0)
    run.on('approval.requested', request => run.approve(request.requestId))
    expect(await run.result).toBe(5)
    events.expectInOrder([
      'budget.exceeded',
      { type: 'state.failed', handled: true },
      { type: 'approval.requested', message: 'Spend more after 3 calls?' },
      { type: 'state.started', stateName: 'Top up' },
      'orchestration.completed',
    ])
    expect(spending.spent(run.id)).toMatchObject({ money: 0.5, calls: 5 })
  })
})

describe('usage without a price', () => {
  const unknown = { model: 'unheard-of', inputTokens: 1 }

  it('fails under a hard limit on money, rather than pass for free', async () => {
    const spending = budget({ limits: { money: 1 }, prices })
    const error = await rejection(
      machine(spend('Ask', unknown))
        .configure({ interceptors: [spending] })
        .run(0 as never),
    )
    expect(error.cause).toMatchObject({ code: 'PRICE_UNKNOWN', details: { model: 'unheard-of', stateName: 'Ask' } })
  })

  it('is counted apart where it is allowed', async () => {
    for (const options of [
      { limits: { money: 1 }, unpriced: 'allow' },
      { limits: { money: { soft: 1 }, calls: 5 } },
    ] as const) {
      const spending = budget({ ...options, prices })
      const { run } = begin(machine(spend('Ask', unknown)).configure({ interceptors: [spending] }), 0 as never)
      await run.result
      expect(spending.spent(run.id)).toMatchObject({ money: 0, unpricedCalls: 1, calls: 1 })
    }
  })
})

describe('what makes no sense is refused', () => {
  it.each([
    [{ limits: {} }, 'Option `limits` must be an object with at least one limit'],
    [{ limits: { money: -1 } }, 'Option `limits.money` must be a number of at least 0, but is -1 (number)'],
    [{ limits: { money: Number.NaN } }, 'Option `limits.money` must be a number of at least 0, but is NaN'],
    [{ limits: { money: {} } }, 'Option `limits.money` must be a number, or have `soft` or `hard`'],
    [{ limits: { money: { soft: 2, hard: 1 } } }, 'Option `limits.money.soft` must be at most `hard`, 1'],
    [{ limits: { monney: 1 } }, 'Option `limits.monney` must be one of money, tokens'],
    [{ limits: { calls: 1 }, per: 'orbit' }, "Option `per` must be 'run' or 'state'"],
    [{ limits: { calls: 1 }, remember: -1 }, 'Option `remember` must be a whole number'],
    [
      { limits: { calls: 1 }, prices: { models: { m: { inputPerMillion: -1, outputPerMillion: 1 } } } },
      'Option `prices.models["m"].inputPerMillion` must be a number of at least 0',
    ],
  ])('%j', (options, message) => expect(() => budget(options as unknown as BudgetOptions)).toThrow(message))

  it('reports that are no amounts fail the state', async () => {
    const spending = budget({ limits: { money: 1 } })
    for (const usage of [{ cost: Number.NaN }, { cost: -1 }, { cost: 0, inputTokens: -5 }]) {
      const state = spend('Ask', { model: 'm', ...usage })
      const error = await rejection(
        machine(state)
          .configure({ interceptors: [spending] })
          .run(0 as never),
      )
      expect(error.cause).toMatchObject({ code: 'OPTION_INVALID' })
    }
  })

  it('grants for what has no limit, or for a run that is not under way', () => {
    const spending = budget({ limits: { money: 1 } })
    expect(() => spending.grant('r', { calls: 1 })).toThrow(
      '`amounts.calls` must be of a quantity that has a hard limit',
    )
    expect(() => spending.grant('r', { money: 1 })).toThrow('`scope` must be a run that is under way')
  })
})

describe('maxFanOut', () => {
  const wide = (n: number) => {
    const split = step<number, number[]>('Split', () => Array.from({ length: n }, (_, i) => i))
    split.addAdvancer(each('Go'))
    return { split, orchestration: machine<number>(split, pass('Go') as never) }
  }

  it('fails a state whose output fans out to more branches, and names advancer, width and limit', async () => {
    expect(await wide(3).orchestration.run(0, { maxFanOut: 3 })).toBe(2)
    const { run, events } = begin(wide(4).orchestration.configure({ maxFanOut: 3 }), 0)
    const error = await rejection(run.result)
    expect(error.cause).toMatchObject({
      code: 'FAN_OUT_TOO_WIDE',
      details: { stateName: 'Split', advancer: 'each', width: 4, maxFanOut: 3 },
    })
    expect(error.message).toContain('fans out to 4 branches, by each; at most 3 are allowed')
    expect(events.types).not.toContain('branch.created')
  })

  it('counts what several advancers open together, and can be routed', async () => {
    const { split, orchestration } = wide(4)
    split.onError(() => true, say('Narrow'))
    expect(await orchestration.run(0, { maxFanOut: 3 })).toBe('Narrow')
    const a = advancer<number>('one', ['A'], () => 'A')
    const b = advancer<number>('two', ['B'], () => 'B')
    const both = pass<number>('Both').addAdvancer(a).addAdvancer(b).configure({ parallelAdvances: true })
    const error = await rejection(machine(both as never, say('A'), say('B')).run(0 as never, { maxFanOut: 1 }))
    expect(error.message).toContain('fans out to 2 branches, by one, two; at most 1 are allowed')
  })

  it('is a whole number of at least 1', async () => {
    expect((await rejection(wide(1).orchestration.run(0, { maxFanOut: 0 }))).message).toContain('`maxFanOut`')
  })
})

describe('what is reported and given is checked', () => {
  it.each([
    [{ model: 'm', cost: -1 }, 'Option `usage.cost` must be a number of at least 0, but is -1 (number).'],
    [{ model: 'm', cost: Number.NaN }, 'Option `usage.cost` must be a number of at least 0, but is NaN (number).'],
    [
      { model: 'm', inputTokens: '5' },
      'Option `usage.inputTokens` must be a number of at least 0, but is "5" (string).',
    ],
  ])('refuses %o with a budget and without, and tells nobody', async (usage, message) => {
    for (const interceptors of [[], [budget({ limits: { money: 1 } })]]) {
      const { run, events } = begin(machine(spend('Ask', usage as never)).configure({ interceptors }), 0)
      expect((await rejection(run.result)).cause).toMatchObject({ code: 'OPTION_INVALID', message })
      expect(events.ofType('agent.usage')).toEqual([])
    }
  })

  it.each([
    [{ limits: null }, 'Option `limits` must be an object, but is null (null).'],
    [{ limits: { money: 1 }, prices: {} }, 'Option `prices.models` must be an object, but is undefined (undefined).'],
    [{ limits: { money: 1 }, prices: { models: { a: null } } }, 'Option `prices.models["a"]` must be an object'],
    [{ limits: { steps: 1 }, exempt: 'TopUp' }, 'Option `exempt` must be an array, but is "TopUp" (string).'],
    [{ limits: { steps: 1 }, from: { accounts: [{ scope: 'a' }] } }, 'Option `from.spent` must be an object'],
  ])('refuses %o', (options, message) => {
    expect(() => budget(options as never)).toThrow(message)
  })
})

describe('a soft limit on wall clock', () => {
  it('warns while a state is at work, without a hard one too, and leaves no timer behind', async () => {
    const spending = budget({ limits: { wallClockMs: { soft: 100 } } })
    const { run, clock, events } = begin(machine(slow('A', 300)).configure({ interceptors: [spending] }), 0)
    await clock.advance(1000)
    expect(await run.result).toBe('A')
    expect(events.ofType('budget.warning')).toMatchObject([{ limit: 'wallClockMs', spent: 100, max: 100, at: 100 }])
    expect(clock.pendingTimers).toBe(0)
  })
})
