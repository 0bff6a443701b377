import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  CollectRunnable,
  DelayRunnable,
  type Orchestration,
  type OrchestrationEvent,
  type OrchestrationRunnable,
  type StateFailure,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import type { MemoryJournalStore } from '../../src/durability/index.js'
import { fail, fork, machine, pass, rejection, slow, step } from '../core/machines.js'
import { ProbedStore } from './probed-store.js'
import { begun, type Driven, restarted } from './restart.js'

/** Somebody who observes run `r`. */
function watching(orchestration: Orchestration<never, unknown>, store: MemoryJournalStore, from?: number) {
  const events: OrchestrationEvent[] = []
  const seen: { events: OrchestrationEvent[]; completed: boolean; error?: Error & { code?: string } } = {
    events,
    completed: false,
  }
  const subscription = orchestration.observe('r', { store, ...(from === undefined ? {} : { from }) }).subscribe({
    next: event => events.push(event),
    error: thrown => {
      seen.error = thrown as Error
    },
    complete: () => {
      seen.completed = true
    },
  })
  return { seen, subscription }
}

/** All kinds of things happen: a fan-out, a join, a failure that is handled, events of its own, a run inside, an approval. */
function busy(): Orchestration<number, unknown> {
  const inner = machine<unknown, unknown>(pass('In').addAdvancer(slow('Side', 5)))
  const sub = new SubOrchestrationRunnable(inner).configure({ name: 'Sub' }).addAdvancer('Join')
  const tells = step<unknown, unknown>('Tells', (_, context) => {
    context.emit({ type: 'custom', name: 'hello', data: { at: new Date(3) } })
    context.usage({ model: 'm', inputTokens: 1 })
    return 'told'
  }).addAdvancer('Join')
  const broken = fail('Broken').onError(
    step<StateFailure<unknown>, unknown>('Rescue', ({ stateName }) => stateName).addAdvancer('Join'),
  )
  const join = new CollectRunnable<unknown>().configure({ name: 'Join' })
  const ask = new ApprovalRunnable<readonly unknown[]>().configure({ name: 'Ask' })
  const delay = new DelayRunnable<unknown>(5).configure({ name: 'Delay' })
  return machine<number, unknown>(
    fork('Fork', sub, tells, broken as OrchestrationRunnable<unknown, unknown>),
    join.addAdvancer(ask as OrchestrationRunnable<readonly unknown[], unknown>),
    ask.addAdvancer(delay as OrchestrationRunnable<unknown, unknown>),
  )
}

async function toTheEnd({ run, clock }: Driven<unknown>): Promise<void> {
  for (let turns = 0; turns < 50 && run.status !== 'completed'; turns++) {
    await clock.advance(1)
    if (run.requests.length > 0) await run.approve('Ask', { by: 'me' })
  }
  await run.result
}

describe('observing a run', () => {
  it('gives what its own subscribers got, deep equal, from every number on', async () => {
    for (const snapshotEvery of [1, 5, 500]) {
      const first = begun(busy(), 1, { snapshotEvery })
      await toTheEnd(first)
      const live = first.events.events
      expect(live.length).toBeGreaterThan(30)
      for (let from = 0; from <= live.length; from++) {
        const { seen } = watching(busy(), first.store.reopen(), from)
        await first.clock.advance(0)
        expect(seen.events).toEqual(live.slice(from))
        expect([seen.completed, seen.error]).toEqual([true, undefined])
      }
    }
  })

  it('has no gap and no duplicate, whenever it begins, and across restarts', async () => {
    for (const snapshotEvery of [1, 4, 500]) {
      const watchers: { from: number; seen: ReturnType<typeof watching>['seen'] }[] = []
      let driven: Driven<unknown> = begun(busy(), 1, { snapshotEvery })
      const told = new Map<number, OrchestrationEvent>()
      const join = (): void => {
        for (const from of [0, 7, 1000]) watchers.push({ from, ...watching(busy(), driven.store.reopen(), from) })
      }
      for (let process = 0; process < 4; process++) {
        for (let ms = 0; ms < 3; ms++) {
          await driven.clock.advance(1)
          join()
        }
        for (const event of driven.events.events) told.set(event.seq, event)
        driven = await restarted(driven, busy(), { snapshotEvery })
      }
      await toTheEnd(driven)
      for (const event of driven.events.events) told.set(event.seq, event)
      const all = [...told.values()]
      expect(all.map(event => event.seq)).toEqual([...all.keys()])
      expect(all.filter(event => event.type === 'orchestration.resumed' && event.path === undefined)).toHaveLength(4)
      for (const { from, seen } of watchers) {
        expect(seen.events).toEqual(all.slice(from))
        expect([seen.completed, seen.error]).toEqual([true, undefined])
      }
    }
  })

  it('gives values as instances, and tells who is inside of whom', async () => {
    const first = begun(busy(), 1)
    await toTheEnd(first)
    const { seen } = watching(busy(), first.store)
    await first.clock.advance(0)
    const custom = seen.events.find(event => event.type === 'custom')
    expect(custom).toMatchObject({ data: { at: new Date(3) }, stateName: 'Tells' })
    expect(seen.events.filter(event => event.path?.join() === 'Sub')).toHaveLength(7)
    expect(new Set(seen.events.map(event => event.runId))).toEqual(new Set(['r']))
  })

  it('completes after the last event, also of a run that fails or is cancelled', async () => {
    const failing = begun(machine(fail('A')), 1)
    const { seen } = watching(machine(fail('A')), failing.store)
    await rejection(failing.run.result)
    await failing.clock.advance(0)
    // The run was not there yet when the observer came.
    expect(seen.error).toMatchObject({ code: 'RUN_UNKNOWN' })
    const { seen: later } = watching(machine(fail('A')), failing.store)
    await failing.clock.advance(0)
    expect([later.events.at(-1)?.type, later.completed]).toEqual(['orchestration.failed', true])
    const cancelled = begun(machine(slow('A', 10)), 1)
    await cancelled.clock.advance(0)
    const { seen: last } = watching(machine(slow('A', 10)), cancelled.store.reopen())
    await cancelled.clock.advance(0)
    cancelled.run.cancel('enough')
    await cancelled.clock.advance(0)
    expect([last.events.at(-1)?.type, last.completed]).toEqual(['orchestration.cancelled', true])
  })

  it('goes on through the end of a run inside it', async () => {
    const inner = machine<unknown, unknown>(fail('Broken'))
    const make = () =>
      machine<number, unknown>(
        new SubOrchestrationRunnable(inner)
          .configure({ name: 'Sub' })
          .onError(pass<unknown>('Rescue') as never) as never,
      )
    const first = begun(make(), 1)
    await first.run.result
    const { seen } = watching(make(), first.store)
    await first.clock.advance(0)
    expect(seen.events).toEqual(first.events.events)
    expect(seen.completed).toBe(true)
  })

  it('errors with RUN_UNKNOWN for a run that was never started, and with DEFINITION_CHANGED for one of others', async () => {
    const { seen } = watching(busy(), new ProbedStore())
    await new Promise(resolve => setImmediate(resolve))
    expect([seen.error?.code, seen.completed]).toEqual(['RUN_UNKNOWN', false])
    const first = begun(machine(pass('A')).configure({ name: 'Other' }), 1)
    await first.run.result
    const { seen: other } = watching(busy(), first.store)
    await first.clock.advance(0)
    expect(other.error).toMatchObject({ code: 'DEFINITION_CHANGED' })
  })

  it('ends its watch on the store when nobody listens any more, and when it has ended', async () => {
    let watches = 0
    class Watched extends ProbedStore {
      override watch(runId: string, listener: () => void): () => void {
        watches++
        const stop = super.watch(runId, listener)
        let stopped = false
        return () => {
          if (!stopped) watches--
          stopped = true
          stop()
        }
      }
    }
    const first = begun(machine(slow('A', 10)), 1, {}, new Watched())
    await first.clock.advance(0)
    const before = watches
    const { seen, subscription } = watching(machine(slow('A', 10)), first.store)
    const { seen: other } = watching(machine(slow('A', 10)), first.store)
    await first.clock.advance(0)
    expect(watches).toBe(before + 2)
    subscription.unsubscribe()
    expect(watches).toBe(before + 1)
    await first.clock.advance(10)
    expect(seen.completed).toBe(false)
    expect(other.completed).toBe(true)
    expect(seen.events.at(-1)?.type).toBe('state.started')
    expect(watches).toBe(before)
  })

  it('tells a subscriber that leaves at an event nothing more', async () => {
    const first = begun(machine(pass('A').addAdvancer(pass('B'))), 1)
    await first.run.result
    const types: string[] = []
    const subscription = machine(pass('A').addAdvancer(pass('B')))
      .observe('r', { store: first.store })
      .subscribe(event => {
        types.push(event.type)
        if (event.type === 'state.started') subscription.unsubscribe()
      })
    await first.clock.advance(0)
    expect(types).toEqual(['orchestration.started', 'state.started'])
  })

  it('errors with JOURNAL_DAMAGED where the journal cannot be read, after what comes before', async () => {
    const first = begun(machine(slow('A', 10)), 1)
    await first.clock.advance(0)
    await first.store.append('r', 1, [{ seq: 2, at: 5, data: 'no json' }], {
      status: 'running',
      states: [],
      opened: [],
      closed: [],
    })
    const { seen } = watching(machine(slow('A', 10)), first.store.reopen())
    await first.clock.advance(0)
    expect(seen.events.map(event => event.type)).toEqual(['orchestration.started', 'state.started'])
    expect(seen.error).toMatchObject({ code: 'JOURNAL_DAMAGED', details: { runId: 'r', where: 'entry 2' } })
  })
})
