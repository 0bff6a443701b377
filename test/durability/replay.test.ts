import { describe, expect, it } from 'vitest'
import type { OrchestrationEvent } from '../../src/core/index.js'
import { Journal, type ReplayOptions } from '../../src/durability/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { Machine, slow } from '../core/machines.js'
import { approval, Draft, ended, everythingOf, keep, linear, nested, type Sample } from './recorded-runs.js'

/** States that take 100, 50 and 1000 milliseconds. */
function unhurried(): Sample {
  return new Machine(
    slow('A', 100).addAdvancer(slow('B', 50).addAdvancer(slow('C', 1000) as never) as never),
  ) as unknown as Sample
}

/** Everything a replay tells. */
function collected(journal: Journal<never, unknown>, options?: ReplayOptions) {
  const told: OrchestrationEvent[] = []
  const replay = { told, completed: false, error: undefined as (Error & { code?: string }) | undefined }
  const subscription = journal.replay('run', options).subscribe({
    next: event => told.push(event),
    error: (thrown: Error) => {
      replay.error = thrown
    },
    complete: () => {
      replay.completed = true
    },
  })
  return Object.assign(replay, { subscription })
}

const turns = new ManualClock()

describe('replaying a run (S1-63)', () => {
  it.each([
    [linear, 1],
    [approval, Draft.of('T')],
    [nested, 1],
  ] as const)(
    'tells its events as they were told live, and completes; nothing is invoked and nothing changes',
    async (make, input) => {
      const { journal, events, store } = await ended(make(), input)
      const before = await everythingOf(store)
      const replay = collected(journal)
      await turns.advance(0)
      expect(replay.told).toEqual(events.events)
      expect(replay.completed).toBe(true)
      expect(await everythingOf(store)).toEqual(before)
    },
  )

  it('begins with the event that is wanted; past the last there is none', async () => {
    const { journal, events } = await ended(linear(), 1)
    for (const from of [0, 3, events.events.length - 1, events.events.length, Number.MAX_SAFE_INTEGER]) {
      const replay = collected(journal, { from })
      await turns.advance(0)
      expect(replay).toMatchObject({ told: events.events.slice(from), completed: true })
    }
  })

  it('goes as far as the run has come, and does not wait for more', async () => {
    const { journal, events, clock, run } = keep(approval(), Draft.of('T'))
    await clock.advance(0)
    const replay = collected(journal)
    await turns.advance(0)
    expect(replay).toMatchObject({ told: events.events, completed: true })
    expect(run.status).toBe('running')
  })

  it.each([1, 2, 10, 0.5])('with original timing takes as long as the run took, %d times as fast', async speed => {
    const { store, events } = await ended(unhurried(), 1)
    const clock = new ManualClock(50_000_000)
    const journal = new Journal(unhurried().configure({ clock }), { store })
    const replay = collected(journal, { timing: 'original', speed })
    const began = events.events[0]?.at as number
    const until = (ms: number) => events.events.filter(event => event.at - began <= ms)
    for (const [from, to] of [
      [0, 0],
      [0, 99],
      [99, 100],
      [100, 150],
      [150, 1149],
      [1149, 1150],
    ] as const) {
      await clock.advance((to - from) / speed)
      expect(replay.told).toEqual(until(to))
    }
    expect(replay.completed).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('with original timing tells the first wanted event at once', async () => {
    const { store, events } = await ended(unhurried(), 1)
    const clock = new ManualClock(0)
    const from = events.events.findIndex(event => event.type === 'state.completed')
    const replay = collected(new Journal(unhurried().configure({ clock }), { store }), { timing: 'original', from })
    await clock.advance(0)
    expect(replay.told[0]).toEqual(events.events[from])
    await clock.advance(1050)
    expect(replay).toMatchObject({ told: events.events.slice(from), completed: true })
  })

  it('stops when nobody listens any more, and leaves no timer behind', async () => {
    const { store } = await ended(unhurried(), 1)
    const clock = new ManualClock(0)
    const journal = new Journal(unhurried().configure({ clock }), { store })
    const replay = collected(journal, { timing: 'original' })
    await clock.advance(50)
    const told = replay.told.length
    replay.subscription.unsubscribe()
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(10_000)
    expect(replay).toMatchObject({ completed: false, error: undefined })
    expect(replay.told).toHaveLength(told)
    // Before the first event, and in the middle of telling.
    const early = collected(journal, { timing: 'original' })
    early.subscription.unsubscribe()
    const heard: OrchestrationEvent[] = []
    const only = journal.replay('run').subscribe(event => {
      heard.push(event)
      only.unsubscribe()
    })
    await clock.advance(0)
    expect(early.told).toEqual([])
    expect(heard).toHaveLength(1)
  })

  it('can be subscribed to again, and by several', async () => {
    const { journal, events } = await ended(linear(), 1)
    const told: OrchestrationEvent[][] = [[], []]
    const replay = journal.replay('run')
    for (const each of told) replay.subscribe(event => each.push(event))
    await turns.advance(0)
    expect(told).toEqual([events.events, events.events])
  })

  it('errors for a run that is not there, and refuses what is no speed and no timing', async () => {
    const { journal, store } = await ended(linear(), 1)
    await journal.delete('run')
    const replay = collected(journal)
    await turns.advance(0)
    expect(replay).toMatchObject({ told: [], completed: false, error: { code: 'RUN_UNKNOWN' } })
    for (const speed of [0, -1, Number.NaN]) {
      expect(() => journal.replay('run', { speed })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    }
    expect(() => journal.replay('run', { timing: 'slow' as never })).toThrow('timing')
    await store.close()
  })
})
