import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  Approved,
  Orchestration,
  OrchestrationRunnable,
  type RunContext,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { budget } from '../../src/resilience/index.js'

class Spend extends OrchestrationRunnable<number, number> {
  constructor(name: string) {
    super()
    this.configure({ name })
  }
  override invoke(amount: number, context: RunContext): number {
    context.usage({ model: 'm', inputTokens: 10, outputTokens: 1, cost: 0.4 })
    return amount
  }
}

class Inner extends Orchestration<number, number> {
  override initialRunnable = new Spend('Deep')
}

class Spending extends Orchestration<number, number> {
  constructor() {
    super()
    const ask = new ApprovalRunnable<number>().configure({ name: 'Ask' })
    ask.addAdvancer(
      outcome => outcome instanceof Approved,
      'Last',
      outcome => outcome.subject,
    )
    const inner = new SubOrchestrationRunnable(new Inner()).configure({ name: 'Inner' }).addAdvancer(ask)
    this.initialRunnable = new Spend('First').addAdvancer(inner)
    this.register(new Spend('Last'))
  }
}

describe('a budget of a run that goes on in another process', () => {
  it('counts what was spent before, also by runs inside it that are over', async () => {
    const store = new MemoryJournalStore()
    const first = new Spending().start(1, { store, runId: 'r' })
    await new Promise<void>(resolve => first.on('approval.requested', () => resolve()))
    await store.close()

    const spending = budget({ limits: { money: 1 } })
    const orchestration = new Spending().configure({ interceptors: [spending] })
    const run = await orchestration.resume('r', { store: store.reopen() })
    await new Promise<void>(resolve => run.on('orchestration.resumed', () => resolve()))
    expect(spending.spent('r')).toMatchObject({ money: 0.8, calls: 2, inputTokens: 20, outputTokens: 2, steps: 3 })
    await run.approve('Ask')
    await expect(run.result).rejects.toMatchObject({ cause: { code: 'BUDGET_EXCEEDED' } })
  })
})
