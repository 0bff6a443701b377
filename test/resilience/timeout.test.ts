import { describe, expect, it } from 'vitest'
import type { RunContext } from '../../src/core/index.js'
import { retry, StateTimeoutError, type TimeoutOptions, timeout } from '../../src/resilience/index.js'
import { begin, machine, rejection, slow, step } from '../core/machines.js'

function deaf(name: string) {
  return step(name, async () => new Promise<never>(() => undefined))
}

describe('timeout', () => {
  it('aborts the signal of the attempt and fails the state with a typed, retryable error', async () => {
    let reason: unknown
    const state = step('A', async (_, { signal }: RunContext) => {
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason
          reject(new Error('aborted'))
        })
      })
    })
    const { clock, run } = begin(machine(state.configure({ interceptors: [timeout({ timeoutMs: 500 })] })), 1)
    await clock.advance(499)
    expect(run.status).toBe('running')
    await clock.advance(1)
    const { cause } = await rejection(run.result)
    expect(cause).toBeInstanceOf(StateTimeoutError)
    expect(cause).toMatchObject({
      code: 'STATE_TIMED_OUT',
      retryable: true,
      stateName: 'A',
      attempt: 1,
      limit: 'timeoutMs',
      message: 'Attempt 1 of state "A" took longer than 500 ms (`timeoutMs`) and was aborted.',
    })
    expect(reason).toBe(cause)
    expect(clock.pendingTimers).toBe(0)
  })

  it('fails a state that does not heed its signal, and drops what it still delivers', async () => {
    let deliver: ((output: string) => void) | undefined
    let late: RunContext | undefined
    const state = step<unknown, string>('A', async (_, context) => {
      if (context.attempt === 2) return 'second'
      late = context
      return new Promise(resolve => {
        deliver = resolve
      })
    }).configure({ interceptors: [retry({ initialDelayMs: 10 }), timeout({ timeoutMs: 100 })] })
    const after = step<string, unknown>('B', (input, { properties }) => [input, properties.get('late')])
    const { clock, run } = begin(machine((state as never as typeof after).addAdvancer(after as never) as never), 1)
    await clock.advance(100)
    late?.properties.set('late', true)
    deliver?.('first')
    await clock.advance(10)
    expect(await run.result).toEqual(['second', undefined])
    expect(clock.pendingTimers).toBe(0)
  })

  it('takes its timers back when the state ends in time, and when the run is cancelled', async () => {
    const options = { timeoutMs: 500, idleMs: 300 }
    const done = begin(machine(slow('A', 100).configure({ interceptors: [timeout(options)] })), 1)
    await done.clock.advance(100)
    expect(await done.run.result).toBe('A')
    expect(done.clock.pendingTimers).toBe(0)

    const cancelled = begin(machine(deaf('A').configure({ interceptors: [timeout(options)] })), 1)
    await cancelled.clock.advance(10)
    cancelled.run.cancel()
    await rejection(cancelled.run.result)
    expect(cancelled.clock.pendingTimers).toBe(0)

    const failed = begin(
      machine(
        step('A', () => {
          throw new Error('boom')
        }).configure({ interceptors: [timeout(options)] }),
      ),
      1,
    )
    await failed.clock.advance(0)
    expect((await rejection(failed.run.result)).cause).toMatchObject({ message: 'boom' })
    expect(failed.clock.pendingTimers).toBe(0)
  })

  it('limits each attempt inside a retry, and all of them outside', async () => {
    const each = begin(
      machine(
        deaf('A').configure({
          interceptors: [retry({ initialDelayMs: 50, backoff: 'fixed' }), timeout({ timeoutMs: 100 })],
        }),
      ),
      1,
    )
    await each.clock.advance(399)
    expect(each.run.status).toBe('running')
    await each.clock.advance(1)
    expect((await rejection(each.run.result)).cause).toMatchObject({
      attempts: 3,
      cause: { code: 'STATE_TIMED_OUT', attempt: 3 },
    })

    const all = begin(
      machine(
        deaf('A').configure({ interceptors: [timeout({ timeoutMs: 150 }), retry(), timeout({ timeoutMs: 100 })] }),
      ),
      1,
    )
    await all.clock.advance(150)
    expect((await rejection(all.run.result)).cause).toMatchObject({ code: 'STATE_TIMED_OUT', details: { ms: 150 } })
    expect(all.clock.pendingTimers).toBe(0)
  })

  it('with idleMs lets a state work as long as it gives signs of life: events and usage', async () => {
    const state = step('A', async (_, context: RunContext) => {
      for (let part = 0; part < 5; part++) {
        await context.sleep(80)
        if (part % 2 === 0) context.emit({ type: 'custom', name: 'heartbeat' })
        else context.usage({ model: 'm' })
      }
      await context.sleep(1000)
    })
    const { clock, run } = begin(machine(state.configure({ interceptors: [timeout({ idleMs: 100 })] })), 1)
    await clock.advance(499)
    expect(run.status).toBe('running')
    await clock.advance(1)
    expect((await rejection(run.result)).cause).toMatchObject({
      code: 'STATE_TIMED_OUT',
      limit: 'idleMs',
      message: 'Attempt 1 of state "A" has given no sign of life for 100 ms (`idleMs`) and was aborted.',
    })
    expect(clock.pendingTimers).toBe(0)
  })

  it('hears signs of life through a retry inside, and not those of an attempt it has given up', async () => {
    const abandoned: RunContext[] = []
    const state = step('A', async (_, context: RunContext) => {
      abandoned.push(context)
      await new Promise(() => undefined)
    }).configure({
      interceptors: [retry({ maxAttempts: 2, initialDelayMs: 10 }), timeout({ idleMs: 100 })],
    })
    const { clock, run } = begin(machine(state), 1)
    await clock.advance(150)
    abandoned[0]?.emit({ type: 'custom', name: 'heartbeat' })
    await clock.advance(59)
    expect(run.status).toBe('running')
    await clock.advance(1)
    expect((await rejection(run.result)).cause).toMatchObject({ attempts: 2 })
  })

  it('counts for each of several calls of a state by itself', async () => {
    const shared = timeout({ timeoutMs: 100, idleMs: 80 })
    const quick = begin(machine(slow('A', 70).configure({ interceptors: [shared] })), 1)
    const late = begin(machine(slow('A', 90).configure({ interceptors: [shared] })), 1)
    await Promise.all([quick.clock.advance(90), late.clock.advance(90)])
    expect(await quick.run.result).toBe('A')
    expect((await rejection(late.run.result)).cause).toMatchObject({ limit: 'idleMs' })
  })

  it.each([
    [{}, 'Option `timeoutMs` must be a number of milliseconds above 0, unless `idleMs` is given'],
    [{ timeoutMs: 0 }, 'Option `timeoutMs` must be a number of milliseconds above 0, but is 0 (number).'],
    [{ idleMs: '5' }, 'Option `idleMs` must be a number of milliseconds above 0, but is "5" (string).'],
  ])('refuses %o', (options, message) => {
    expect(() => timeout(options as TimeoutOptions)).toThrow(message)
  })
})

describe('the signal of an attempt', () => {
  it('is the same for all who ask', async () => {
    const state = step('A', (_, context) => context.signal === context.signal).configure({
      interceptors: [timeout({ timeoutMs: 1000 })],
    })
    expect(await begin(machine(state), 1).run.result).toBe(true)
  })
})
