import { describe, expect, it } from 'vitest'
import { RateLimit, RateLimitError, RateLimiter, rateLimit, retry } from '../../src/resilience/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { begin, machine, rejection, step } from '../core/machines.js'

/** When each of so many calls that come at once begins. */
async function turns(calls: number, options: ConstructorParameters<typeof RateLimiter>[0]) {
  const clock = new ManualClock()
  const limiter = new RateLimiter({ clock, ...options })
  const begun: number[] = []
  for (let call = 0; call < calls; call++) void limiter.acquire().then(() => begun.push(clock.now()))
  await clock.advance(100_000)
  return { begun, left: clock.pendingTimers, limiter }
}

describe('rate limit', () => {
  it('lets so many begin in any interval, and the others in their turn', async () => {
    const { begun, left, limiter } = await turns(8, { limit: 3, intervalMs: 1000 })
    expect(begun).toEqual([0, 0, 0, 1000, 1000, 1000, 2000, 2000])
    expect([left, limiter.waiting]).toEqual([0, 0])
  })

  it('never lets more than the limit begin in any window, however they come', async () => {
    const clock = new ManualClock()
    const limiter = new RateLimiter({ clock, limit: 4, intervalMs: 100 })
    const begun: number[] = []
    const gaps = [0, 30, 0, 0, 55, 10, 0, 3, 90, 0, 0, 0, 0, 0, 120, 1, 1, 1, 1, 1, 1, 40, 0, 0]
    for (const gap of gaps) {
      await clock.advance(gap)
      void limiter.acquire().then(() => begun.push(clock.now()))
    }
    await clock.advance(10_000)
    expect(begun).toHaveLength(gaps.length)
    for (let call = 4; call < begun.length; call++) {
      expect((begun[call] as number) - (begun[call - 4] as number)).toBeGreaterThanOrEqual(100)
    }
  })

  it('gives the turn of one that is aborted to those behind', async () => {
    const clock = new ManualClock()
    const limiter = new RateLimiter({ clock, limit: 1, intervalMs: 1000 })
    const begun: string[] = []
    const controller = new AbortController()
    const call = (name: string, signal?: AbortSignal) =>
      limiter.acquire(signal).then(
        () => begun.push(`${name} at ${clock.now()}`),
        (error: Error) => begun.push(`${name}: ${error.message}`),
      )
    void call('a')
    void call('b', controller.signal)
    void call('c')
    void call('d')
    await clock.advance(500)
    controller.abort(new Error('gone'))
    await clock.advance(5000)
    expect(begun).toEqual(['a at 0', 'b: gone', 'c at 1000', 'd at 2000'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('refuses at once what would have to wait too long, and says when to come back', async () => {
    const clock = new ManualClock()
    const limiter = new RateLimiter({ clock, limit: 1, intervalMs: 1000, maxWaitMs: 500, name: 'search' })
    await limiter.acquire()
    await clock.advance(300)
    const error = await rejection(limiter.acquire())
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      retryAfterMs: 700,
      message: 'Rate limit "search" allows 1 calls in 1000 ms; the next turn is in 700 ms.',
    })
    await clock.advance(200)
    const waited = limiter.acquire()
    await clock.advance(500)
    await waited
  })

  it('around a state waits on the clock of the run, or is refused and retried when it says', async () => {
    const limited = (maxWaitMs: number) => {
      const state = step<unknown, unknown>('A', (_, context) => context.now())
      return machine(
        state.configure({
          interceptors: [retry({ initialDelayMs: 1 }), rateLimit({ limit: 1, intervalMs: 1000, maxWaitMs })],
        }) as never,
      )
    }
    for (const [maxWaitMs, retries] of [
      [Infinity, 0],
      [0, 1],
    ] as const) {
      const orchestration = limited(maxWaitMs)
      const clock = new ManualClock()
      const first = begin(orchestration, 1 as never, { clock })
      const second = begin(orchestration, 1 as never, { clock })
      await clock.advance(1000)
      expect(await Promise.all([first.run.result, second.run.result])).toEqual([0, 1000])
      expect(second.events.ofType('state.retrying')).toHaveLength(retries)
    }
  })

  it('ends the wait at once when the run is cancelled, and leaves no timer', async () => {
    const limiter = new RateLimiter({ limit: 1, intervalMs: 60_000 })
    const orchestration = machine(
      step<unknown, unknown>('A', input => input).configure({ interceptors: [rateLimit({ limiter })] }) as never,
    )
    const clock = new ManualClock()
    const [first, second] = [1, 2].map(input => orchestration.start(input, { clock }))
    await clock.advance(10)
    expect(await first?.result).toBe(1)
    expect(limiter.waiting).toBe(1)
    second?.cancel()
    await rejection((second as NonNullable<typeof second>).result)
    expect([limiter.waiting, clock.pendingTimers]).toEqual([0, 0])
  })

  it.each([
    [{ intervalMs: 1 }, 'Option `limit` must be a whole number of at least 1, but is undefined (undefined).'],
    [{ limit: 1 }, 'Option `intervalMs` must be a number of milliseconds above 0, but is undefined (undefined).'],
    [
      { limit: 1, intervalMs: 1, maxWaitMs: -1 },
      'Option `maxWaitMs` must be a number of at least 0, but is -1 (number).',
    ],
  ])('refuses %o', (options, message) => {
    expect(() => rateLimit(options as never)).toThrow(message)
    expect(() => RateLimit(options as never)).toThrow(message)
  })
})

describe('a rate limiter at its edges', () => {
  it('with an endless interval lets so many through and no more', async () => {
    const limiter = new RateLimiter({ limit: 2, intervalMs: Infinity, maxWaitMs: 0, clock: new ManualClock() })
    await limiter.acquire()
    await limiter.acquire()
    expect(await rejection(limiter.acquire())).toBeInstanceOf(RateLimitError)
  })

  it('without a limit lets all through', async () => {
    const limiter = new RateLimiter({ limit: Infinity, intervalMs: 1, maxWaitMs: 0, clock: new ManualClock() })
    for (let call = 0; call < 1000; call++) await limiter.acquire()
    expect(limiter.waiting).toBe(0)
  })

  it('gives no turn to a call that is aborted already', async () => {
    const limiter = new RateLimiter({ limit: 1, intervalMs: 10, maxWaitMs: 0, clock: new ManualClock() })
    expect(await rejection(limiter.acquire(AbortSignal.abort(new Error('gone'))))).toMatchObject({ message: 'gone' })
    await limiter.acquire()
  })

  it.each([
    [undefined, 'Option `options` must be an object, but is undefined (undefined).'],
    [{ limiter: {} }, 'Option `limiter` must be a RateLimiter, but is [object Object] (object).'],
    [{ limiter: undefined }, 'Option `limiter` must be a RateLimiter, but is undefined (undefined).'],
  ])('refuses %o as options', (options, message) => {
    expect(() => rateLimit(options as never)).toThrow(message)
  })
})
