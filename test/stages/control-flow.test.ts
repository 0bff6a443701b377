import { describe, expect, it } from 'vitest'
import { OrchestrationFailedError, OrchestrationRunnable } from '../../src/core/index.js'
import { PayloadError } from '../../src/schema/index.js'
import { BaseGraphState, END, Orchestrator, UnknownStageError } from '../../src/stages/index.js'
import { Notes, note, notes } from './states.js'

const causeOf = (run: Promise<unknown>): Promise<Error> =>
  run.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: OrchestrationFailedError) => error.cause as Error,
  )

describe('an orchestrator (S0-01, S0-02, S0-03)', () => {
  it('takes one state through its stages', async () => {
    const orch = notes()
    orch.addNode('a', note('a'))
    orch.addNode('b', note('b'))
    orch.addEdge('a', 'b')
    const state = await orch.run({ notes: ['start'], subjectId: 's' })
    expect(state).toBeInstanceOf(Notes)
    expect(state.notes).toEqual(['start', 'a', 'b'])
  })

  it('S0-07 S0-08 S0-26 has functions as stages, synchronous or not, which get the state and a reporter of progress', async () => {
    const seen: unknown[] = []
    const orch = notes()
    orch.addNode('sync', (state, progress) => {
      seen.push(state instanceof Notes, typeof progress)
    })
    orch.addNode('async', async state => {
      await Promise.resolve()
      state.notes.push('async')
    })
    orch.addEdge('sync', 'async')
    expect((await orch.run({ notes: [] })).notes).toEqual(['async'])
    expect(seen).toEqual([true, 'function'])
  })

  it('S0-05 S0-09 has utility stages that are added by name, and no model is needed', async () => {
    const orch = new Orchestrator({ state: BaseGraphState })
    orch.addNode('math_step', state => {
      state.context['mean'] = (1 + 2 + 3) / 3
    })
    expect((await orch.run({ subjectId: 'x' })).context).toEqual({ mean: 2 })
  })

  it('S0-11 jumps to the stage whose name is returned, past its edges', async () => {
    const orch = notes()
    orch.addNode('a', state => {
      state.notes.push('a')
      return 'c'
    })
    orch.addNode('b', note('b'))
    orch.addNode('c', note('c'))
    orch.addEdge('a', 'b')
    orch.entryPoint = 'a'
    expect((await orch.run({ notes: [] })).notes).toEqual(['a', 'c'])
  })

  it('S0-10 S0-12 follows its edge where nothing is returned, and null is nothing', async () => {
    const orch = notes()
    orch.addNode('a', () => null)
    orch.addNode('b', note('b'))
    orch.addEdge('a', 'b')
    expect((await orch.run({ notes: [] })).executionPath).toEqual(['a', 'b'])
  })

  it('S0-13 stops, and not as an error, where no edge leads on', async () => {
    const orch = notes()
    orch.addNode('only', note('only'))
    expect((await orch.run({ notes: [] })).notes).toEqual(['only'])
  })

  it('S0-14 stops at "end" without a stage of that name, and where an edge leads to END', async () => {
    const orch = notes()
    orch.addNode('a', () => 'end')
    orch.addNode('b', note('b'))
    orch.addEdge('a', 'b')
    expect((await orch.run({ notes: [] })).executionPath).toEqual(['a'])
    const edge = notes()
    edge.addNode('a', note('a')).addEdge('a', END)
    expect((await edge.run({ notes: [] })).notes).toEqual(['a'])
  })

  it('S0-14 goes to a stage that is called "end", if there is one', async () => {
    const orch = notes()
    orch.addNode('a', () => END)
    orch.addNode('end', note('the end'))
    orch.entryPoint = 'a'
    expect((await orch.run({ notes: [] })).notes).toEqual(['the end'])
  })

  it('C9 refuses any other return, naming the nearest stage and all of them', async () => {
    const orch = notes()
    orch.addNode('forecaster', () => 'agregator')
    orch.addNode('aggregator', note('x'))
    orch.entryPoint = 'forecaster'
    const error = await causeOf(orch.run({ notes: [] }))
    expect(error).toBeInstanceOf(UnknownStageError)
    expect(error).toMatchObject({
      code: 'STAGE_UNKNOWN',
      stageName: 'forecaster',
      known: ['forecaster', 'aggregator', 'end'],
      message: expect.stringMatching(/"agregator".*Did you mean "aggregator"\?.*forecaster, aggregator, end/) as string,
    })
    const other = notes()
    other.addNode('a', (() => 42) as unknown as () => string)
    expect((await causeOf(other.run({ notes: [] }))).message).toMatch(/a value of type number, which names no stage/)
  })

  it('refuses a jump that `jumps` does not have', async () => {
    const orch = notes()
    orch.addNode('a', () => 'c', { jumps: ['b'] })
    orch.addNode('b', () => undefined, { jumps: ['c'] })
    orch.addNode('c', note('c'))
    expect((await causeOf(orch.run({ notes: [] }))).message).toBe(
      'Stage "a" returned "c", but it has only b as its jumps. Add it to `jumps`.',
    )
  })

  it('S0-20 S0-29 starts at its entry point, however that is set', async () => {
    for (const set of [
      (orch: Orchestrator<Notes>) => (orch.entryPoint = 'b'),
      (orch: Orchestrator<Notes>) => orch.setEntryPoint('b'),
    ]) {
      const orch = notes()
      orch.addNode('a', note('a'))
      orch.addNode('b', note('b'))
      set(orch)
      expect((await orch.run({ notes: [] })).notes).toEqual(['b'])
    }
    const given = new Orchestrator({ state: Notes, entryPoint: 'b' })
    given.addNode('a', note('a'))
    given.addNode('b', note('b'))
    expect((await given.run({ notes: [] })).notes).toEqual(['b'])
  })

  it('S0-22 S0-23 is made with its configuration, and returns a state that can be printed', async () => {
    const orch = new Orchestrator({ state: Notes, name: 'Desk', entryPoint: 'a', maxCycles: 5, timeoutMs: 60_000 })
    orch.addNode('a', note('a'))
    const state = await orch.run({ notes: [], subjectId: 'S-1' })
    expect(JSON.parse(JSON.stringify(state))).toMatchObject({ subjectId: 'S-1', notes: ['a'], maxCycles: 5 })
    expect(orch.orchestration.name).toBe('Desk')
    expect(() => new Orchestrator({ state: Notes, maxCycles: 0 })).toThrow(/maxCycles/)
    expect(() => new Orchestrator({ state: Date as never })).toThrow(/BaseGraphState or a class that extends it/)
  })
})

describe('conditional edges (S0-27)', () => {
  const scored = (): Orchestrator<Notes> => {
    const orch = notes()
    orch.addNode('start', note('start'))
    orch.addNode('good', note('good'))
    orch.addNode('bad', note('bad'))
    orch.addConditionalEdge('start', state => (state.score ?? 0) > 0.5, { true: 'good', false: 'bad' })
    return orch
  }

  it('come before the plain edge, lead where their key says, and are asked once', async () => {
    let asked = 0
    const orch = notes()
    orch.addNode('start', note('start'))
    orch.addNode('good', note('good'))
    orch.addNode('plain', note('plain'))
    orch.addEdge('start', 'plain')
    orch.addConditionalEdge(
      'start',
      async () => {
        asked++
        return 'good'
      },
      { good: 'good', stop: END },
    )
    expect((await orch.run({ notes: [] })).notes).toEqual(['start', 'good'])
    expect(asked).toBe(1)
    expect((await scored().run({ notes: [], score: 0.9 })).notes).toEqual(['start', 'good'])
    expect((await scored().run({ notes: [], score: 0.1 })).notes).toEqual(['start', 'bad'])
  })

  it('leave a key that is not in their map to the plain edge, and fail with their keys where there is none', async () => {
    const withPlain = notes()
    withPlain.addNode('start', note('start'))
    withPlain.addNode('yes', note('yes'))
    withPlain.addNode('other', note('other'))
    withPlain.addConditionalEdge('start', () => 'maybe', { yes: 'yes', no: END })
    withPlain.addEdge('start', 'other')
    expect((await withPlain.run({ notes: [] })).executionPath).toEqual(['start', 'other'])
    const without = notes()
    without.addNode('start', note('start'))
    without.addNode('yes', note('yes'))
    without.addConditionalEdge('start', () => 'maybe', { yes: 'yes', no: END })
    expect((await causeOf(without.run({ notes: [] }))).message).toMatch(
      /came to "maybe", which is not one of its keys: yes, no\. .*addEdge\('start', …\)/,
    )
  })

  it('cannot change the state', async () => {
    const orch = scored()
    orch.addConditionalEdge(
      'good',
      state => {
        state.notes.push('by the condition')
        return 'end'
      },
      { end: END },
    )
    expect((await orch.run({ notes: [], score: 1 })).notes).toEqual(['start', 'good'])
  })
})

describe('the state', () => {
  it('of the caller is not changed, and each stage works on its own copy, with instances in it', async () => {
    const given = Object.assign(new Notes(), { notes: ['mine'] })
    const copies: Notes[] = []
    const orch = notes()
    orch.addNode('a', state => {
      copies.push(state)
    })
    orch.addNode('b', state => {
      copies.push(state)
    })
    orch.addEdge('a', 'b')
    await orch.run(given)
    expect(given.executionPath).toEqual([])
    expect(copies[0]).toBeInstanceOf(Notes)
    expect(copies[0]).not.toBe(copies[1])
    expect(copies[0]?.notes).not.toBe(copies[1]?.notes)
  })

  it('is as it was when a stage is tried again', async () => {
    let tries = 0
    const orch = notes()
    const { retry } = await import('../../src/resilience/index.js')
    orch.addNode(
      'flaky',
      state => {
        state.notes.push(`try ${++tries}`)
        if (tries < 3) throw new Error('not yet')
      },
      { interceptors: [retry({ maxAttempts: 3, initialDelayMs: 0 })] },
    )
    const state = await orch.run({ notes: [] })
    expect(state.notes).toEqual(['try 3'])
    expect(state).toMatchObject({ cycleCount: 1, executionPath: ['flaky'] })
  })

  it('is validated after each stage, and the error says where', async () => {
    const orch = notes()
    orch.addNode('a', state => {
      ;(state as { score: unknown }).score = 'high'
    })
    const error = await causeOf(orch.run({ notes: [] }))
    expect(error).toBeInstanceOf(PayloadError)
    expect(error.message).toMatch(/"a".*score/s)
    await expect(orch.run({ notes: 'none' as never })).rejects.toThrow(/notes/)
  })

  it('must be made of data: what else is put into it is refused with its path', async () => {
    const orch = notes()
    orch.addNode('a', state => {
      state.context['provider'] = { ask: () => 'yes' }
    })
    orch.addNode('b', note('b'))
    orch.addEdge('a', 'b')
    expect((await causeOf(orch.run({ notes: [] }))).message).toMatch(/context.provider.ask.*function/)
  })
})

describe('S0-04 S0-06 stages of both kinds mix', () => {
  class Doubling extends OrchestrationRunnable<number, number> {
    invoke(value: number): number {
      return value * 2
    }
  }

  it('states take their input out of the state and put their output into it', async () => {
    const orch = notes()
    orch.addNode('double', new Doubling(), { input: s => s.score ?? 0, output: (s, twice) => void (s.score = twice) })
    orch.addNode('note', state => void state.notes.push(`score ${state.score}`))
    orch.addEdge('double', 'note')
    const state = await orch.run({ notes: [], score: 21 })
    expect(state.notes).toEqual(['score 42'])
    expect(state.executionPath).toEqual(['double', 'note'])
  })

  it('and report under their own name if nothing else is said', async () => {
    const orch = notes()
    orch.addNode('double', new Doubling(), { input: () => 4 })
    expect((await orch.run({ notes: [] })).nodeReports).toEqual({ double: 8 })
    expect(() => notes().addNode('class', Doubling as never)).toThrow(/an instance of a state/)
    expect(() => notes().addNode('no input', new Doubling(), {} as never)).toThrow(/input of "no input"/)
    expect(() => notes().addNode('', note('x'))).toThrow(/name/)
  })
})
