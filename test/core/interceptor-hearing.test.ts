import { describe, expect, it } from 'vitest'
import { type Interceptor, SubOrchestrationRunnable } from '../../src/core/index.js'
import { begin, fail, machine, pass, rejection, step } from './machines.js'

/** Notes what it hears. */
function hearing(notes: string[], name: string, nested = false): Interceptor {
  return {
    nested,
    around: (call, next) => {
      notes.push(`${name} around ${[...call.path, call.stateName].join('/')} of ${call.runId}`)
      return next()
    },
    onAttempt: (_, attempt) => void notes.push(`${name} attempt ${attempt}`),
    onUsage: (_, usage) => void notes.push(`${name} usage ${usage.model}`),
    onRunEnd: runId => void notes.push(`${name} end ${runId}`),
  }
}

const retrying: Interceptor = { around: (_, next) => next().catch(async () => next({ number: 2 })) }

describe('interceptors', () => {
  it('hear of every attempt, however many others are between, and of the end of the run', async () => {
    const notes: string[] = []
    const broken = fail('A').configure({ interceptors: [retrying, hearing(notes, 'inner')] })
    const { run } = begin(machine(broken as never).configure({ interceptors: [hearing(notes, 'outer')] }), 1, {
      runId: 'r',
    })
    await rejection(run.result)
    expect(notes).toEqual([
      'outer around A of r',
      'inner around A of r',
      'inner attempt 1',
      'outer attempt 1',
      'inner around A of r',
      'inner attempt 2',
      'outer attempt 2',
      'outer end r',
      'inner end r',
    ])
  })

  it('that throw in onAttempt or onUsage fail the attempt, and the others hear all the same', async () => {
    const refuse = (): never => {
      throw new Error('refused')
    }
    for (const refusal of [{ onAttempt: refuse }, { onUsage: refuse }]) {
      const notes: string[] = []
      const inner: Interceptor = { around: (_, next) => next(), ...refusal }
      const state = step('A', (_, context) => context.usage({ model: 'm' })).configure({ interceptors: [inner] })
      const { run } = begin(machine(state as never).configure({ interceptors: [hearing(notes, 'outer')] }), 1)
      expect((await rejection(run.result)).cause).toMatchObject({ message: 'refused' })
      expect(notes).toContain('onAttempt' in refusal ? 'outer attempt 1' : 'outer usage m')
    }
  })

  it('that throw in onRunEnd are reported, and the outcome stands', async () => {
    const warnings: string[] = []
    const logger = { warn: (message: string, error: Error) => void warnings.push(`${message}: ${error.message}`) }
    const broken: Interceptor = {
      around: (_, next) => next(),
      onRunEnd: () => {
        throw new Error('broken')
      },
    }
    expect(
      await machine(pass('A'))
        .configure({ interceptors: [broken], logger })
        .run(1),
    ).toBe(1)
    expect(warnings).toEqual(['onRunEnd() of an interceptor threw; the outcome of the run stands: broken'])
  })

  it('that are nested wrap the states inside sub-orchestrations, under the run they were given for', async () => {
    const notes: string[] = []
    const deep = hearing(notes, 'deep', true)
    const innermost = machine<number>(pass<number>('C')).configure({ interceptors: [deep] })
    const middle = machine<number>(
      pass<number>('B').addAdvancer(new SubOrchestrationRunnable(innermost).configure({ name: 'Two' }) as never),
    )
    const sub = new SubOrchestrationRunnable(middle).configure({ name: 'One' })
    const outer = machine<number>(pass<number>('A').addAdvancer(sub as never)).configure({ interceptors: [deep] })
    await outer.run(1, { runId: 'r' })
    expect(notes.filter(note => note.includes('around'))).toEqual([
      'deep around A of r',
      'deep around One/B of r',
      'deep around One/Two/C of r',
    ])
    expect(notes.filter(note => note === 'deep end r')).toHaveLength(1)
  })

  it('that are given twice wrap once', async () => {
    const notes: string[] = []
    const twice = hearing(notes, 'twice')
    await machine(pass('A').configure({ interceptors: [twice] }))
      .configure({ interceptors: [twice] })
      .run(1, { runId: 'r' })
    expect(notes).toEqual(['twice around A of r', 'twice attempt 1', 'twice end r'])
  })
})
