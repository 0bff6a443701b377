import { describe, expect, it } from 'vitest'
import { type OrchestrationRunnable, type RunContext, StateFailure } from '../../src/core/index.js'
import { Fallback, type FallbackAnswer, type FallbackOptions, fallback, retry } from '../../src/resilience/index.js'
import { begin, fail, machine, rejection, step } from '../core/machines.js'

function failing<T>(answer: FallbackAnswer<T>, options: FallbackOptions = {}) {
  return fail('A').configure({ output: String, interceptors: [fallback(answer, options)] })
}

describe('fallback (S3-36)', () => {
  it('answers with a value, or with what a function makes of the error and the call', async () => {
    expect(await machine(failing('a value')).run(1)).toBe('a value')
    expect(
      await machine(failing((error, call) => `${error.message}: ${call.stateName}(${String(call.input)})`)).run(1),
    ).toBe('A broke: A(1)')
    expect(await machine(failing(async () => Promise.resolve('later'))).run(1)).toBe('later')
  })

  it('is told in the stream, with the error', async () => {
    const { clock, run, events } = begin(machine(failing('a value')), 1)
    await clock.advance(0)
    await run.result
    expect(events.ofType('custom')).toMatchObject([
      { name: 'fallback.used', stateName: 'A', data: { error: { name: 'Error', message: 'A broke' } } },
    ])
    expect(events.ofType('state.failed')).toEqual([])
  })

  it('gives an answer that is validated as the output of the state', async () => {
    expect((await rejection(machine(failing(5)).run(1))).message).toContain('Output of state "A" is not a string')
  })

  it('S3-35 answers only what it is for; the rest fails, or takes the route of the state', async () => {
    const when = (error: Error) => error instanceof RangeError
    expect((await rejection(machine(failing('x', { when })).run(1))).cause).toMatchObject({ message: 'A broke' })
    const recovery = step<StateFailure, string>('Recovery', ({ error, stateName }) => `${stateName}: ${error.message}`)
    expect(await machine(failing('x', { when }).onError(recovery)).run(1)).toBe('A: A broke')
  })

  it('throws what its function throws', async () => {
    const rethrown = failing(error => {
      throw new Error('no answer either', { cause: error })
    })
    expect((await rejection(machine(rethrown).run(1))).cause).toMatchObject({
      message: 'no answer either',
      cause: { message: 'A broke' },
    })
  })

  it('does not answer for a state whose run is cancelled', async () => {
    let answered = 0
    const state = step('A', async (_, context: RunContext) => context.sleep(1000)) as unknown as OrchestrationRunnable<
      unknown,
      string
    >
    state.configure({ interceptors: [fallback(() => `${++answered}`)] })
    const { clock, run } = begin(machine(state), 1)
    await clock.advance(10)
    run.cancel()
    await rejection(run.result)
    await clock.advance(10)
    expect(answered).toBe(0)
  })

  it('drops the properties of the failed state, and keeps those of its function', async () => {
    const state = step('A', (_, { properties }: RunContext) => {
      properties.set('by the state', true)
      throw new Error('boom')
    }).configure({
      interceptors: [
        fallback((_, { context }) => {
          context.properties.set('by the fallback', true)
          return 1
        }),
        retry({ initialDelayMs: 0 }),
      ],
    })
    const after = step('B', (_, { properties }: RunContext) => [
      properties.get('by the state'),
      properties.get('by the fallback'),
    ])
    expect(await machine(state.addAdvancer(after as never)).run(1)).toEqual([undefined, true])
  })

  it('refuses options out of range', () => {
    expect(() => fallback(1, { when: true as never })).toThrow(
      'Option `when` must be a function, but is true (boolean).',
    )
    expect(() => Fallback(1, { when: true as never })).toThrow('Option `when` must be a function')
  })
})
