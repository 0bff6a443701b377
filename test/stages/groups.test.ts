import { describe, expect, it } from 'vitest'
import type { OrchestrationFailedError } from '../../src/core/index.js'
import { concat, type Orchestrator, type ParallelGroupOptions, StageConflictError } from '../../src/stages/index.js'
import { Notes, note, notes } from './states.js'

type Stage = (state: Notes) => void | Promise<void> | string

/** start → run_all (the workers) → aggregator */
function grouped(workers: Record<string, Stage>, options: ParallelGroupOptions<Notes> = {}): Orchestrator<Notes> {
  const orch = notes()
  orch.addNode('start', note('start'))
  for (const [name, work] of Object.entries(workers)) orch.addNode(name, work)
  orch.addNode('aggregator', note('aggregator'))
  orch.addParallelGroup('run_all', Object.keys(workers), options)
  orch.addEdge('start', 'run_all')
  orch.addEdge('run_all', 'aggregator')
  orch.entryPoint = 'start'
  return orch
}

const causeOf = (run: Promise<unknown>): Promise<Error> =>
  run.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: OrchestrationFailedError) => error.cause as Error,
  )

describe('a parallel group (S0-15, S0-18, S0-19)', () => {
  it('S0-16 S0-17 has its members at work at once, and goes on when all are done', async () => {
    const order: string[] = []
    let open = (): void => undefined
    const second = new Promise<void>(resolve => {
      open = resolve
    })
    const orch = grouped({
      w1: async () => {
        order.push('w1 begins')
        // Ends only because the other one is at work too.
        await second
        order.push('w1 ends')
      },
      w2: () => {
        order.push('w2 begins')
        open()
      },
    })
    orch.orchestration.on('state.started', ({ stateName }) => {
      if (stateName === 'aggregator') order.push('aggregator')
    })
    await orch.run({ notes: [] })
    expect(order).toEqual(['w1 begins', 'w2 begins', 'w1 ends', 'aggregator'])
  })

  it('S0-32 is in the path as parallel:<group>, and its members as <group>:<member>, in the order of the group', async () => {
    const { executionPath, executionTrace, cycleCount } = await grouped({
      w1: () => new Promise<void>(resolve => setImmediate(resolve)),
      w2: () => undefined,
    }).run({ notes: [] })
    expect(executionPath).toEqual(['start', 'parallel:run_all', 'run_all:w1', 'run_all:w2', 'aggregator'])
    expect(executionTrace).toEqual(executionPath)
    expect(cycleCount).toBe(4)
  })

  it('can be where a run starts and where it ends', async () => {
    const orch = notes()
    orch.addNode('w1', note('w1'))
    orch.addNode('w2', () => undefined)
    orch.addParallelGroup('run_all', ['w1', 'w2'])
    expect((await orch.run({ notes: [] })).notes).toEqual(['w1'])
  })

  it('can be gone through again', async () => {
    const orch = grouped({ w1: state => void (state.score = (state.score ?? 0) + 1), w2: () => undefined })
    orch.addConditionalEdge('aggregator', s => (s.score ?? 0) < 3, { true: 'run_all', false: 'end' })
    const state = await orch.run({ notes: [] })
    expect(state.score).toBe(3)
    expect(state.executionPath.filter(entry => entry === 'run_all:w1')).toHaveLength(3)
  })

  it('leads on by a condition too, and a stage can return its name', async () => {
    const orch = notes()
    orch.addNode('start', () => 'run_all')
    orch.addNode('w1', state => void (state.score = 1))
    orch.addParallelGroup('run_all', ['w1'])
    orch.addNode('high', note('high'))
    orch.addConditionalEdge('run_all', s => s.score, { 1: 'high' })
    orch.entryPoint = 'start'
    expect((await orch.run({ notes: [] })).notes).toEqual(['high'])
  })
})

describe('what members of a group change', () => {
  it('is merged where only one has changed a property, or all to the same', async () => {
    const state = await grouped({
      w1: s => void s.notes.push('w1'),
      w2: s => {
        s.score = 0.5
        s.context['same'] = [1]
      },
      w3: s => void (s.context['same'] = [1]),
    }).run({ notes: [] })
    expect(state.notes).toEqual(['start', 'w1', 'aggregator'])
    expect(state).toMatchObject({ score: 0.5, context: { same: [1] } })
    expect(state).toBeInstanceOf(Notes)
  })

  it('never shows to the others', async () => {
    const seen: unknown[] = []
    await grouped(
      {
        w1: s => void s.notes.push('w1'),
        w2: async s => {
          await new Promise(resolve => setImmediate(resolve))
          seen.push([...s.notes])
        },
      },
      {},
    ).run({ notes: [] })
    expect(seen).toEqual([['start']])
  })

  it('is refused where several change one property to different values: XR-4, never the last one wins', async () => {
    const error = await causeOf(
      grouped({
        w1: s => void (s.score = 1),
        w2: () => undefined,
        w3: s => void (s.score = 3),
      }).run({ notes: [] }),
    )
    expect(error).toBeInstanceOf(StageConflictError)
    expect(error).toMatchObject({ code: 'STAGE_CONFLICT', group: 'run_all', property: 'score', members: ['w1', 'w3'] })
    expect(error.message).toBe(
      'Group "run_all": its members "w1" and "w3" have changed `score` to different values. Say how to merge them: ' +
        "addParallelGroup('run_all', […], { merge: { score: (base, values) => … } }).",
    )
  })

  it('is made one by a reducer, which gets what those made of it who have changed it', async () => {
    const given: unknown[] = []
    const state = await grouped(
      {
        w1: s => {
          s.notes.push('w1')
          s.score = (s.score ?? 0) + 1
        },
        w2: s => void s.notes.push('w2', 'w2 again'),
        w3: s => void (s.score = (s.score ?? 0) + 1),
      },
      {
        merge: {
          notes: concat,
          score: (base, values) => {
            given.push([base, values])
            return values.reduce<number>((sum, value) => sum + (value ?? 0) - (base ?? 0), base ?? 0)
          },
        },
      },
    ).run({ notes: [], score: 10 })
    expect(state.notes).toEqual(['start', 'w1', 'w2', 'w2 again', 'aggregator'])
    expect(given).toEqual([[10, [11, 11]]])
    expect(state.score).toBe(12)
  })

  it('is refused by concat() if a list was not only added to', async () => {
    const orch = grouped(
      { w1: s => void (s.notes = []), w2: s => void s.notes.push('x') },
      { merge: { notes: concat } },
    )
    expect((await causeOf(orch.run({ notes: [] }))).message).toMatch(/only add to/)
  })

  it('names the group and the property of a reducer that fails', async () => {
    const error = await causeOf(
      grouped(
        { w1: s => void s.notes.push('x'), w2: () => undefined },
        {
          merge: {
            notes: () => {
              throw new TypeError('no list')
            },
          },
        },
      ).run({ notes: [] }),
    )
    expect(error).toMatchObject({
      code: 'STATE_FAILED',
      message: 'Group "run_all": the reducer for `notes` failed: no list',
      details: { property: 'notes', members: ['w1'] },
      cause: new TypeError('no list'),
    })
  })

  it('is merged key by key in reports and context, and a conflict names the key', async () => {
    const state = await grouped({
      w1: s => void (s.nodeReports['w1'] = 'one'),
      w2: s => {
        s.nodeReports['w2'] = 'two'
        delete s.context['old']
      },
    }).run({ notes: [], context: { old: 1, kept: 2 } })
    expect(state.nodeReports).toEqual({ w1: 'one', w2: 'two' })
    expect(state.context).toEqual({ kept: 2 })
    const error = await causeOf(
      grouped({
        w1: s => void (s.context['mode'] = 'a'),
        w2: s => void (s.context['mode'] = 'b'),
      }).run({ notes: [] }),
    )
    expect(error).toMatchObject({ property: 'context.mode' })
  })
})

describe('a member of a group that fails', () => {
  it('fails the run at once, and aborts the others', async () => {
    let aborted = false
    const orch = notes()
    orch.addNode('w1', () => {
      throw new Error('no data')
    })
    orch.addNode('w2', async (_, _progress, context) => {
      await new Promise<void>(resolve => context.signal.addEventListener('abort', () => resolve()))
      aborted = true
    })
    orch.addParallelGroup('run_all', ['w1', 'w2'])
    expect((await causeOf(orch.run({ notes: [] }))).message).toBe('no data')
    await new Promise(resolve => setImmediate(resolve))
    expect(aborted).toBe(true)
  })

  it('is left behind if the group says so, and the report says why', async () => {
    const state = await grouped(
      {
        w1: () => {
          throw new Error('no data')
        },
        w2: s => void s.notes.push('w2'),
      },
      { onFailure: 'proceed' },
    ).run({ notes: [] })
    expect(state.nodeReports).toEqual({ w1: { error: 'no data' } })
    expect(state.notes).toEqual(['start', 'w2', 'aggregator'])
    expect(state.executionPath).toContain('run_all:w1 failed')
    expect(state.cycleCount).toBe(4)
  })

  it('fails the group after all if there is no other', async () => {
    const fail = (why: string) => (): never => {
      throw new Error(why)
    }
    const error = await causeOf(
      grouped({ w1: fail('one'), w2: fail('two') }, { onFailure: 'proceed' }).run({ notes: [] }),
    )
    expect(error.message).toBe('Group "run_all": all of its members have failed. w1: one; w2: two')
  })

  it('cannot say what is next', async () => {
    const error = await causeOf(grouped({ w1: () => 'aggregator', w2: () => undefined }).run({ notes: [] }))
    expect(error.message).toMatch(/Stage "w1" returned "aggregator", but it is a member of group "run_all"/)
    const outside = notes()
    outside.addNode('a', () => 'w1')
    outside.addNode('w1', () => undefined)
    outside.addParallelGroup('run_all', ['w1'])
    outside.entryPoint = 'a'
    expect((await causeOf(outside.run({ notes: [] }))).message).toMatch(
      /returned "w1", a member of group "run_all", which can only be entered as a whole/,
    )
  })
})
