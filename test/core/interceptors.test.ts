import { describe, expect, it } from 'vitest'
import { CollectRunnable, type Interceptor } from '../../src/core/index.js'
import { begin, fail, fork, machine, pass, rejection, say, step } from './machines.js'

function noting(notes: string[], name: string): Interceptor {
  return {
    async around(call, next) {
      notes.push(`${name}> ${call.stateName}`)
      try {
        return await next()
      } finally {
        notes.push(`<${name}`)
      }
    },
  }
}

describe('interceptors', () => {
  it('nest in order: those of the orchestration outside those of the state', async () => {
    const notes: string[] = []
    const state = step('A', () => void notes.push('work')).configure({
      interceptors: [noting(notes, '3'), noting(notes, '4')],
    })
    await machine(state)
      .configure({ interceptors: [noting(notes, '1'), noting(notes, '2')] })
      .run(1)
    expect(notes).toEqual(['1> A', '2> A', '3> A', '4> A', 'work', '<4', '<3', '<2', '<1'])
  })

  it('see the validated input, the context, and for a join the array', async () => {
    const seen: unknown[] = []
    const spy: Interceptor = {
      around: (call, next) => (seen.push([call.stateName, call.input, call.context.token]), next()),
    }
    const join = new CollectRunnable<unknown>().configure({ name: 'J' })
    await machine(fork('F', say('A').addAdvancer(join), say('B').addAdvancer(join)))
      .configure({ interceptors: [spy] })
      .run(1)
    expect(seen.at(0)).toEqual(['F', 1, '0:0'])
    expect(seen.at(-1)).toEqual(['J', ['A', 'B'], '0:1'])
  })

  it('may answer instead of the state, and the answer is validated', async () => {
    const answering = (value: unknown): Interceptor => ({ around: async () => Promise.resolve(value) })
    const state = (value: unknown) => say('A').configure({ output: String, interceptors: [answering(value)] })
    expect(await machine(state('cached')).run(1)).toBe('cached')
    expect((await rejection(machine(state(5)).run(1))).message).toContain('Output of state "A" is not a string')
    expect((await rejection(machine(state(undefined)).run(1))).message).toContain('Output of state "A" is not a string')
  })

  it('let errors through, and may answer them', async () => {
    const notes: string[] = []
    const { run } = begin(machine(fail('A')).configure({ interceptors: [noting(notes, '1')] }), 1)
    expect((await rejection(run.result)).cause).toMatchObject({ message: 'A broke' })
    expect(notes).toEqual(['1> A', '<1'])
    const fallback: Interceptor = { around: async (_, next) => next().catch(() => 'fallback') }
    expect(await machine(fail('A').configure({ interceptors: [fallback] })).run(1)).toBe('fallback')
  })

  it('may try again', async () => {
    let attempts = 0
    const retry: Interceptor = { around: async (_, next) => next().catch(async () => next()) }
    const flaky = step('A', () => {
      if (++attempts < 2) throw new Error('flaky')
      return attempts
    })
    expect(await machine(flaky.configure({ interceptors: [retry] }) as never).run(1)).toBe(2)
  })

  it('that throw fail the state, synchronously or not', async () => {
    for (const around of [
      () => {
        throw new Error('policy')
      },
      async () => Promise.reject(new Error('policy')),
    ]) {
      const inner = pass('A').configure({ interceptors: [{ around: (_, next) => next() }, { around }] }) as never
      expect(await rejection(machine(inner).run(1 as never))).toMatchObject({
        stateName: 'A',
        cause: { message: 'policy' },
      })
      expect(
        await rejection(machine(pass('A').configure({ interceptors: [{ around }] }) as never).run(1 as never)),
      ).toMatchObject({ stateName: 'A' })
    }
  })
})
