import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type RunContext, SubOrchestrationRunnable, type Usage } from '../../src/core/index.js'
import { budget, CostTracker, costOf, costOfUsage, costReports } from '../../src/resilience/index.js'
import { begin, machine, step } from '../core/machines.js'
import { prices, spendInLoop, spendingLoop, tenth } from './spenders.js'

const report = (...usages: readonly Usage[]) =>
  step<number, number>('Work', (n, context: RunContext) => {
    for (const usage of usages) context.usage(usage)
    return n
  })

describe('a cost report', () => {
  it('S2-30 S0-31 tells by state, agent and model where tokens and money went', async () => {
    const work = report(
      { ...tenth, agent: 'Ada' },
      { model: 'cheap', inputTokens: 100, outputTokens: 200, agent: 'Bob' },
      { model: 'flat', agent: 'Ada' },
    )
    const sub = new SubOrchestrationRunnable(machine<number>(report({ ...tenth, cost: 1 }))).configure({ name: 'Sub' })
    const { run, events } = begin(machine<number>(work.addAdvancer(sub as never)), 0)
    await run.result
    const line = (name: string, calls: number, inputTokens: number, outputTokens: number, cost: number) => {
      const totalTokens = inputTokens + outputTokens
      return { name, calls, inputTokens, outputTokens, totalTokens, cost, knownCost: cost, unpricedCalls: 0 }
    }
    expect(costOf(events.events, prices)).toEqual({
      currency: 'USD',
      total: line('total', 4, 300, 200, 1.85),
      states: [line('Work', 3, 200, 200, 0.85), line('Sub/Work', 1, 100, 0, 1)],
      agents: [line('Ada', 2, 100, 0, 0.35), line('Bob', 1, 100, 200, 0.5), line('Work', 1, 100, 0, 1)],
      models: [line('cheap', 3, 300, 200, 1.6), line('flat', 1, 0, 0, 0.25)],
      unpricedModels: [],
    })
  })

  it('says that a cost is unknown, not that it is 0', async () => {
    const { run, events } = begin(machine<number>(report(tenth, { model: 'unheard-of', inputTokens: 5 })), 0)
    await run.result
    const { total, models, unpricedModels } = costOf(events.events, prices)
    expect(total).toMatchObject({ cost: undefined, knownCost: 0.1, unpricedCalls: 1, calls: 2 })
    expect(models).toMatchObject([
      { name: 'cheap', cost: 0.1 },
      { name: 'unheard-of', cost: undefined, knownCost: 0, inputTokens: 5 },
    ])
    expect(unpricedModels).toEqual(['unheard-of'])
    expect(costOf(events.events).total).toMatchObject({ cost: undefined, unpricedCalls: 2 })
  })

  it('sums up to what a budget has counted', async () => {
    const spending = budget({ limits: { money: 100 }, prices })
    const loop = spendingLoop(37).configure({ interceptors: [spending] })
    const { run, events } = begin(loop, 0)
    await run.result
    const { total, states, agents, models } = costOf(events.events, prices)
    const { money, calls, tokens } = spending.spent(run.id)
    expect(total).toMatchObject({ cost: money, calls, totalTokens: tokens })
    expect(total.cost).toBe(3.7)
    for (const lines of [states, agents, models]) {
      expect(lines.reduce((sum, each) => sum + each.totalTokens, 0)).toBe(tokens)
    }
  })

  it('of a run without usage is one of nothing', () => {
    expect(costOf([])).toMatchObject({ total: { calls: 0, cost: 0 }, states: [], models: [] })
  })

  it('comes live, one with every usage', async () => {
    const run = machine<number>(spendInLoop('Ask', 3)).start(0)
    const tracker = new CostTracker(prices)
    run.events$.subscribe(event => tracker.add(event))
    const reports = await lastValueFrom(costReports(run.events$, prices).pipe(toArray()))
    expect(reports.map(each => each.total.cost)).toEqual([0.1, 0.2, 0.3])
    expect(tracker.report).toEqual(reports.at(-1))
  })
})

describe('a price', () => {
  const models = { 'model-a': { inputPerMillion: 2, outputPerMillion: 4 } }
  const table = { currency: 'EUR', asOf: '2025-01-01', models }
  const million = { inputTokens: 1_000_000, outputTokens: 1_000_000 }

  it('is that of the model, or of the model without the date in its name', () => {
    expect(costOfUsage({ model: 'model-a', ...million }, table)).toBe(6)
    expect(costOfUsage({ model: 'model-a-2025-04-14', ...million }, table)).toBe(6)
    expect(costOfUsage({ model: 'model-a@20250414', ...million }, table)).toBe(6)
    expect(costOfUsage({ model: 'model-a-mini', ...million }, table)).toBeUndefined()
    expect(costOfUsage({ model: 'constructor', ...million }, table)).toBeUndefined()
    expect(costOfUsage({ model: 'model-a', ...million, cost: 0 }, table)).toBe(0)
  })
})
