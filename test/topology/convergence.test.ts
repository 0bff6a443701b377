import { describe, expect, it } from 'vitest'
import { textOf } from '../../src/agents/index.js'
import { PatternConfig } from '../../src/topology/index.js'
import { finish, invoke, invokeAll, play } from './agents-at-work.js'

const diamond = {
  nodes: ['User', 'Planner', 'A', 'B', 'Editor'],
  edges: ['User -> Planner', 'Planner -> A', 'Planner -> B', 'A -> Editor', 'B -> Editor', 'Editor -> User'],
}
const workers = { Planner: 'plan', A: 'from a', B: 'from b', Editor: 'edited' }

describe('S1-05: branches come together', () => {
  it('S1-40 S1-41 S1-45 branches at a divergence and waits for all at the convergence, once', async () => {
    const { steps, cast, outcome, events } = await play(diamond, workers)
    expect(steps[0]).toBe('Planner')
    expect(steps.at(-1)).toBe('Editor')
    expect(steps).toHaveLength(4)
    expect(cast.asked('Editor')).toEqual(['Task: The task\n\nFrom A:\nfrom a\n\nFrom B:\nfrom b'])
    expect(outcome).toEqual({
      response: 'edited',
      answers: [{ agent: 'Editor', branch: '0:0.0', response: 'edited', converged: true }],
    })
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'join.fired',
        stateName: 'meet(Editor, User)',
        branches: ['0:0.0:0.0', '0:0.0:0.1'],
      }),
    )
  })

  it('does not wait for a branch that ends elsewhere', async () => {
    const { cast, outcome } = await play(
      { ...diamond, edges: [...diamond.edges, 'B -> User'] },
      { ...workers, B: () => finish('nothing for the editor') },
    )
    expect(cast.asked('Editor')[0]).toContain('From A:\nfrom a')
    expect(cast.asked('Editor')[0]).not.toContain('From B')
    expect(outcome?.response).toBe('edited')
    expect(outcome?.answers.map(({ agent }) => agent).sort()).toEqual(['B', 'Editor'])
  })

  it('S1-41 waits for a branch that asks others side by side before it comes, whoever is first', async () => {
    for (const slow of ['A', 'B']) {
      const after = async (name: string): Promise<void> => {
        if (name === slow) for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
      }
      const { cast, outcome } = await play(
        { nodes: [...diamond.nodes, 'C', 'D'], edges: [...diamond.edges, 'A -> C', 'A -> D'] },
        {
          ...workers,
          A: async (_, turn) => {
            await after('A')
            return turn === 1 ? invokeAll(['C', 'D']) : invoke('Editor', 'from a')
          },
          B: async () => {
            await after('B')
            return 'from b'
          },
          C: 'c',
          D: 'd',
        },
      )
      expect(cast.asked('Editor')).toEqual(['Task: The task\n\nFrom A:\nfrom a\n\nFrom B:\nfrom b'])
      expect(outcome?.response).toBe('edited')
    }
  })

  it('fails when somebody fails whom it does not wait for, whether that is before it begins or after', async () => {
    const topology = {
      nodes: ['User', 'A', 'B', 'C'],
      edges: ['User -> C', 'User -> A', 'A <|> B', 'A -> C', 'B -> C', 'B -> User'],
    }
    for (const slow of [0, 9]) {
      const { error, events } = await play(topology, {
        A: 'a',
        B: 'b',
        C: async ({ messages }) => {
          if (textOf(messages.at(-1)) !== 'The task') return 'c'
          for (let i = 0; i < slow; i++) await new Promise(resolve => setImmediate(resolve))
          return new Error('out of order')
        },
      })
      expect(error?.message).toContain('out of order')
      // Nor is the name of the branch a matter of time.
      const fired = events.flatMap(event => (event.type === 'join.fired' ? [`${event.stateName} ${event.token}`] : []))
      expect(fired).toEqual(['meet(C, User) 0:0.1:1'])
    }
  })

  it('S1-46 counts what came together before what ended alone', async () => {
    const { outcome } = await play(
      { ...diamond, nodes: [...diamond.nodes, 'Alone'], edges: [...diamond.edges, 'Planner -> Alone'] },
      { ...workers, Alone: 'by myself' },
    )
    expect(outcome?.response).toBe('edited')
    expect(outcome?.answers).toHaveLength(2)
  })

  it('S1-69 comes together at every stage of a pipeline', async () => {
    const stages = [
      { name: 'one', agents: ['A1', 'A2'] },
      { name: 'two', agents: ['B1', 'B2'] },
      { name: 'three', agents: ['C'] },
    ]
    const scripts = { A1: 'a1', A2: 'a2', B1: 'b1', B2: 'b2', C: 'c' }
    const { steps, cast, outcome } = await play(PatternConfig.pipeline({ stages }), scripts)
    expect(steps).toHaveLength(5)
    expect(cast.asked('B1')[0]).toContain('From A1:\na1\n\nFrom A2:\na2')
    expect(cast.asked('C')[0]).toContain('From B1:\nb1\n\nFrom B2:\nb2')
    expect(outcome?.response).toBe('c')
  })

  it('S1-56 lets those that begin when branches have come together work side by side', async () => {
    const stages = [
      { name: 'one', agents: ['A1', 'A2'] },
      { name: 'two', agents: ['B1', 'B2'] },
    ]
    let open = (): void => undefined
    const opened = new Promise<void>(resolve => {
      open = resolve
    })
    let arrived = 0
    const together = async (): Promise<string> => {
      if (++arrived === 2) open()
      await opened
      return 'b'
    }
    const { outcome } = await play(PatternConfig.pipeline({ stages }), { A1: 'a', A2: 'a', B1: together, B2: together })
    expect(outcome?.response).toEqual({ B1: 'b', B2: 'b' })
  })

  it('does not wait inside a call for those that have answered to it already', async () => {
    let answered = (): void => undefined
    const isAnswered = new Promise<void>(resolve => {
      answered = resolve
    })
    const topology = {
      nodes: ['User', 'Manager', 'Lead', 'A', 'B', 'Editor', 'Quick', 'Elsewhere'],
      edges: [
        ...['User -> Manager', 'User -> Elsewhere', 'Manager <=> Lead', 'Manager <=> Quick'],
        ...['Lead -> A', 'Lead -> B', 'A -> Editor', 'B -> Editor'],
      ],
      rules: ['parallel(Lead, Quick)'],
    }
    // Works until the editor does: nobody has to wait for it.
    const { outcome, error } = await play(topology, {
      Manager: (_, turn) => (turn === 1 ? 'plan' : 'report'),
      Lead: 'split',
      A: 'a',
      B: 'b',
      Quick: 'quick',
      Elsewhere: async () => {
        await isAnswered
        return 'elsewhere'
      },
      Editor: () => {
        answered()
        return 'edited'
      },
    })
    expect(error).toBeUndefined()
    expect(outcome?.answers.map(({ agent }) => agent)).toEqual(['Manager', 'Elsewhere'])
  })

  it('S1-68 waits where a rule says so, although there are edges back', async () => {
    const { steps, cast } = await play(
      {
        nodes: ['User', 'A', 'B', 'C'],
        edges: ['User -> A', 'User -> B', 'A -> C', 'B <-> C', 'C -> User'],
        rules: ['wait_all(A, B) -> C', 'max_turns(B <-> C, 1)'],
      },
      { A: 'a', B: 'b', C: 'c' },
    )
    expect([...steps].sort()).toEqual(['A', 'B', 'C'])
    expect(cast.asked('C')[0]).toContain('From A:\na\n\nFrom B:\nb')
  })

  it('S1-68 goes on with the first of a group that is not waited for', async () => {
    let release = (): void => undefined
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    const rule = { nodes: diamond.nodes, edges: diamond.edges, rules: [] }
    const { ParallelRule } = await import('../../src/topology/index.js')
    const { cast, steps } = await play(
      { ...rule, rules: [new ParallelRule({ agents: ['A', 'B'], waitForAll: false })] },
      {
        ...workers,
        A: async () => {
          await released
          return 'late'
        },
        Editor: () => {
          release()
          return 'edited'
        },
      },
    )
    expect(cast.asked('Editor')).toHaveLength(1)
    expect(cast.asked('Editor')[0]).not.toContain('late')
    expect(steps.filter(agent => agent === 'Editor')).toHaveLength(1)
  })

  it('opens a new meeting in every round of a loop', async () => {
    const { steps, outcome } = await play(
      { ...diamond, edges: [...diamond.edges, 'Editor -> Planner'] },
      { ...workers, Editor: (_, turn) => (turn < 3 ? invoke('Planner', 'again') : finish('done')) },
    )
    expect(steps.filter(agent => agent === 'Editor')).toHaveLength(3)
    expect(steps).toHaveLength(12)
    expect(outcome?.response).toBe('done')
  })
})

describe('branches that come together inside a call', () => {
  const inside = {
    nodes: ['User', 'Manager', 'Lead', 'A', 'B', 'Editor', 'Other'],
    edges: [
      ...['User -> Manager', 'Manager <=> Lead', 'Manager <=> Other'],
      ...['Lead -> A', 'Lead -> B', 'A -> Editor', 'B -> Editor'],
    ],
    rules: ['parallel(Lead, Other)'],
  }
  const scripts = {
    Manager: (_: unknown, turn: number) => (turn === 1 ? 'plan' : 'report'),
    Lead: 'split',
    A: 'from a',
    B: 'from b',
    Editor: 'edited',
    Other: 'other',
  }

  it('return to whoever has asked, as one answer', async () => {
    const { steps, cast, outcome, error } = await play(inside, scripts)
    expect(error).toBeUndefined()
    expect(steps.filter(agent => agent === 'Editor')).toHaveLength(1)
    expect(cast.asked('Editor')[0]).toContain('From A:\nfrom a\n\nFrom B:\nfrom b')
    expect(cast.asked('Manager')[1]).toBe('From Editor:\nedited\n\nFrom Other:\nother')
    expect(outcome?.response).toBe('report')
  })

  it('are not mixed with those of another call', async () => {
    const topology = {
      ...inside,
      nodes: [...inside.nodes, 'Top', 'Manager2'],
      edges: [
        ...['User -> Top', 'Top <=> Manager', 'Top <=> Manager2', 'Manager2 <=> Lead', 'Manager <=> Lead'],
        ...inside.edges.slice(2),
      ],
      rules: ['parallel(Manager, Manager2)', 'parallel(Lead, Other)'],
    }
    const { steps, cast, outcome, error } = await play(topology, {
      ...scripts,
      Top: (_, turn) => (turn === 1 ? 'start' : 'the end'),
      Manager2: scripts.Manager,
      Manager: (request, turn) => scripts.Manager(request, turn),
    })
    expect(error).toBeUndefined()
    expect(steps.filter(agent => agent === 'Editor')).toHaveLength(2)
    for (const asked of cast.asked('Editor')) expect(asked).toContain('From A:\nfrom a\n\nFrom B:\nfrom b')
    expect(cast.asked('Manager2')[1]).toBe('From Editor:\nedited')
    expect(outcome?.response).toBe('the end')
  })

  it('come together again in the next round of a loop inside the call', async () => {
    const { steps, cast, outcome } = await play(
      { ...inside, edges: [...inside.edges, 'Editor -> Lead', 'Editor -> User'] },
      { ...scripts, Editor: (_, turn) => (turn < 3 ? invoke('Lead', 'once more') : finish('edited')) },
    )
    expect(steps.filter(agent => agent === 'Editor')).toHaveLength(3)
    expect(cast.asked('Manager')[1]).toBe('From Editor:\nedited\n\nFrom Other:\nother')
    expect(outcome?.response).toBe('report')
  })

  it('S1-40 come together where an agent has asked for them itself', async () => {
    const { steps, cast } = await play(
      { ...diamond, edges: diamond.edges },
      { ...workers, Planner: (_, turn) => (turn === 1 ? invokeAll(['A', 'B']) : 'enough') },
    )
    // Over the edges that lead on from those it has asked.
    expect(steps.filter(agent => agent === 'Editor')).toHaveLength(1)
    expect(cast.asked('Planner')[1]).toBe('From Editor:\nedited')
  })
})
