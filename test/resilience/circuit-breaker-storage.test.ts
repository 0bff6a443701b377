import { describe, expect, it } from 'vitest'
import { MemoryJournalStore, StoredCircuitBreakers } from '../../src/durability/index.js'
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitBreakerStorage,
  CircuitOpenError,
  circuitBreaker,
} from '../../src/resilience/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { machine, rejection, step } from '../core/machines.js'

const boom = async () => Promise.reject(new Error('boom'))
const fine = async () => Promise.resolve('fine')

/** Breakers of several processes, which have the store and the time in common. */
function processes(options: CircuitBreakerOptions = {}) {
  const store = new MemoryJournalStore()
  const clock = new ManualClock()
  const start = () => {
    const storage = new StoredCircuitBreakers(store.reopen())
    return new CircuitBreaker({ name: 'search', clock, storage, failureThreshold: 3, ...options })
  }
  const stored = async () => (await store.document('breakers', 'search'))?.data
  return { store, clock, start, stored }
}

async function failTimes(breaker: CircuitBreaker, times: number) {
  for (let time = 0; time < times; time++) await rejection(breaker.call(boom))
}

describe('a circuit breaker with a storage (S2-32, S3-34)', () => {
  it('is open in every process from the next call on, and in one that begins later', async () => {
    const { start } = processes()
    const [first, second] = [start(), start()]
    await second.call(fine)
    await failTimes(first, 3)
    expect(await rejection(second.call(fine))).toBeInstanceOf(CircuitOpenError)
    expect(second.state).toEqual({ kind: 'open', since: 0, retryAt: 30_000 })
    expect(await rejection(start().call(fine))).toBeInstanceOf(CircuitOpenError)
  })

  it('counts failures of all processes together, and a success of one ends the row for all', async () => {
    const { start } = processes()
    const [first, second] = [start(), start()]
    await failTimes(first, 1)
    await failTimes(second, 1)
    await first.call(fine)
    await failTimes(second, 2)
    expect(second.state).toEqual({ kind: 'closed', failures: 2 })
    await failTimes(first, 1)
    expect(first.state.kind).toBe('open')
  })

  it('loses no failure of calls that end at the same time', async () => {
    const { start } = processes({ failureThreshold: 20 })
    const all = Array.from({ length: 4 }, start)
    await Promise.all(all.flatMap(breaker => Array.from({ length: 4 }, () => rejection(breaker.call(boom)))))
    const late = start()
    await late.call(() => expect(late.state).toEqual({ kind: 'closed', failures: 16 }))
  })

  it('is tried by each process after its time, and closes in all when one has succeeded', async () => {
    const { start, clock } = processes()
    const [first, second] = [start(), start()]
    await failTimes(first, 3)
    await rejection(second.call(fine))
    await clock.advance(30_000)
    expect(await first.call(fine)).toBe('fine')
    await second.call(() => expect(second.state).toEqual({ kind: 'closed', failures: 0 }))
  })

  it('opens again for all when a trial call fails', async () => {
    const { start, clock } = processes()
    const [first, second] = [start(), start()]
    await failTimes(first, 3)
    await clock.advance(30_000)
    await failTimes(second, 1)
    expect(await rejection(first.call(fine))).toBeInstanceOf(CircuitOpenError)
    expect(first.state).toEqual({ kind: 'open', since: 30_000, retryAt: 60_000 })
  })

  it('writes nothing as long as nothing changes', async () => {
    const { start, stored, store } = processes()
    const breaker = start()
    await breaker.call(fine)
    expect(await stored()).toBeUndefined()
    await failTimes(breaker, 3)
    for (let time = 0; time < 5; time++) await rejection(breaker.call(fine))
    expect((await store.document('breakers', 'search'))?.revision).toBe(3)
  })

  it.each([
    ['load', 'read'],
    ['save', 'written'],
  ] as const)('goes on by itself and says so once when %s fails', async (method, what) => {
    const warnings: string[] = []
    const { store } = processes()
    const storage: CircuitBreakerStorage = new StoredCircuitBreakers(store)
    const failing = {
      load: storage.load.bind(storage),
      save: storage.save.bind(storage),
      [method]: async () => Promise.reject(new Error('disk full')),
    }
    const logger = { warn: (message: string, error: Error) => void warnings.push(`${message}: ${error.message}`) }
    const breaker = new CircuitBreaker({ name: 'search', storage: failing, logger, failureThreshold: 2 })
    expect(await breaker.call(fine)).toBe('fine')
    await failTimes(breaker, 2)
    expect(await rejection(breaker.call(fine))).toBeInstanceOf(CircuitOpenError)
    expect(warnings).toEqual([
      `The state of circuit breaker "search" could not be ${what}; it goes on with what it knows: disk full`,
    ])
  })

  it('takes stored nonsense for a failure of the storage, and replaces it', async () => {
    const warnings: string[] = []
    const logger = { warn: (_: string, error: Error) => void warnings.push(error.message) }
    const { start, store, stored } = processes({ logger })
    const data = '{"kind":"open","since":"__proto__","retryAt":-1}'
    await store.write([{ collection: 'breakers', id: 'search', data }])
    const breaker = start()
    expect(await breaker.call(fine)).toBe('fine')
    expect(warnings).toEqual([expect.stringContaining('snapshot.since')])
    await failTimes(breaker, 1)
    expect(await stored()).toBe('{"kind":"closed","failures":1}')
  })

  it('gives up a call rather than hold it up if others always come first', async () => {
    let saves = 0
    const storage: CircuitBreakerStorage = {
      load: async () => Promise.resolve(undefined),
      save: async () => Promise.resolve(saves++ < 0),
    }
    await failTimes(new CircuitBreaker({ storage }), 1)
    expect(saves).toBe(20)
  })

  it('guards states, by the name of the state, with a change as an event', async () => {
    const store = new MemoryJournalStore()
    const clock = new ManualClock()
    const changes: string[] = []
    const runIn = async (work: () => Promise<string>) => {
      const storage = new StoredCircuitBreakers(store.reopen())
      const orchestration = machine(step('Search', work)).configure({
        interceptors: [circuitBreaker({ failureThreshold: 1, storage })],
        clock,
      })
      const run = orchestration.start('x')
      const events = new EventRecorder(run.events$)
      const outcome = await rejection(run.result)
      for (const event of events.events)
        if (event.type === 'breaker.changed') changes.push(`${event.from} → ${event.to}`)
      return outcome
    }
    await runIn(boom)
    expect(await runIn(fine)).toMatchObject({ cause: { code: 'CIRCUIT_OPEN' } })
    expect(changes).toEqual(['closed → open', 'closed → open'])
  })

  it('does not share a key with different storages', () => {
    const [a, b] = [
      new StoredCircuitBreakers(new MemoryJournalStore()),
      new StoredCircuitBreakers(new MemoryJournalStore()),
    ]
    circuitBreaker({ key: 'stored breaker', storage: a })
    circuitBreaker({ key: 'stored breaker', storage: a })
    expect(() => circuitBreaker({ key: 'stored breaker', storage: b })).toThrow('in use with other options')
  })
})
