import { describe, expect, it } from 'vitest'
import type { RunContext } from '../../src/core/index.js'
import {
  Bulkhead,
  BulkheadFullError,
  bulkhead,
  ConcurrencyLimiter,
  rateLimit,
  retry,
  timeout,
} from '../../src/resilience/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { begin, each, machine, rejection, step } from '../core/machines.js'

/** A state that works for 100 ms, and what it saw. */
function working(name: string) {
  const seen = { atWork: 0, most: 0, calls: 0 }
  const state = step<unknown, unknown>(name, async (input, context: RunContext) => {
    seen.calls++
    seen.most = Math.max(seen.most, ++seen.atWork)
    try {
      await context.sleep(100)
      return input
    } finally {
      seen.atWork--
    }
  })
  return { state, seen }
}

describe('bulkhead', () => {
  it('lets so many invocations of a state work at once, over all runs, and the others in their turn', async () => {
    const { state, seen } = working('A')
    const items = step<unknown, readonly number[]>('Items', () => [1, 2, 3, 4, 5])
    const orchestration = machine(
      items.setAdvancer(each<number>('A')),
      state.configure({ interceptors: [bulkhead({ maxConcurrent: 2 })] }),
    )
    const clock = new ManualClock()
    const runs = [orchestration.start(1, { clock }), orchestration.start(1, { clock })]
    await clock.advance(400)
    expect(runs.map(({ status }) => status)).toContain('running')
    await clock.advance(100)
    expect(runs.map(({ results }) => results)).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ])
    expect(seen).toEqual({ atWork: 0, most: 2, calls: 10 })
  })

  it('refuses what its queue has no place for', async () => {
    const { state, seen } = working('A')
    const orchestration = machine(
      state.configure({ interceptors: [bulkhead({ maxConcurrent: 1, maxQueue: 1 })] }) as never,
    )
    const clock = new ManualClock()
    const runs = [1, 2, 3].map(async input => orchestration.run(input, { clock }))
    const refused = rejection(runs[2] as Promise<unknown>)
    await clock.advance(200)
    expect(await Promise.all(runs.slice(0, 2))).toEqual([1, 2])
    expect((await refused).cause).toBeInstanceOf(BulkheadFullError)
    expect((await refused).cause).toMatchObject({
      code: 'BULKHEAD_FULL',
      retryable: true,
      message: 'Bulkhead "A" is full: 1 calls are at work, 1 wait, and no more may wait.',
    })
    expect(seen.calls).toBe(2)
  })

  it('gives places and slots back at once when runs are cancelled, also if the state does not heed its signal', async () => {
    const limiter = new ConcurrencyLimiter({ maxConcurrent: 1 })
    const state = step<string, string>('A', async input =>
      input === 'hang' ? new Promise<never>(() => undefined) : input,
    ).configure({ interceptors: [bulkhead({ limiter })] })
    const orchestration = machine<string, string>(state as never)
    const clock = new ManualClock()
    const [hanging, waiting] = ['hang', 'b'].map(input => orchestration.start(input, { clock }))
    const last = orchestration.run('c', { clock })
    await clock.advance(0)
    expect([limiter.atWork, limiter.waiting]).toEqual([1, 2])
    waiting?.cancel()
    expect([limiter.atWork, limiter.waiting]).toEqual([1, 1])
    hanging?.cancel()
    expect(await last).toBe('c')
    expect([limiter.atWork, limiter.waiting]).toEqual([0, 0])
  })

  it('gives the slot back when an attempt times out inside', async () => {
    const limiter = new ConcurrencyLimiter({ maxConcurrent: 1, name: 'one' })
    const state = step('A', async () => new Promise<never>(() => undefined)).configure({
      interceptors: [retry({ initialDelayMs: 0 }), bulkhead({ limiter }), timeout({ timeoutMs: 10 })],
    })
    const { clock, run } = begin(machine(state), 1)
    await clock.advance(30)
    expect((await rejection(run.result)).cause).toMatchObject({ attempts: 3, cause: { code: 'STATE_TIMED_OUT' } })
    expect(limiter.atWork).toBe(0)
  })

  it('is one for each state of a class, or shared by key', async () => {
    const most = async (first: object, second: object) => {
      const seen = { atWork: 0, most: 0 }
      const make = (name: string, options: object) =>
        step<unknown, unknown>(name, async (input, context: RunContext) => {
          seen.most = Math.max(seen.most, ++seen.atWork)
          await context.sleep(10)
          seen.atWork--
          return input
        }).configure({ interceptors: [bulkhead(options as never)] })
      const clock = new ManualClock()
      const runs = [make('A', first), make('B', second)].map(async state => machine(state as never).run(1, { clock }))
      await clock.advance(20)
      await Promise.all(runs)
      return seen.most
    }
    expect(await most({ maxConcurrent: 1 }, { maxConcurrent: 1 })).toBe(2)
    const shared = { maxConcurrent: 1, key: 'most' }
    expect(await most(shared, { ...shared })).toBe(1)
    expect(() => bulkhead({ maxConcurrent: 2, key: 'most' })).toThrow('Option `key` must be one that is not in use')
  })

  it('does not count a slot twice that is given back twice', async () => {
    const limiter = new ConcurrencyLimiter({ maxConcurrent: 2 })
    const release = await limiter.acquire()
    await limiter.acquire()
    release()
    release()
    expect(limiter.atWork).toBe(1)
    expect(await rejection(limiter.acquire(AbortSignal.abort(new Error('gone'))))).toMatchObject({ message: 'gone' })
    expect(limiter.atWork).toBe(1)
  })

  it.each([
    [{}, 'Option `maxConcurrent` must be a whole number of at least 1, but is undefined (undefined).'],
    [{ maxConcurrent: 0 }, 'Option `maxConcurrent` must be a whole number of at least 1, but is 0 (number).'],
    [{ maxConcurrent: 1, maxQueue: -1 }, 'Option `maxQueue` must be a whole number of at least 0, but is -1 (number).'],
    [{ maxConcurrent: 1, key: '' }, 'Option `key` must be a non-empty string, but is "" (string).'],
    [
      { limiter: new ConcurrencyLimiter({ maxConcurrent: 1 }), maxQueue: 3 },
      'Option `maxQueue` must be left out where `limiter` is given, but is 3 (number).',
    ],
  ])('refuses %o', (options, message) => {
    expect(() => bulkhead(options as never)).toThrow(message)
    expect(() => Bulkhead(options as never)).toThrow(message)
  })

  it('and a rate limit do not hold a slot while they wait for a turn', async () => {
    const limiter = new ConcurrencyLimiter({ maxConcurrent: 1 })
    const state = step<unknown, unknown>('A', input => input).configure({
      interceptors: [rateLimit({ limit: 1, intervalMs: 1000 }), bulkhead({ limiter })],
    })
    const clock = new ManualClock()
    const orchestration = machine(state as never)
    const runs = [1, 2].map(async input => orchestration.run(input, { clock }))
    await clock.advance(500)
    expect(limiter.atWork).toBe(0)
    await clock.advance(500)
    expect(await Promise.all(runs)).toEqual([1, 2])
  })
})
