import { describe, expect, it } from 'vitest'
import { PatternConfig } from '../../src/topology/index.js'
import { finish, invoke, invokeAll, play, type Script } from './agents-at-work.js'

/** Answers after so many others have begun to work; fails the test by its time limit if they never do. */
function barrier(size: number): (answer: string) => Script {
  let open = (): void => undefined
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  let arrived = 0
  return answer => async () => {
    if (++arrived === size) open()
    await opened
    return answer
  }
}

const spokes = ['Worker1', 'Worker2', 'Worker3']
const hub: Script = (_, turn) => (turn === 1 ? 'the plan' : 'the summary')

describe('S1-16: hub and spoke', () => {
  it('S1-20 S1-40 S1-56 asks all spokes at once, really side by side, and gets their answers in declared order', async () => {
    const together = barrier(3)
    const { outcome, cast, steps, events } = await play(
      PatternConfig.hubAndSpoke({ hub: 'Coordinator', spokes, parallelSpokes: true }),
      { Coordinator: hub, Worker1: together('1'), Worker2: together('2'), Worker3: together('3') },
    )
    expect(outcome?.response).toBe('the summary')
    expect(steps[0]).toBe('Coordinator')
    expect(steps.at(-1)).toBe('Coordinator')
    expect(steps).toHaveLength(5)
    expect(cast.asked('Coordinator')[1]).toBe('From Worker1:\n1\n\nFrom Worker2:\n2\n\nFrom Worker3:\n3')
    expect(events.some(event => event.type === 'join.fired' && event.stateName === 'gather(Coordinator)')).toBe(true)
  })

  it('S1-05 S1-41 orders answers as the spokes are declared, whoever is first', async () => {
    let last = (): void => undefined
    const isLast = new Promise<void>(resolve => {
      last = resolve
    })
    const { cast } = await play(
      PatternConfig.hubAndSpoke({ hub: 'Coordinator', spokes: ['Slow', 'Fast'], parallelSpokes: true }),
      {
        Coordinator: hub,
        Slow: async () => {
          await isLast
          return 'slow'
        },
        Fast: () => {
          last()
          return 'fast'
        },
      },
    )
    expect(cast.asked('Coordinator')[1]).toBe('From Slow:\nslow\n\nFrom Fast:\nfast')
  })

  it('asks one spoke after another without a rule, each the same, and gets all answers at once', async () => {
    const topology = {
      nodes: ['User', 'PlannerAgent', 'ExecutorAgent1', 'ExecutorAgent2'],
      edges: ['User -> PlannerAgent', 'PlannerAgent <-> ExecutorAgent1', 'PlannerAgent <-> ExecutorAgent2'],
    }
    const { steps, cast, outcome } = await play(
      topology,
      { PlannerAgent: hub, ExecutorAgent1: 'done 1', ExecutorAgent2: 'done 2' },
      { task: 'Analyze quarterly sales data', context: { department: 'sales' } },
    )
    expect(steps).toEqual(['PlannerAgent', 'ExecutorAgent1', 'ExecutorAgent2', 'PlannerAgent'])
    expect(cast.asked('ExecutorAgent2')).toEqual([
      'Task: Analyze quarterly sales data\n\nContext: {"department":"sales"}\n\nFrom PlannerAgent:\nthe plan',
    ])
    expect(cast.asked('PlannerAgent')[1]).toBe('From ExecutorAgent1:\ndone 1\n\nFrom ExecutorAgent2:\ndone 2')
    expect(outcome?.response).toBe('the summary')
  })

  it('runs the spokes of a rule side by side and the others after them', async () => {
    const together = barrier(2)
    const { steps, turns } = await play(
      {
        nodes: ['User', 'Hub', 'A', 'B', 'C'],
        edges: ['User -> Hub', 'Hub <=> A', 'Hub <=> B', 'Hub <=> C'],
        rules: ['parallel(A, C)'],
      },
      { Hub: hub, A: together('a'), B: 'b', C: together('c') },
    )
    expect(steps.slice(0, 1)).toEqual(['Hub'])
    expect(steps.slice(1, 3).sort()).toEqual(['A', 'C'])
    expect(steps.slice(3)).toEqual(['B', 'Hub'])
    expect(turns[0]?.action).toEqual({
      type: 'parallel_invoke',
      targets: [
        { agent: 'A', input: 'the plan' },
        { agent: 'C', input: 'the plan' },
      ],
      waitForAll: true,
      gathers: true,
    })
  })

  it('goes on along its other edges when the answers are there', async () => {
    const { steps, cast } = await play(
      {
        nodes: ['User', 'Hub', 'A', 'B', 'Writer'],
        edges: ['User -> Hub', 'Hub <-> A', 'Hub <-> B', 'Hub -> Writer', 'Writer -> User'],
      },
      { Hub: hub, A: 'a', B: 'b', Writer: 'written' },
    )
    expect(steps).toEqual(['Hub', 'A', 'B', 'Hub', 'Writer'])
    expect(cast.asked('Writer')[0]).toContain('From Hub:\nthe summary')
  })

  it('S1-40 nests: a spoke that is itself a hub answers when its own spokes have', async () => {
    const together = barrier(4)
    const { steps, cast, outcome } = await play(
      {
        nodes: ['User', 'Top', 'Left', 'Right', 'L1', 'L2', 'R1', 'R2'],
        edges: [
          'User -> Top',
          'Top <=> Left',
          'Top <=> Right',
          ...['Left <=> L1', 'Left <=> L2', 'Right <=> R1', 'Right <=> R2'],
        ],
        rules: ['parallel(Left, Right)', 'parallel(L1, L2)', 'parallel(R1, R2)'],
      },
      {
        Top: hub,
        Left: (_, turn) => `left ${turn}`,
        Right: (_, turn) => `right ${turn}`,
        L1: together('l1'),
        L2: together('l2'),
        R1: together('r1'),
        R2: together('r2'),
      },
    )
    expect(steps).toHaveLength(10)
    expect(cast.asked('Left')[1]).toBe('From L1:\nl1\n\nFrom L2:\nl2')
    expect(cast.asked('Top')[1]).toBe('From Left:\nleft 2\n\nFrom Right:\nright 2')
    expect(outcome?.response).toBe('the summary')
  })
})

describe('S1-40: parallelism that agents initiate', () => {
  const oneWay = {
    nodes: ['User', 'Planner', 'A', 'B', 'C'],
    edges: ['User -> Planner', 'Planner -> A', 'Planner -> B', 'Planner -> C'],
  }

  it('S1-39 S1-70 gathers the answers at the agent that has asked, in the order in which it has', async () => {
    const together = barrier(2)
    const planner: Script = (_, turn) => (turn === 1 ? invokeAll(['C', 'A']) : finish('the sum'))
    const { steps, cast, outcome } = await play(oneWay, {
      Planner: planner,
      A: together('a'),
      B: 'never asked',
      C: together('c'),
    })
    expect(steps).toHaveLength(4)
    expect(cast.asked('A')).toEqual(['From Planner:\nA, please'])
    expect(cast.asked('Planner')[1]).toBe('From C:\nc\n\nFrom A:\na')
    expect(outcome?.response).toBe('the sum')
  })

  it('does not put what it says then to those whom it has asked', async () => {
    const planner: Script = (_, turn) => (turn === 1 ? invokeAll(['A', 'B']) : 'the sum')
    const { steps } = await play(oneWay, { Planner: planner, A: 'a', B: 'b', C: 'c' })
    expect([...steps].sort()).toEqual(['A', 'B', 'C', 'Planner', 'Planner'])
    expect(steps.at(-1)).toBe('C')
  })

  it('goes on with the first answer if it does not wait for all, and stops the others', async () => {
    const never: Script = (_, _turn, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    const planner: Script = (_, turn) => (turn === 1 ? invokeAll(['A', 'B'], false) : finish('the first'))
    const { outcome, cast, events } = await play(oneWay, { Planner: planner, A: never, B: 'b', C: 'c' })
    expect(cast.asked('Planner')[1]).toBe('From B:\nb')
    expect(outcome?.response).toBe('the first')
    expect(events.filter(event => event.type === 'branch.completed' && event.outcome === 'cancelled')).toHaveLength(1)
  })

  it('S1-04 asks again, and others, before it answers', async () => {
    const planner: Script = (_, turn) =>
      [invokeAll(['A', 'B']), invokeAll(['B', 'C']), finish('enough')][turn - 1] as never
    const { steps, cast } = await play(oneWay, { Planner: planner, A: 'a', B: (_, turn) => `b${turn}`, C: 'c' })
    expect(steps.filter(agent => agent === 'B')).toHaveLength(2)
    expect(cast.asked('Planner')[2]).toBe('From B:\nb2\n\nFrom C:\nc')
  })

  it('lets a hub ask one spoke and decide then', async () => {
    const planner: Script = (_, turn) => (turn === 1 ? invoke('A') : 'decided')
    const { steps } = await play(
      { nodes: ['User', 'Hub', 'A', 'B'], edges: ['User -> Hub', 'Hub <-> A', 'Hub <-> B'] },
      { Hub: planner, A: 'a', B: 'b' },
    )
    expect(steps).toEqual(['Hub', 'A', 'Hub'])
  })
})
