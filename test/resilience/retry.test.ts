import { describe, expect, it } from 'vitest'
import { CollectRunnable, JoinRunnable, OrchestrationRunnable, type RunContext } from '../../src/core/index.js'
import { OrchestrationError } from '../../src/errors/index.js'
import {
  Fallback,
  Retry,
  RetryError,
  type RetryOptions,
  retry,
  retryDelay,
  retryOptionsFrom,
} from '../../src/resilience/index.js'
import { PayloadError } from '../../src/schema/index.js'
import { EventRecorder, FailingRunnable, ManualClock } from '../../src/testing/index.js'
import { begin, fork, machine, rejection, say, step } from '../core/machines.js'

function flaky(failures: number, options: RetryOptions = {}, error?: (attempt: number) => unknown) {
  const failing = new FailingRunnable<unknown>({ failures, ...(error === undefined ? {} : { error }) })
  return failing.configure({ name: 'A', interceptors: [retry(options)] }) as typeof failing
}

async function retried(options: RetryOptions, failures = 3) {
  const { clock, run, events } = begin(machine(flaky(failures, options)), 'input')
  await clock.advance(1_000_000)
  return { delays: events.ofType('state.retrying').map(event => event.delayMs), run }
}

describe('retry (S3-33)', () => {
  it('S3-17 makes three attempts by default, one and two seconds apart, each an event', async () => {
    const { clock, run, events } = begin(machine(flaky(2)), 'input')
    await clock.advance(2999)
    expect(run.status).toBe('running')
    await clock.advance(1)
    expect(await run.result).toBe('input')
    expect(events.ofType('state.retrying')).toMatchObject([
      { stateName: 'A', token: '0:0', attempt: 1, delayMs: 1000, at: 0, errorMessage: 'Attempt 1 failed.' },
      { stateName: 'A', token: '0:0', attempt: 2, delayMs: 2000, at: 1000, error: { name: 'Error' } },
    ])
    expect(events.types.filter(type => type === 'state.started')).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
  })

  it('S3-17 fails with a typed error that carries the last error, the attempts and the state', async () => {
    const state = flaky(Infinity, { initialDelayMs: 0 })
    const failed = await rejection(machine(state).run('input'))
    expect(state.attempts).toBe(3)
    expect(failed.cause).toBeInstanceOf(RetryError)
    expect(failed.cause).toMatchObject({
      code: 'RETRIES_EXHAUSTED',
      attempts: 3,
      stateName: 'A',
      retryable: true,
      cause: { message: 'Attempt 3 failed.' },
      message: 'State "A" failed, and the last of 3 attempts failed like this: Attempt 3 failed.',
    })
    const once = await rejection(machine(flaky(1, { maxAttempts: 1 })).run('input'))
    expect(once.cause).toMatchObject({ attempts: 1, message: expect.stringContaining('there is only one attempt') })
  })

  it('backs off fixed, linearly, or exponentially up to a limit', async () => {
    const initialDelayMs = 100
    const delays = async (options: RetryOptions) =>
      (await retried({ initialDelayMs, maxAttempts: 5, ...options }, 4)).delays
    expect(await delays({ backoff: 'fixed' })).toEqual([100, 100, 100, 100])
    expect(await delays({ backoff: 'linear' })).toEqual([100, 200, 300, 400])
    expect(await delays({})).toEqual([100, 200, 400, 800])
    expect(await delays({ multiplier: 3, maxDelayMs: 500 })).toEqual([100, 300, 500, 500])
    expect(await delays({ initialDelayMs: 0 })).toEqual([0, 0, 0, 0])
    expect(retryDelay(5000)).toBe(60_000)
    expect(retryDelay(5000, { initialDelayMs: 0 })).toBe(0)
  })

  it('leaves a share of the wait to chance', async () => {
    const numbers = [0, 0.5, 0.999]
    const random = () => numbers.shift() as number
    const { delays } = await retried({ maxAttempts: 4, backoff: 'fixed', initialDelayMs: 1000, jitter: 0.5, random })
    expect(delays).toEqual([1000, 750, 500])
    expect(retryDelay(1, { jitter: 1, random: () => 0.25 })).toBe(750)
  })

  it('waits as long as the error asks for, if that is longer, but not longer than maxRetryAfterMs', async () => {
    const asking = (retryAfterMs: number) => (attempt: number) =>
      attempt === 1 ? Object.assign(new Error('slow down'), { retryAfterMs }) : new Error('again')
    const delays = async (error: (attempt: number) => unknown) => {
      const { clock, events } = begin(machine(flaky(2, { initialDelayMs: 100, jitter: 1 }, error)), 1)
      await clock.advance(1_000_000)
      return events.ofType('state.retrying').map(event => event.delayMs)[0]
    }
    expect(await delays(asking(5000))).toBe(5000)
    expect(await delays(() => new Error('wrapped', { cause: asking(7000)(1) }))).toBe(7000)
    const details = { code: 'MODEL_RATE_LIMITED', retryable: true, details: { retryAfterMs: 9000 } } as const
    expect(await delays(() => new OrchestrationError('limited', details))).toBe(9000)
    expect(await delays(asking(1))).toBeLessThanOrEqual(100)
    const failed = await rejection(machine(flaky(2, {}, asking(300_001))).run(1))
    expect(failed.cause).toMatchObject({ attempts: 1, message: expect.stringContaining('300001 ms') })
  })

  it('tries errors of this package again only if they are retryable, and any other', async () => {
    const attemptsFor = async (error: unknown, options: RetryOptions = {}) => {
      const state = flaky(Infinity, { initialDelayMs: 0, ...options }, () => error)
      const { cause } = await rejection(machine(state).run(1))
      return [state.attempts, (cause as Error).name]
    }
    const invalid = new PayloadError('not an Answer', [])
    expect(invalid.retryable).toBe(false)
    expect(await attemptsFor(invalid)).toEqual([1, 'PayloadError'])
    expect(await attemptsFor(new OrchestrationError('x', { code: 'MODEL_FAILED', retryable: true }))).toEqual([
      3,
      'RetryError',
    ])
    expect(await attemptsFor('just a string')).toEqual([3, 'RetryError'])
    expect(await attemptsFor(invalid, { retryOn: () => true })).toEqual([3, 'RetryError'])
    const seen: unknown[] = []
    const retryOn = (error: Error, attempt: number) => (seen.push([error.message, attempt]), attempt < 2)
    expect(await attemptsFor(new Error('boom'), { retryOn })).toEqual([2, 'Error'])
    expect(seen).toEqual([
      ['boom', 1],
      ['boom', 2],
    ])
  })

  it('does not multiply with a retry outside', async () => {
    const state = new FailingRunnable<unknown>().configure({
      interceptors: [retry({ initialDelayMs: 0 }), retry({ initialDelayMs: 0 })],
    })
    const failed = await rejection(machine(state as never).run(1))
    expect((state as unknown as FailingRunnable<unknown>).attempts).toBe(3)
    expect(failed.cause).toMatchObject({ code: 'RETRIES_EXHAUSTED', attempts: 3 })
  })

  it('ends a backoff of 10 s at once when the run is cancelled, and leaves no timer', async () => {
    const state = flaky(Infinity, { initialDelayMs: 10_000 })
    const { clock, run } = begin(machine(state), 1)
    await clock.advance(100)
    const before = clock.now()
    run.cancel('enough')
    expect((await rejection(run.result)).name).toBe('OrchestrationCancelledError')
    expect(clock.now() - before).toBeLessThanOrEqual(50)
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(20_000)
    expect(state.attempts).toBe(1)
  })

  it('ends the backoff of a branch that a join no longer needs', async () => {
    class First extends JoinRunnable<unknown, unknown> {
      override get joinOptions() {
        return { policy: 'any' } as const
      }
      join(values: readonly unknown[]) {
        return values[0]
      }
    }
    const join = new First().configure({ name: 'J' })
    const slowly = flaky(Infinity, { initialDelayMs: 10_000 }).addAdvancer(join as never)
    const { clock, run } = begin(machine(fork('F', slowly, say('B').addAdvancer(join as never))), 1)
    await clock.advance(0)
    expect(await run.result).toBe('B')
    expect(clock.pendingTimers).toBe(0)
  })

  it('shows each attempt its number, the same idempotency key, and none of what failed ones wrote', async () => {
    const seen: unknown[] = []
    const state = step('A', (_, context: RunContext) => {
      const { attempt, idempotencyKey, properties } = context
      seen.push([attempt, idempotencyKey, properties.get('writes'), properties.get('given')])
      properties.set('writes', attempt)
      properties.set(`attempt ${attempt}`, true)
      if (attempt < 3) throw new Error('boom')
      return 'done'
    })
    const after = step('B', (_, { properties }: RunContext) =>
      ['writes', 'attempt 1', 'attempt 2', 'attempt 3'].map(key => properties.get(key)),
    )
    state.configure({ interceptors: [retry({ initialDelayMs: 0 })] }).addAdvancer(after as never)
    const output = await machine(state).run(1, { runId: 'r', properties: { given: 'g' } })
    expect(seen).toEqual([
      [1, 'r/0:0', undefined, 'g'],
      [2, 'r/0:0', undefined, 'g'],
      [3, 'r/0:0', undefined, 'g'],
    ])
    expect(output).toEqual([3, undefined, undefined, true])
  })

  it('tries a join again, with all of its inputs', async () => {
    let attempts = 0
    @Retry({ initialDelayMs: 0 })
    class Merging extends CollectRunnable<unknown> {
      override join(values: readonly unknown[]) {
        if (++attempts < 3) throw new Error('not yet')
        return values
      }
    }
    const join = new Merging()
    const output = machine(fork('F', say('A').addAdvancer(join), say('B').addAdvancer(join))).run(1)
    expect(await output).toEqual(['A', 'B'])
    expect(attempts).toBe(3)
  })

  it('S4-23 makes a resilient state of a class: 3 attempts 2 s apart, each failure told, then an answer of its own', async () => {
    interface Processed {
      readonly content: string
      readonly success: boolean
      readonly attempt: number
    }
    const log: string[] = []
    @Retry({ maxAttempts: 3, backoff: 'fixed', initialDelayMs: 2000 })
    @Fallback(error => {
      const { attempts, cause } = error as RetryError
      log.push(`Attempt ${attempts} failed: ${(cause as Error).message}`)
      return { content: 'Processing failed after maximum retries', success: false, attempt: attempts }
    })
    class Processing extends OrchestrationRunnable<string, Processed> {
      invoke(): Processed {
        throw new Error('no connection')
      }
    }
    const orchestration = machine<string, Processed>(new Processing())
    orchestration.on('state.retrying', event => log.push(`Attempt ${event.attempt} failed: ${event.errorMessage}`))
    const clock = new ManualClock()
    const run = orchestration.start('input', { clock })
    const events = new EventRecorder(run)
    await clock.advance(3999)
    expect(run.status).toBe('running')
    await clock.advance(1)
    expect(await run.result).toEqual({
      content: 'Processing failed after maximum retries',
      success: false,
      attempt: 3,
    })
    expect(log).toEqual([1, 2, 3].map(n => `Attempt ${n} failed: no connection`))
    expect(events.ofType('custom')).toMatchObject([
      { name: 'fallback.used', stateName: 'Processing', data: { error: { code: 'RETRIES_EXHAUSTED' } } },
    ])
  })

  it('S3-17 can be written with the names of an execution plan, in seconds', () => {
    expect(retryOptionsFrom({ max_retries: 5, backoff_type: 'linear', initial_delay: 2 })).toEqual({
      maxAttempts: 5,
      backoff: 'linear',
      initialDelayMs: 2000,
    })
    expect(retryOptionsFrom({ max_delay: 30, backoff_multiplier: 3 })).toEqual({ maxDelayMs: 30_000, multiplier: 3 })
    expect(retryOptionsFrom({})).toEqual({})
    expect([1, 2, 3].map(attempt => retryDelay(attempt, retryOptionsFrom({ initial_delay: 1 })))).toEqual([
      1000, 2000, 4000,
    ])
  })

  it.each([
    [{ maxAttempts: 0 }, 'Option `maxAttempts` must be a whole number of at least 1, but is 0 (number).'],
    [{ maxAttempts: '3' }, 'Option `maxAttempts` must be a whole number of at least 1, but is "3" (string).'],
    [
      { backoff: 'random' },
      "Option `backoff` must be 'fixed' or 'linear' or 'exponential', but is \"random\" (string).",
    ],
    [{ initialDelayMs: -1 }, 'Option `initialDelayMs` must be a number of at least 0, but is -1 (number).'],
    [{ multiplier: 0.5 }, 'Option `multiplier` must be a number of at least 1, but is 0.5 (number).'],
    [{ maxDelayMs: Number.NaN }, 'Option `maxDelayMs` must be a number of milliseconds above 0, but is NaN (number).'],
    [{ jitter: 2 }, 'Option `jitter` must be a number between 0 and 1, both included, but is 2 (number).'],
    [{ random: 1 }, 'Option `random` must be a function, but is 1 (number).'],
    [{ retryOn: true }, 'Option `retryOn` must be a function, but is true (boolean).'],
    [{ maxRetryAfterMs: null }, 'Option `maxRetryAfterMs` must be a number of at least 0, but is null (null).'],
  ])('refuses %o', (options, message) => {
    expect(() => retry(options as never)).toThrow(message)
    expect(() => Retry(options as never)).toThrow(message)
  })
})

describe('a retry that never waits', () => {
  it('still lets the run be cancelled', async () => {
    let attempts = 0
    const state = step('A', () => {
      attempts++
      throw new Error(attempts < 100_000 ? 'again' : 'never had a chance to stop')
    }).configure({
      interceptors: [
        retry({ maxAttempts: Infinity, initialDelayMs: 0, retryOn: ({ message }) => message === 'again' }),
      ],
    })
    const run = machine(state).start(1)
    setTimeout(() => run.cancel('enough'), 0)
    expect(await rejection(run.result)).toMatchObject({ code: 'RUN_CANCELLED' })
    expect(attempts).toBeLessThan(100_000)
  })
})
