import { describe, expect, it } from 'vitest'
import {
  CollectRunnable,
  OrchestrationAdvancer,
  OrchestrationFailedError,
  OrchestrationRunnable,
  Runnable,
  StateFailure,
} from '../../src/core/index.js'
import { FailingRunnable } from '../../src/testing/index.js'
import { advancer, begin, fail, fork, machine, pass, rejection, say, slow, step } from './machines.js'

describe('a state that fails', () => {
  it('fails the run with the original error as its cause (LT-1)', async () => {
    const original = new TypeError('no')
    const { run, events } = begin(
      machine(
        pass('A').addAdvancer(
          step('B', () => {
            throw original
          }).addAdvancer(pass('C')),
        ),
      ),
      1,
    )
    const error = await rejection(run.result)
    expect(error).toBeInstanceOf(OrchestrationFailedError)
    expect(error).toMatchObject({ stateName: 'B', cause: original, code: 'RUN_FAILED' })
    expect(error.cause).toBe(original)
    expect(run.status).toBe('failed')
    expect(events.states).toEqual(['A', 'B'])
  })

  it('C5 S4-24 is an event of the state and of the run', async () => {
    const { run, events } = begin(machine(fail('A', 'boom')), 1)
    await rejection(run.result)
    events.expectInOrder([
      {
        type: 'state.failed',
        stateName: 'A',
        errorMessage: 'boom',
        handled: false,
        error: { name: 'Error', message: 'boom' },
      },
      { type: 'orchestration.failed', errorMessage: 'boom', stateName: 'A' },
    ])
  })

  it.each([
    ['a string', 'boom'],
    ['an object', { a: 1 }],
    ['nothing', undefined],
  ])('may throw %s', async (_, thrown) => {
    const error = await rejection(machine(step('A', () => Promise.reject(thrown as unknown as Error))).run(1))
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('aborts its siblings with failFast, and what they deliver later is dropped', async () => {
    const reasons: unknown[] = []
    let finish: (value: string) => void = () => undefined
    const stubborn = step<unknown, string>('B', async (_, context) => {
      context.signal.addEventListener('abort', () => reasons.push(context.signal.reason))
      return new Promise<string>(resolve => {
        finish = resolve
      })
    })
    const failing = step('A', async (_, context) => {
      await context.sleep(10)
      throw new Error('A broke')
    })
    const { clock, run, events } = begin(machine(fork('F', failing, stubborn.addAdvancer(pass('Never')))), 1)
    await clock.advance(10)
    await rejection(run.result)
    finish('late')
    await clock.advance(0)
    expect(reasons).toEqual([
      expect.objectContaining({ message: expect.stringContaining('the run has failed') as string }),
    ])
    expect(events.states).toEqual(['F', 'A', 'B'])
    expect(events.types.at(-1)).toBe('orchestration.failed')
    events.expectInOrder([
      { type: 'state.failed', stateName: 'A' },
      { type: 'branch.completed', branch: '0:0.0', outcome: 'failed' },
      { type: 'state.skipped', stateName: 'B' },
      { type: 'branch.completed', branch: '0:0.1', outcome: 'cancelled' },
    ])
  })

  it('lets its siblings go on with collect, and the run then fails with all failures', async () => {
    const { clock, run, events } = begin(
      machine(fork('F', fail('A'), slow('B', 10).addAdvancer(say('B2')), slow('C', 20).addAdvancer(fail('C2')))),
      1,
      { failure: 'collect' },
    )
    await clock.advance(20)
    const error = (await rejection(run.result)) as OrchestrationFailedError
    expect(error.message).toContain('A broke (and 1 more)')
    expect(error.errors.map(each => each.message)).toEqual(['A broke', 'C2 broke'])
    expect(run.results).toEqual(['B2'])
    expect(events.ofType('state.failed').map(event => event.stateName)).toEqual(['A', 'C2'])
  })
})

describe('an onError route', () => {
  it('to an instance gets the StateFailure, and the state counts as handled', async () => {
    const rescue = step<StateFailure<number>, unknown>('Rescue', ({ error, input, stateName, token }) => [
      error.message,
      input,
      stateName,
      token,
    ])
    const { run, events } = begin(
      machine<number>(new FailingRunnable<number>().configure({ name: 'A' }).onError(rescue)),
      7,
    )
    expect(await run.result).toEqual(['Attempt 1 failed.', 7, 'A', '0:0'])
    events.expectInOrder([
      { type: 'state.failed', stateName: 'A', handled: true },
      { type: 'state.transition', toState: 'Rescue' },
    ])
  })

  it('to a class that declares its input is checked against the failure, not against the output of the state', async () => {
    class Rescue extends OrchestrationRunnable<StateFailure<number>, string> {
      invoke(failure: StateFailure<number>) {
        return failure.error.message
      }
    }
    Runnable({ input: StateFailure })(Rescue as never)
    class Start extends OrchestrationRunnable<number, string> {
      invoke(): string {
        throw new Error('boom')
      }
    }
    Runnable({ input: Number, output: String })(Start)
    expect(await machine<number>(new Start().onError(Rescue)).run(1)).toBe('boom')
  })

  it('is taken by condition, in order, also with a conversion', async () => {
    const start = fail('A', 'second')
      .onError(
        failure => failure.error.message === 'first',
        say('One'),
        () => 1,
      )
      .onError(
        async failure => failure.error.message === 'second',
        step<string, string>('Two', text => `two: ${text}`),
        failure => failure.error.message,
      )
    expect(await machine(start).run(1)).toBe('two: second')
  })

  it('that does not match leaves the run to fail with the original error', async () => {
    const { run, events } = begin(machine(fail('A').onError(() => false, say('Never'))), 1)
    expect((await rejection(run.result)).cause).toMatchObject({ message: 'A broke' })
    expect(events.ofType('state.failed')).toMatchObject([{ handled: false }])
  })

  it.each(['failFast', 'collect'] as const)(
    'that fails itself does not hide what it was asked about (%s)',
    async failure => {
      const start = fail('A').onError(() => {
        throw new Error('condition broke')
      }, say('Never'))
      const { run, events } = begin(machine(start), 1, { failure })
      const error = (await rejection(run.result)) as OrchestrationFailedError
      expect(error.errors.map(each => each.message)).toEqual([
        'A broke',
        'Advancer "→ Never" of state "A" failed in shouldAdvance(): condition broke',
      ])
      expect(events.ofType('state.failed').map(event => event.handled)).toEqual([false, false])
    },
  )

  it('may end the branch with null', async () => {
    const ending = fail('A').onError(advancer<StateFailure<unknown>>('give up', ['B'], () => null))
    const { run } = begin(machine(fork('F', ending, say('B'))), 1)
    expect(await run.result).toBe('B')
  })

  it('is asked when an advancer of the state throws, and when its output is refused', async () => {
    class Broken extends OrchestrationAdvancer<unknown> {
      getNextRunnable(): never {
        throw new Error('boom')
      }
    }
    const rescue = () =>
      step<StateFailure, string>('Rescue', failure => (failure.error as { code?: string }).code ?? '')
    expect(await machine(pass('A').addAdvancer(new Broken()).onError(rescue())).run(1)).toBe('ADVANCER_FAILED')
    const wrong = step<unknown, string>('A', () => 1 as never)
      .configure({ output: String })
      .onError(rescue())
    expect(await machine(wrong).run(1)).toBe('PAYLOAD_INVALID')
  })

  it('lets a failing branch still reach its join', async () => {
    const join = new CollectRunnable<unknown>().configure({ name: 'J' })
    const rescued = fail('A').onError(
      () => true,
      join,
      () => 'rescued',
    )
    const { run } = begin(machine(fork('F', rescued, say('B').addAdvancer(join))), 1)
    expect(await run.result).toEqual(['rescued', 'B'])
  })

  it('can lead back to the state: a loop that ends when it works', async () => {
    const flaky = new FailingRunnable<number>({ failures: 3 }).configure({ name: 'Flaky' })
    flaky.onError(
      () => true,
      flaky,
      failure => failure.input,
    )
    expect(await machine<number>(flaky).run(5)).toBe(5)
    expect(flaky.attempts).toBe(4)
  })
})
