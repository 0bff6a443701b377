import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  Approved,
  Orchestration,
  OrchestrationRunnable,
  type RunContext,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { Journal, MemoryJournalStore } from '../../src/durability/index.js'
import { ManualClock } from '../../src/testing/index.js'

const calls: string[] = []

class Work extends OrchestrationRunnable<number, number> {
  constructor(name: string) {
    super()
    this.configure({ name })
  }
  override async invoke(n: number): Promise<number> {
    calls.push(String(this.constructor.name))
    await new Promise(resolve => setImmediate(resolve))
    return n + 1
  }
}

class Inner extends Orchestration<number, number> {
  constructor(waits: boolean) {
    super()
    const ask = new ApprovalRunnable<number>().configure({ name: 'Ask' })
    ask.addAdvancer(
      outcome => outcome instanceof Approved,
      'B',
      outcome => outcome.subject,
    )
    this.initialRunnable = waits ? new Work('A').addAdvancer(ask) : new Work('A').addAdvancer('B')
    this.register(new Work('B'))
  }
}

class Outer extends Orchestration<number, number> {
  constructor(waits = false) {
    super()
    this.initialRunnable = new SubOrchestrationRunnable(new Inner(waits)).configure({ name: 'Sub' })
  }
}

const turns = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise(resolve => setImmediate(resolve))
}

describe('a pause around a run inside', () => {
  it('is over only when the run inside is stored too, and goes on in another process', async () => {
    const store = new MemoryJournalStore()
    const run = new Outer().start(1, { store, runId: 'r' })
    const paused = new Promise<void>(resolve => run.on('state.started', () => void run.pause().then(resolve)))
    await paused
    await store.close()
    const other = store.reopen()
    expect(await other.get('r')).toMatchObject({ status: 'paused' })
    expect((await new Outer().recover({ store: other })).runs).toEqual([])
    const again = await new Outer().resume('r', { store: other })
    expect(await again.result).toBe(3)
  })

  it('that was asked for before the run had begun keeps its input', async () => {
    const store = new MemoryJournalStore()
    await new Outer().start(1, { store, runId: 'r' }).pause()
    await store.close()
    expect(await (await new Outer().resume('r', { store: store.reopen() })).result).toBe(3)
  })

  it('goes on where a crash left a run inside that had not begun', async () => {
    const store = new MemoryJournalStore()
    const run = new Outer().start(1, { store, runId: 'r' })
    await new Promise<void>(resolve => run.on('state.started', () => resolve()))
    await store.close()
    expect(await (await new Outer().resume('r', { store: store.reopen() })).result).toBe(3)
  })
})

describe('a request of a run inside', () => {
  it('is answered right after the run was taken up', async () => {
    const store = new MemoryJournalStore()
    const first = new Outer(true).start(1, { store, runId: 'r' })
    await new Promise<void>(resolve => first.on('approval.requested', () => resolve()))
    await store.close()
    const run = await new Outer(true).resume('r', { store: store.reopen() })
    const [request] = run.requests
    expect(run.requests).toHaveLength(1)
    await run.approve(request as NonNullable<typeof request>)
    expect(await run.result).toBe(3)
  })
})

describe('the handle of a run that was paused and that somebody else has taken up (S1-36)', () => {
  async function pausedAndTaken() {
    const store = new MemoryJournalStore()
    const stale = new Outer(true).start(1, { store, runId: 'r' })
    await new Promise<void>(resolve => stale.on('approval.requested', () => resolve()))
    await stale.pause()
    const other = store.reopen()
    const owner = await new Outer(true).resume('r', { store: other })
    return { stale, owner, journal: new Journal(new Outer(true), { store: other }) }
  }

  it.each(['resume', 'cancel'] as const)('is told so by %s(), and does the owner no harm', async how => {
    const { stale, owner, journal } = await pausedAndTaken()
    stale[how]()
    await expect(stale.result).rejects.toMatchObject({ code: 'RUN_BUSY' })
    await journal.approve('r', 'Ask')
    expect(await owner.result).toBe(3)
  })

  it('does not take an answer away from the owner', async () => {
    const { owner, stale, journal } = await pausedAndTaken()
    await turns(3)
    stale.result.catch(() => undefined)
    await journal.approve('r', 'Ask')
    expect(await owner.result).toBe(3)
  })
})

describe('what has to be there in every mode', () => {
  class Paying extends OrchestrationRunnable<number, string> {
    override async invoke(_n: number, context: RunContext): Promise<string> {
      await context.once('pay', () => calls.push('paid'))
      const answer = await context.requestApproval('go', { message: 'Go?', subject: 1 })
      return answer.outcome
    }
  }
  class Payment extends Orchestration<number, string> {
    override initialRunnable = new Paying()
  }

  it.each(['async', 'exit'] as const)('in mode %s: what is done once, and what is asked', async durability => {
    calls.length = 0
    const store = new MemoryJournalStore()
    const run = new Payment().start(1, { store, runId: 'r', durability })
    await new Promise<void>(resolve => run.on('approval.requested', () => resolve()))
    expect((await store.requests()).requests).toHaveLength(1)
    await store.close()
    const other = store.reopen()
    await new Journal(new Payment(), { store: other }).approve('r', 'Paying')
    const again = await new Payment().resume('r', { store: other, durability })
    expect(await again.result).toBe('approved')
    expect(calls).toEqual(['paid'])
  })

  it('a timer of a paused run that nobody else has goes on', async () => {
    const clock = new ManualClock(0)
    const store = new MemoryJournalStore()
    class Short extends OrchestrationRunnable<number, string> {
      override async invoke(subject: number, context: RunContext): Promise<string> {
        return (await context.requestApproval('go', { message: '?', subject, timeoutMs: 50 })).outcome
      }
    }
    class Machine extends Orchestration<number, string> {
      override initialRunnable = new Short()
    }
    const run = new Machine().start(1, { store, runId: 'r', clock })
    await new Promise<void>(resolve => run.on('approval.requested', () => resolve()))
    await run.pause()
    await clock.advance(60)
    run.resume()
    expect(await run.result).toBe('expired')
  })
})
