import { describe, expect, it } from 'vitest'
import type { Interceptor } from '../../src/core/index.js'
import { machine, step } from './machines.js'

/** Tries so often, without a word. */
function times(attempts: number): Interceptor {
  return {
    around: async (_call, next) => {
      let last: unknown
      for (let number = 1; number <= attempts; number++) {
        try {
          return await next({ number })
        } catch (thrown) {
          last = thrown
        }
      }
      throw last
    },
  }
}

describe('the identity of an attempt', () => {
  it('is the same as its number where retries are not nested', async () => {
    const seen: string[] = []
    const state = step('A', (_, context) => {
      seen.push(context.attemptId)
      if (seen.length < 3) throw new Error('again')
      return 'done'
    }).configure({ interceptors: [times(3)] })
    await machine(state)
      .run(1)
      .catch(() => undefined)
    expect(seen).toEqual(['1', '2', '3'])
  })

  it('tells nested attempts apart, which their numbers do not', async () => {
    const seen: string[] = []
    const watching: Interceptor = { around: (_call, next) => next() }
    const state = step('A', (_, context) => {
      seen.push(`${context.attemptId} ${context.attempt}`)
      throw new Error('never')
    }).configure({ interceptors: [times(2), watching, times(2)] })
    await machine(state)
      .run(1)
      .catch(() => undefined)
    expect(seen).toEqual(['1.1 1', '1.2 2', '2.1 1', '2.2 2'])
  })

  it('is 1 where nothing is tried again', async () => {
    const seen: string[] = []
    await machine(step('A', (_, context) => void seen.push(context.attemptId))).run(1)
    expect(seen).toEqual(['1'])
  })
})

describe('a cleanup hook', () => {
  it('may do what is done once in a step, and keeps nothing', async () => {
    const seen: string[] = []
    const state = step('A', () => 'done')
    Object.assign(state, {
      cleanup: async (context: { once(name: string, work: () => string): Promise<string> }) => {
        seen.push(await context.once('x', () => 'one'), await context.once('x', () => 'two'))
      },
    })
    await machine(state).run(1)
    expect(seen).toEqual(['one', 'two'])
  })
})
