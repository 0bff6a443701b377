import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  type ApprovalOutcome,
  ApprovalRunnable,
  Orchestration,
  OrchestrationRunnable,
  type RunContext,
} from '../../src/core/index.js'
import { type JournalStore, MemoryJournalStore, RunHost, SqliteJournalStore } from '../../src/durability/index.js'

const folder = mkdtempSync(join(tmpdir(), 'advancer-steering-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function moment() {
  let come = (): void => undefined
  const promise = new Promise<void>(resolve => {
    come = resolve
  })
  return { promise, come }
}

/** Three states, the second of which stays at work until it is let go or aborted. */
function gated() {
  const [gate, reached] = [moment(), moment()]
  const invoked: string[] = []
  class First extends OrchestrationRunnable<string, string> {
    invoke(input: string) {
      invoked.push('First')
      return input
    }
  }
  class Second extends OrchestrationRunnable<string, string> {
    async invoke(input: string, { signal }: RunContext) {
      invoked.push('Second')
      reached.come()
      await Promise.race([gate.promise, new Promise<void>(done => signal.addEventListener('abort', () => done()))])
      return input
    }
  }
  class Third extends OrchestrationRunnable<string, string> {
    invoke(input: string) {
      invoked.push('Third')
      return `${input}!`
    }
  }
  class Gated extends Orchestration<string, string> {
    override initialRunnable = new First().addAdvancer(new Second().addAdvancer(new Third()))
  }
  return { orchestration: new Gated(), open: gate.come, reached: reached.promise, invoked }
}

function asking() {
  class Publish extends OrchestrationRunnable<ApprovalOutcome<string>, ApprovalOutcome<string>> {
    invoke(outcome: ApprovalOutcome<string>) {
      return outcome
    }
  }
  class Asking extends Orchestration<string, unknown> {
    override initialRunnable = new ApprovalRunnable<string>({ message: () => 'Well?' })
      .configure({ name: 'Review' })
      .addAdvancer(new Publish())
  }
  return new Asking()
}

const hostOf = (store: JournalStore, orchestration: Orchestration<string, never> | Orchestration<string, unknown>) =>
  new RunHost({ store, orchestrations: [orchestration], pollMs: 5, logger: { warn: () => undefined } })

const wishesIn = (store: JournalStore) => store.documents('run-wishes')

const stores: Readonly<Record<string, () => [JournalStore, JournalStore]>> = {
  memory: () => {
    const store = new MemoryJournalStore()
    return [store, store.reopen()]
  },
  sqlite: () => {
    const file = join(folder, `${Math.random()}.db`)
    return [new SqliteJournalStore(file), new SqliteJournalStore(file)]
  },
}

describe.each(Object.keys(stores))('a host and another one of the same store (%s)', name => {
  const pair = stores[name] as () => [JournalStore, JournalStore]

  it('pauses, resumes and cancels what the other one drives, and nothing of the wishes stays behind', async () => {
    const [here, there] = pair()
    const { orchestration, open, reached, invoked } = gated()
    const driver = hostOf(here, orchestration)
    const again = gated()
    const other = hostOf(there, again.orchestration)
    const first = await driver.start('Gated', 'a', { runId: 'r' })
    await reached
    const pausing = other.pause('r')
    await expect.poll(async () => (await wishesIn(there))[0]?.data).toContain('accepted')
    open()
    expect(await pausing).toBe(true)
    expect([(await there.get('r'))?.status, invoked]).toEqual(['paused', ['First', 'Second']])
    const second = await other.resume('r')
    expect(await second.result).toBe('a!')
    expect(again.invoked).toEqual(['Third'])
    // What the first one has left is a handle that leads nowhere.
    await expect(first.result).rejects.toMatchObject({ code: expect.stringMatching(/^RUN_(BUSY|CONFLICT)$/) })
    expect([driver.active, driver.driven('r')]).toEqual([0, undefined])

    await driver.start(gated().orchestration, 'b', { runId: 's' })
    expect(await other.cancel('s', 'not wanted')).toBe(true)
    expect((await there.get('s'))?.status).toBe('cancelled')
    expect(await (await other.journalOf('s')).stateAt('s')).toMatchObject({ reason: 'not wanted' })
    await expect.poll(async () => (await wishesIn(there)).length).toBe(0)
    await Promise.all([here.close(), there.close()])
  })

  it('does not pause, cancel or resume by a handle of its own what goes on with the other one', async () => {
    const [here, there] = pair()
    const first = hostOf(here, asking())
    await first.start('Asking', 'a', { runId: 'r' })
    expect(await first.pause('r')).toBe(true)
    const second = hostOf(there, asking())
    const run = await second.resume('r')
    await expect.poll(async () => (await here.get('r'))?.status).toBe('running')
    expect(await first.pause('r')).toBe(true)
    expect([run.status, (await here.get('r'))?.status]).toEqual(['paused', 'paused'])
    await first.resume('r')
    await expect.poll(async () => (await there.get('r'))?.status).toBe('running')
    expect(await second.cancel('r')).toBe(true)
    expect((await here.get('r'))?.status).toBe('cancelled')
    await Promise.all([here.close(), there.close()])
  })

  it('cancels what the other one has taken up just now, of which the store does not say so yet', async () => {
    const [here, there] = pair()
    const first = hostOf(here, asking())
    await first.start('Asking', 'a', { runId: 'r' })
    expect(await first.pause('r')).toBe(true)
    const second = hostOf(there, asking())
    await second.resume('r')
    expect(await first.cancel('r')).toBe(true)
    expect((await there.get('r'))?.status).toBe('cancelled')
    await Promise.all([here.close(), there.close()])
  })
})

describe('a wish of a run whose process dies', () => {
  it('is fulfilled by whoever waits for it, if nobody else takes the run up', async () => {
    const store = new MemoryJournalStore()
    const { orchestration, reached } = gated()
    // Without a host, nobody looks for wishes.
    void orchestration.start('a', { store, runId: 'r' }).result.catch(() => undefined)
    await reached
    const there = store.reopen()
    const again = gated()
    const other = hostOf(there, again.orchestration)
    const cancelling = other.cancel('r', 'not wanted')
    await expect.poll(async () => (await wishesIn(there)).length).toBe(1)
    await store.close()
    expect(await cancelling).toBe(true)
    expect((await there.get('r'))?.status).toBe('cancelled')
    await expect.poll(async () => (await wishesIn(there)).length).toBe(0)
  })

  it.each(['pause', 'cancel'] as const)('is fulfilled by whoever takes the run up later (%s)', async wish => {
    const store = new MemoryJournalStore()
    const { orchestration, reached } = gated()
    void orchestration.start('a', { store, runId: 'r' }).result.catch(() => undefined)
    await reached
    const asker = hostOf(store.reopen(), orchestration)
    expect(await asker[wish]('r', { patienceMs: 0 } as never, { patienceMs: 0 } as never)).toBe(false)
    await store.close()
    const there = store.reopen()
    const { orchestration: next, open, invoked } = gated()
    const host = hostOf(there, next)
    open()
    expect((await host.recover()).runIds).toEqual(['r'])
    const status = wish === 'pause' ? 'paused' : 'cancelled'
    await expect.poll(async () => (await there.get('r'))?.status).toBe(status)
    await expect.poll(async () => (await wishesIn(there)).length).toBe(0)
    expect(invoked).not.toContain('Third')
  })

  it('is forgotten once the run has ended without it', async () => {
    const store = new MemoryJournalStore()
    const { orchestration, open, reached } = gated()
    const run = orchestration.start('a', { store, runId: 'r' })
    await reached
    const other = hostOf(store.reopen(), gated().orchestration)
    expect(await other.cancel('r', 'no', { patienceMs: 0 })).toBe(false)
    open()
    expect(await run.result).toBe('a!')
    expect(await wishesIn(store)).toHaveLength(1)
    await other.recover()
    expect(await wishesIn(store)).toEqual([])
  })

  it('to pause it is over when somebody resumes it', async () => {
    const store = new MemoryJournalStore()
    const { orchestration, open, reached, invoked } = gated()
    const driver = hostOf(store, orchestration)
    const run = await driver.start('Gated', 'a', { runId: 'r' })
    await reached
    const other = hostOf(store.reopen(), gated().orchestration)
    expect(await other.pause('r', { patienceMs: 0 })).toBe(false)
    await driver.resume('r')
    open()
    expect(await run.result).toBe('a!')
    expect(invoked).toEqual(['First', 'Second', 'Third'])
  })

  it('to pause it is over also when somebody resumes what nobody drives any more', async () => {
    const store = new MemoryJournalStore()
    const { orchestration, reached } = gated()
    void orchestration.start('a', { store, runId: 'r' }).result.catch(() => undefined)
    await reached
    expect(await hostOf(store.reopen(), orchestration).pause('r', { patienceMs: 0 })).toBe(false)
    await store.close()
    const there = store.reopen()
    const { orchestration: next, open } = gated()
    open()
    const run = await hostOf(there, next).resume('r')
    expect(await run.result).toBe('a!')
    expect(await wishesIn(there)).toEqual([])
  })

  it('to cancel it takes the place of one to pause, also while states are at work', async () => {
    const store = new MemoryJournalStore()
    const { orchestration, reached } = gated()
    const driver = hostOf(store, orchestration)
    await driver.start('Gated', 'a', { runId: 'r' })
    await reached
    const other = hostOf(store.reopen(), gated().orchestration)
    const pausing = other.pause('r')
    await expect.poll(async () => (await wishesIn(store))[0]?.data).toContain('accepted')
    expect(await other.cancel('r')).toBe(true)
    expect(await pausing).toBe(false)
    await expect.poll(async () => (await wishesIn(store)).length).toBe(0)
  })
})

describe('a run that one host has paused and another one gone on with', () => {
  it('is not confused with one that is answered while it is paused', async () => {
    const store = new MemoryJournalStore()
    const host = hostOf(store, asking())
    const run = await host.start('Asking', 'a', { runId: 'r' })
    await host.pause('r')
    const { seq = 0 } = (await store.get('r')) ?? {}
    await (await host.journalOf('r')).approve('r', 'Review')
    await expect.poll(async () => (await store.get('r'))?.seq).toBe(seq + 1)
    await host.recover()
    expect([host.driven('r'), (await store.get('r'))?.status]).toEqual([run, 'paused'])
    expect(await host.resume('r')).toBe(run)
    expect(await run.result).toMatchObject({ outcome: 'approved' })
  })

  it('is not confused with one that has gone on here, and been paused again, while the store was asked', async () => {
    const store = new MemoryJournalStore()
    const answer = moment()
    const asked = moment()
    let isSlow = false
    const slow = new Proxy(store, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target)
        if (key !== 'read') return typeof value === 'function' ? (value.bind(target) as unknown) : value
        return async (runId: string, from: number) => {
          if (isSlow) asked.come()
          if (isSlow) await answer.promise
          return target.read(runId, from)
        }
      },
    })
    const host = hostOf(slow, asking())
    const run = await host.start('Asking', 'a', { runId: 'r' })
    await host.pause('r')
    await host.recover()
    isSlow = true
    const resuming = host.resume('r')
    await asked.promise
    run.resume()
    await expect.poll(async () => (await store.get('r'))?.status).toBe('running')
    await run.pause()
    isSlow = false
    answer.come()
    expect(await resuming).toBe(run)
    expect([run.status, host.driven('r')]).toEqual(['running', run])
  })

  it('is taken up again by the first when the other one dies', async () => {
    const store = new MemoryJournalStore()
    const first = hostOf(store, asking())
    await first.start('Asking', 'a', { runId: 'r' })
    await first.pause('r')
    const there = store.reopen()
    await hostOf(there, asking()).resume('r')
    await expect.poll(async () => (await store.get('r'))?.status).toBe('running')
    await there.close()
    expect((await first.recover()).runIds).toEqual(['r'])
    await (await first.journalOf('r')).approve('r', 'Review')
    expect(await first.driven('r')?.result).toMatchObject({ outcome: 'approved' })
  })
})
