import { describe, expect, it } from 'vitest'
import { OrchestrationRunnable } from '../../src/core/index.js'
import { OrchestrationError } from '../../src/errors/index.js'
import {
  BulkheadFullError,
  CircuitBreaker,
  type CircuitBreakerChange,
  type CircuitBreakerOptions,
  type CircuitBreakerSnapshot,
  CircuitOpenError,
  circuitBreaker,
  circuitBreakerOptionsFrom,
  retry,
} from '../../src/resilience/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { begin, machine, rejection, step } from '../core/machines.js'

const boom = async () => Promise.reject(new Error('boom'))
const fine = async () => Promise.resolve('fine')

function breakerAt(options: CircuitBreakerOptions = {}, snapshot?: CircuitBreakerSnapshot) {
  const clock = new ManualClock()
  const changes: string[] = []
  const onChange = ({ from, to }: CircuitBreakerChange) => changes.push(`${from} → ${to}`)
  return { clock, changes, breaker: new CircuitBreaker({ clock, onChange, ...options }, snapshot) }
}

async function failTimes(breaker: CircuitBreaker, times: number) {
  for (let time = 0; time < times; time++) await rejection(breaker.call(boom))
}

/** Work that ends when the test says so. */
function held() {
  const calls: { resolve(value: string): void; reject(error: Error): void }[] = []
  const work = async () => new Promise<string>((resolve, reject) => calls.push({ resolve, reject }))
  return { calls, work }
}

describe('a circuit breaker of its own (S3-34)', () => {
  it('S2-32 S2-33 opens after five failures in a row, refuses for 30 s, and closes when a trial call succeeds', async () => {
    const { breaker, clock, changes } = breakerAt()
    await failTimes(breaker, 4)
    await breaker.call(fine)
    expect(breaker.state).toEqual({ kind: 'closed', failures: 0 })
    await failTimes(breaker, 5)
    expect(breaker.state).toEqual({ kind: 'open', since: 0, retryAt: 30_000 })
    await clock.advance(29_999)
    let called = false
    const refused = await rejection(breaker.call(() => (called = true)))
    expect([refused instanceof CircuitOpenError, called]).toEqual([true, false])
    await clock.advance(1)
    expect(await breaker.call(fine)).toBe('fine')
    expect(breaker.state).toEqual({ kind: 'closed', failures: 0 })
    expect(changes).toEqual(['closed → open', 'open → half-open', 'half-open → closed'])
  })

  it('S3-18 says "Circuit breaker is open", which one, and when it lets calls through again', async () => {
    const { breaker, clock } = breakerAt({ name: 'search', failureThreshold: 1, recoveryTimeoutMs: 60_000 })
    await failTimes(breaker, 1)
    await clock.advance(20_000)
    expect(await rejection(breaker.call(fine))).toMatchObject({
      name: 'CircuitOpenError',
      code: 'CIRCUIT_OPEN',
      retryable: true,
      breaker: 'search',
      retryAt: 60_000,
      retryAfterMs: 40_000,
      message: 'Circuit breaker is open: "search" lets a call through again in 40000 ms.',
    })
  })

  it('S2-32 opens again, for the whole time, when a trial call fails', async () => {
    const { breaker, clock, changes } = breakerAt({ failureThreshold: 1 })
    await failTimes(breaker, 1)
    await clock.advance(35_000)
    await failTimes(breaker, 1)
    expect(breaker.state).toEqual({ kind: 'open', since: 35_000, retryAt: 65_000 })
    expect(changes).toEqual(['closed → open', 'open → half-open', 'half-open → open'])
  })

  it.each([1, 3])(
    'half-open lets exactly %i of 100 concurrent calls through, and refuses the others at once',
    async max => {
      const { breaker, clock } = breakerAt({ failureThreshold: 1, halfOpenMaxCalls: max })
      await failTimes(breaker, 1)
      await clock.advance(30_000)
      const { calls, work } = held()
      const results = Promise.allSettled(Array.from({ length: 100 }, async () => breaker.call(work)))
      await clock.advance(0)
      expect(calls).toHaveLength(max)
      expect(breaker.state).toEqual({ kind: 'half-open', atWork: max, succeeded: 0 })
      for (const { resolve } of calls) resolve('ok')
      const settled = await results
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(max)
      const refused = settled.flatMap(result =>
        result.status === 'rejected' ? [result.reason as CircuitOpenError] : [],
      )
      expect(refused).toHaveLength(100 - max)
      expect(refused.every(error => error instanceof CircuitOpenError && error.retryAfterMs === undefined)).toBe(true)
      expect(breaker.state.kind).toBe('closed')
    },
  )

  it('needs as many successes as it lets trial calls through', async () => {
    const { breaker, clock } = breakerAt({ failureThreshold: 1, halfOpenMaxCalls: 2 })
    await failTimes(breaker, 1)
    await clock.advance(30_000)
    await breaker.call(fine)
    expect(breaker.state).toEqual({ kind: 'half-open', atWork: 0, succeeded: 1 })
    await breaker.call(fine)
    expect(breaker.state.kind).toBe('closed')
  })

  it('ignores what calls of an earlier state still deliver', async () => {
    const { breaker, clock } = breakerAt({ failureThreshold: 2 })
    const early = held()
    const first = Promise.allSettled([early.work, early.work, early.work].map(async work => breaker.call(work)))
    await failTimes(breaker, 2)
    await clock.advance(10_000)
    early.calls[0]?.reject(new Error('late'))
    await clock.advance(0)
    // A failure that comes while it is open must not move the moment of the next trial.
    expect(breaker.state).toEqual({ kind: 'open', since: 0, retryAt: 30_000 })
    await clock.advance(20_000)
    const trial = held()
    const tried = breaker.call(trial.work)
    await clock.advance(0)
    early.calls[1]?.resolve('late')
    await clock.advance(0)
    expect(breaker.state).toEqual({ kind: 'half-open', atWork: 1, succeeded: 0 })
    trial.calls[0]?.resolve('ok')
    await tried
    early.calls[2]?.reject(new Error('late'))
    await first
    expect(breaker.state).toEqual({ kind: 'closed', failures: 0 })
  })

  it('gives the slot of a trial call back when it is aborted, even if the work never ends', async () => {
    const { breaker, clock } = breakerAt({ failureThreshold: 1 })
    await failTimes(breaker, 1)
    await clock.advance(30_000)
    const controller = new AbortController()
    const aborted = rejection(breaker.call(async () => new Promise(() => undefined), controller.signal))
    await clock.advance(0)
    expect(await rejection(breaker.call(fine))).toBeInstanceOf(CircuitOpenError)
    controller.abort(new Error('not needed'))
    expect((await aborted).message).toBe('not needed')
    expect(breaker.state).toEqual({ kind: 'half-open', atWork: 0, succeeded: 0 })
    expect(await breaker.call(fine)).toBe('fine')
    expect(breaker.state.kind).toBe('closed')
  })

  it('counts only the failures that countOn counts, by default not the refusals of limits, and none of aborted calls', async () => {
    const { breaker } = breakerAt({ failureThreshold: 1, countOn: error => error.message !== 'my fault' })
    await rejection(breaker.call(() => Promise.reject(new Error('my fault'))))
    expect(breaker.state.kind).toBe('closed')
    await failTimes(breaker, 1)
    expect(breaker.state.kind).toBe('open')

    const other = breakerAt({ failureThreshold: 2 }).breaker
    await failTimes(other, 1)
    await rejection(other.call(() => Promise.reject(new BulkheadFullError('b', 1, 0))))
    await rejection(other.call(boom, AbortSignal.abort()))
    expect(other.state).toEqual({ kind: 'closed', failures: 1 })
    await rejection(other.call(() => Promise.reject(new OrchestrationError('x', { code: 'MODEL_FAILED' }))))
    expect(other.state.kind).toBe('open')
  })

  it('gives a trial slot back when countOn throws, or does not count the failure', async () => {
    const errors = [new Error('odd'), new Error('uncounted')]
    const countOn = ({ message }: Error) => {
      if (message === 'odd') throw new Error('countOn broke')
      return message !== 'uncounted'
    }
    const { breaker, clock } = breakerAt({ failureThreshold: 1, countOn })
    await failTimes(breaker, 1)
    await clock.advance(30_000)
    expect((await rejection(breaker.call(() => Promise.reject(errors[0] as Error)))).message).toBe('countOn broke')
    expect((await rejection(breaker.call(() => Promise.reject(errors[1] as Error)))).message).toBe('uncounted')
    expect(breaker.state).toEqual({ kind: 'half-open', atWork: 0, succeeded: 0 })
  })

  it('samples: opens by the share of failures in a window that has enough calls', async () => {
    const sampling = { windowMs: 1000, failureRatio: 0.5, minimumCalls: 4 }
    const { breaker, clock } = breakerAt({ sampling })
    await failTimes(breaker, 3)
    expect(breaker.state).toEqual({ kind: 'closed', failures: 3 })
    await clock.advance(1000)
    await breaker.call(fine)
    expect(breaker.state).toEqual({ kind: 'closed', failures: 0 })
    await breaker.call(fine)
    await failTimes(breaker, 1)
    await clock.advance(500)
    expect(breaker.state.kind).toBe('closed')
    await failTimes(breaker, 1)
    expect(breaker.state.kind).toBe('open')
  })

  it('survives a restart through JSON, in each of its states', async () => {
    const restored = (breaker: CircuitBreaker, options: CircuitBreakerOptions = {}) =>
      breakerAt(options, JSON.parse(JSON.stringify(breaker)) as CircuitBreakerSnapshot)

    const counting = breakerAt()
    await failTimes(counting.breaker, 4)
    const again = restored(counting.breaker)
    await failTimes(again.breaker, 1)
    expect(again.breaker.state.kind).toBe('open')

    const open = restored(again.breaker)
    await open.clock.advance(29_999)
    expect(await rejection(open.breaker.call(fine))).toBeInstanceOf(CircuitOpenError)
    await open.clock.advance(1)
    const trial = held()
    void open.breaker.call(trial.work)
    await open.clock.advance(0)

    const halfOpen = restored(open.breaker)
    expect(halfOpen.breaker.state).toEqual({ kind: 'half-open', atWork: 0, succeeded: 0 })
    expect(await halfOpen.breaker.call(fine)).toBe('fine')
    expect(halfOpen.breaker.state.kind).toBe('closed')

    const sampling = { windowMs: 1000, minimumCalls: 3 }
    const sampled = breakerAt({ sampling })
    await failTimes(sampled.breaker, 2)
    const sampledAgain = restored(sampled.breaker, { sampling })
    await failTimes(sampledAgain.breaker, 1)
    expect(sampledAgain.breaker.state.kind).toBe('open')
  })

  it('refuses a snapshot that is none', () => {
    for (const snapshot of [{ kind: 'broken' }, { kind: 'open', since: 1 }, { kind: 'closed', failures: 'x' }]) {
      expect(() => new CircuitBreaker({}, snapshot as never)).toThrow(/Option `snapshot/)
    }
  })

  it('S2-33 S3-18 can be written with the names of workflows and plans, in seconds', () => {
    const written = { failure_threshold: 5, recovery_timeout: 30, half_open_max_calls: 1 }
    expect(circuitBreakerOptionsFrom(written)).toEqual({
      failureThreshold: 5,
      recoveryTimeoutMs: 30_000,
      halfOpenMaxCalls: 1,
    })
    expect(circuitBreakerOptionsFrom({ reset_timeout: 60 })).toEqual({ recoveryTimeoutMs: 60_000 })
    expect(() => circuitBreakerOptionsFrom({ reset_timeout: 60, recovery_timeout: 30 })).toThrow('`reset_timeout`')
  })

  it.each([
    [{ failureThreshold: 0 }, 'Option `failureThreshold` must be a whole number of at least 1, but is 0 (number).'],
    [{ failureThreshold: 3, sampling: {} }, 'Option `failureThreshold` must be left out where `sampling` is given'],
    [{ recoveryTimeoutMs: -5 }, 'Option `recoveryTimeoutMs` must be a number of milliseconds above 0, but is -5'],
    [{ halfOpenMaxCalls: 1.5 }, 'Option `halfOpenMaxCalls` must be a whole number of at least 1, but is 1.5'],
    [{ countOn: 'all' }, 'Option `countOn` must be a function, but is "all" (string).'],
    [{ sampling: { failureRatio: 1.1 } }, 'Option `sampling.failureRatio` must be a number between 0 and 1'],
    [{ sampling: { failureRatio: 0 } }, 'Option `sampling.failureRatio` must be above 0, but is 0 (number).'],
    [{ sampling: { windowMs: 0 } }, 'Option `sampling.windowMs` must be a number of milliseconds above 0'],
    [{ sampling: { minimumCalls: 0 } }, 'Option `sampling.minimumCalls` must be a whole number of at least 1'],
  ])('refuses %o', (options, message) => {
    expect(() => new CircuitBreaker(options as never)).toThrow(message)
    expect(() => circuitBreaker(options as never)).toThrow(message)
    expect(() => CircuitBreaker(options as never)).toThrow(message)
  })
})

/** A state that fails when its input says so. */
class Search extends OrchestrationRunnable<string, string> {
  calls = 0
  invoke(input: string): string {
    this.calls++
    if (input === 'fail') throw new Error('no answer')
    return input
  }
}

describe('circuit breakers around states', () => {
  it('S2-17 are one for each state, also where one interceptor is given to all', async () => {
    const first = new Search().configure({ name: 'First' }) as Search
    const second = new Search().configure({ name: 'Second' }) as Search
    const orchestration = machine<string, string>(
      first.onError(
        () => true,
        second,
        ({ input }) => input,
      ),
      second,
    ).configure({ interceptors: [circuitBreaker({ failureThreshold: 2 })] })
    const causes = []
    for (let run = 0; run < 4; run++) causes.push((await rejection(orchestration.run('fail'))).cause as Error)
    expect(causes.map(({ name }) => name)).toEqual(['Error', 'Error', 'CircuitOpenError', 'CircuitOpenError'])
    expect(causes[2]).toMatchObject({ breaker: 'Second' })
    expect([first.calls, second.calls]).toEqual([2, 2])
  })

  it('tell of their changes in the stream of the run', async () => {
    const clock = new ManualClock()
    const orchestration = machine<string, string>(new Search()).configure({
      interceptors: [circuitBreaker({ failureThreshold: 1 })],
    })
    const events = new EventRecorder(orchestration)
    await rejection(orchestration.run('fail', { clock }))
    await clock.advance(30_000)
    await orchestration.run('ok', { clock })
    expect(events.ofType('breaker.changed')).toMatchObject([
      { breaker: 'Search', stateName: 'Search', from: 'closed', to: 'open', at: 0 },
      { breaker: 'Search', from: 'open', to: 'half-open', at: 30_000 },
      { breaker: 'Search', from: 'half-open', to: 'closed' },
    ])
  })

  it('can be shared by states: as an instance, and by key', async () => {
    const breaker = new CircuitBreaker({ name: 'index', failureThreshold: 1 })
    @CircuitBreaker({ breaker })
    class Reading extends Search {}
    @CircuitBreaker({ breaker })
    class Writing extends Search {}
    await rejection(machine<string, string>(new Reading()).run('fail'))
    expect((await rejection(machine<string, string>(new Writing()).run('ok'))).cause).toMatchObject({
      breaker: 'index',
    })

    @CircuitBreaker({ key: 'shared by key', failureThreshold: 1 })
    class Listing extends Search {}
    const counting = new Search().configure({
      interceptors: [circuitBreaker({ key: 'shared by key', failureThreshold: 1 })],
    })
    await rejection(machine<string, string>(new Listing()).run('fail'))
    expect((await rejection(machine<string, string>(counting).run('ok'))).cause).toMatchObject({
      breaker: 'shared by key',
    })
    expect(() => circuitBreaker({ key: 'shared by key', failureThreshold: 2 })).toThrow(
      'Option `key` must be one that is not in use with other options, but is "shared by key" (string).',
    )
    expect(() => circuitBreaker({ breaker, failureThreshold: 2 })).toThrow('Option `failureThreshold` must be left out')
  })

  it('can be looked at, stored, and begun with what was stored', async () => {
    const breakers = new Map<string, CircuitBreaker>()
    const guarded = (kept: Map<string, CircuitBreaker>) =>
      machine<string, string>(new Search()).configure({
        interceptors: [circuitBreaker({ breakers: kept, failureThreshold: 1 })],
      })
    await rejection(guarded(breakers).run('fail'))
    const stored = JSON.stringify(Object.fromEntries(breakers))
    const snapshots = Object.entries(JSON.parse(stored) as Record<string, CircuitBreakerSnapshot>)
    const restored = new Map(snapshots.map(([name, state]) => [name, new CircuitBreaker({ name }, state)]))
    expect((await rejection(guarded(restored).run('ok'))).cause).toBeInstanceOf(CircuitOpenError)
  })

  it('are declared for a class and made for each of its states, and inherited', async () => {
    @CircuitBreaker({ failureThreshold: 1 })
    class Guarded extends Search {}
    class Derived extends Guarded {}
    for (const create of [() => new Guarded(), () => new Derived()]) {
      const one = machine<string, string>(create())
      const other = machine<string, string>(create())
      await rejection(one.run('fail'))
      expect((await rejection(one.run('ok'))).cause).toBeInstanceOf(CircuitOpenError)
      expect(await other.run('ok')).toBe('ok')
    }
  })

  it('let a retry outside wait until they let calls through again', async () => {
    let down = true
    const state = step('A', () => {
      if (down) throw new Error('down')
      return 'up'
    }).configure({
      interceptors: [retry({ initialDelayMs: 100 }), circuitBreaker({ failureThreshold: 1, recoveryTimeoutMs: 5000 })],
    })
    const { clock, run, events } = begin(machine(state), 1)
    await clock.advance(100)
    down = false
    await clock.advance(4900)
    expect(await run.result).toBe('up')
    expect(events.ofType('state.retrying').map(event => [event.delayMs, event.error.code])).toEqual([
      [100, undefined],
      [4900, 'CIRCUIT_OPEN'],
    ])
  })

  it('do not get stuck half-open when a run is cancelled in the trial call', async () => {
    const clock = new ManualClock()
    const breaker = new CircuitBreaker({ failureThreshold: 1 })
    const state = step<string>('A', async input => {
      if (input === 'fail') throw new Error('boom')
      return input === 'hang' ? new Promise<never>(() => undefined) : input
    }).configure({ interceptors: [circuitBreaker({ breaker })] })
    const orchestration = machine(state)
    await rejection(orchestration.run('fail', { clock }))
    await clock.advance(30_000)
    const hanging = orchestration.start('hang', { clock })
    await clock.advance(0)
    expect((await rejection(orchestration.run('ok', { clock }))).cause).toBeInstanceOf(CircuitOpenError)
    hanging.cancel()
    await rejection(hanging.result)
    expect(await orchestration.run('ok', { clock })).toBe('ok')
    expect(breaker.state.kind).toBe('closed')
  })
})

describe('circuit breakers at their edges', () => {
  it('that never recover by themselves survive JSON', async () => {
    const options = { failureThreshold: 1, recoveryTimeoutMs: Infinity }
    const { breaker } = breakerAt(options)
    await failTimes(breaker, 1)
    const restored = new CircuitBreaker(options, JSON.parse(JSON.stringify(breaker)) as CircuitBreakerSnapshot)
    expect(restored.state).toEqual(breaker.state)
  })

  it('count no success of a call that was aborted', async () => {
    const { breaker } = breakerAt({ failureThreshold: 2 })
    await failTimes(breaker, 1)
    const controller = new AbortController()
    const work = (): string => {
      controller.abort()
      return 'whatever'
    }
    expect(await breaker.call(work, controller.signal)).toBe('whatever')
    expect(breaker.state).toEqual({ kind: 'closed', failures: 1 })
  })

  it('give slots back when trial calls are cancelled, one by one, among 100', async () => {
    const clock = new ManualClock()
    const breaker = new CircuitBreaker({ failureThreshold: 1, halfOpenMaxCalls: 3 })
    let trials = 0
    const state = step<string>('A', async input => {
      if (input === 'fail') throw new Error('boom')
      trials++
      return new Promise<never>(() => undefined)
    }).configure({ interceptors: [circuitBreaker({ breaker })] })
    const orchestration = machine(state)
    await rejection(orchestration.run('fail', { clock }))
    await clock.advance(30_000)
    const crowd = () => Array.from({ length: 100 }, () => orchestration.start('go', { clock }))
    const first = crowd()
    const ends = first.map(async run => rejection(run.result))
    await clock.advance(0)
    for (const run of first.slice(0, 2)) run.cancel()
    await clock.advance(0)
    const second = crowd()
    ends.push(...second.map(async run => rejection(run.result)))
    await clock.advance(0)
    expect(trials).toBe(5)
    for (const run of [...first, ...second]) run.cancel()
    await Promise.all(ends)
    expect(breaker.state).toEqual({ kind: 'half-open', atWork: 0, succeeded: 0 })
  })

  it.each([
    [{ halfOpenMaxCalls: Infinity }, 'Option `halfOpenMaxCalls` must be a whole number of at least 1, but is Infinity'],
    [{ sampling: 3 }, 'Option `sampling` must be an object, but is 3 (number).'],
    [{ breaker: {} }, 'Option `breaker` must be a CircuitBreaker, but is [object Object] (object).'],
    [{ breakers: {} }, 'Option `breakers` must be a Map, but is [object Object] (object).'],
  ])('refuse %o', (options, message) => {
    expect(() => circuitBreaker(options as never)).toThrow(message)
  })

  it.each([
    [null, 'Option `snapshot` must be an object, but is null (null).'],
    [{ kind: 'closed', failures: 0, samples: 'x' }, 'Option `snapshot.samples` must be an array, but is "x" (string).'],
    [
      { kind: 'closed', failures: 0, samples: [{ since: 0, calls: 1 }] },
      'Option `snapshot.samples[0].failures` must be a whole number of at least 0, but is undefined (undefined).',
    ],
  ])('refuse the snapshot %o', (snapshot, message) => {
    expect(() => new CircuitBreaker({ sampling: {} }, snapshot as never)).toThrow(message)
  })
})
