import { describe, expect, it } from 'vitest'
import { analyzeTopology, PatternConfig, Topology, type TopologyDefinition } from '../../src/topology/index.js'
import { refused } from './refused.js'

/** The analysis of edges as texts; the nodes are those that they name. */
function analyse(edges: readonly string[], rest: Partial<TopologyDefinition> = {}) {
  const nodes = [...new Set(edges.flatMap(edge => edge.split(/ <?[-=~|]>? ?>? ?/).map(name => name.trim())))]
  return analyzeTopology(Topology.of({ nodes, edges, ...rest }))
}

const full = ['User -> Research', 'Research -> Analyst', 'Analyst -> Writer', 'Writer <-> Review', 'Review -> User']

describe('where a run begins', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['C11 with whom the user addresses, also if somebody answers the user', full, ['Research']],
    ['with several, if the user addresses several', ['User -> A', 'User -> B', 'A -> C', 'B -> C'], ['A', 'B']],
    ['S1-44 without a user with whom no edge leads to', ['A -> C', 'B -> C'], ['A', 'B']],
    ['so too if the user only gets the answer', ['A -> B', 'B -> User'], ['A']],
    ['with a hub that is written first', ['H <-> A', 'H <-> B'], ['H']],
    ['with who calls', ['R <=> A', 'A <=> B'], ['R']],
  ])('S1-44 S1-47: %s', (_, edges, entries) => expect(analyse(edges).entries).toEqual(entries))

  it('S1-44: is what the metadata says, whatever the edges say', () => {
    expect(analyse(['User -> A', 'A -> B', 'B <-> A2', 'A2 -> C'], { metadata: { entryPoint: 'A' } }).entries).toEqual([
      'A',
    ])
    expect(analyse(['A -> B', 'C -> B'], { metadata: { entryPoint: ['C', 'A'] } }).entries).toEqual(['C', 'A'])
  })

  it.each([[['A -> B', 'B -> A']], [['A <|> B', 'B <|> C', 'C <|> A']], [['A <-> B', 'B <-> C', 'C <-> A']]])(
    'C11: is told with the candidates if it cannot be known: %j',
    edges => {
      const [problem] = refused(() => analyse(edges))
      expect(problem).toContain('it cannot be told where a run begins. Candidates: A, B')
      expect(problem).toContain(
        'Add an edge "User -> A" and the node "User", or name the agent as metadata.entryPoint.',
      )
    },
  )
})

describe('where a run ends', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['with whoever answers the user', full, ['Review']],
    ['with whom no edge leads on from', ['User -> A', 'A -> B', 'A -> C'], ['B', 'C']],
    ['with the hub', ['User -> H', 'H <=> A', 'H <=> B'], ['H']],
    ['with who begins the last dialogue', ['User -> A', 'A -> B', 'B <-> C'], ['B']],
  ])('is %s', (_, edges, exits) => expect(analyse(edges).exits).toEqual(exits))
})

describe('where branches part and come together', () => {
  it('S1-39 S1-40: an agent with more than one way on is a divergence point', () => {
    expect(analyse(['User -> A', 'A -> B', 'A -> C', 'B -> D', 'C -> D']).divergencePoints).toEqual(['A'])
    expect(analyse(['User -> A', 'User -> B']).divergencePoints).toEqual([])
    expect(analyse(['User -> R', 'R <=> A', 'A <=> B']).divergencePoints).toEqual([])
    expect(analyse(full).divergencePoints).toEqual([])
  })

  it('S1-41 C12: who gets something from several others waits for them', () => {
    expect(analyse(['User -> A', 'A -> B', 'A -> C', 'B -> D', 'C -> D']).convergencePoints).toEqual([
      { agent: 'D', sources: ['B', 'C'], explicit: false },
    ])
  })

  it('MA-3 C12: a hub waits for nobody whom only it can start', () => {
    expect(analyse(['User -> H', 'H <-> A', 'H <-> B']).convergencePoints).toEqual([])
    expect(analyse(['User -> H', 'H -> A', 'A -> H', 'H -> B', 'B -> H']).convergencePoints).toEqual([])
  })

  it('C12: what comes back to an agent by a circle is not waited for', () => {
    expect(analyse(['User -> A', 'A -> B', 'B -> C', 'C -> A', 'C -> User']).convergencePoints).toEqual([])
    expect(analyse(['User -> A', 'A -> B', 'B -> C', 'C -> B', 'C -> A', 'A -> User']).convergencePoints).toEqual([])
  })

  it('C12: the user is not waited for', () => {
    expect(analyse(['User -> A', 'A -> B', 'User -> B']).convergencePoints).toEqual([])
  })

  it('S1-68: rules say otherwise', () => {
    const edges = ['User -> H', 'H <-> A', 'H <-> B', 'H <-> C']
    expect(analyse(edges, { rules: ['convergence_point(H)'] }).convergencePoints).toEqual([
      { agent: 'H', sources: ['A', 'B', 'C'], explicit: true },
    ])
    expect(analyse(edges, { rules: ['wait_all(A, C) -> H'] }).convergencePoints).toEqual([
      { agent: 'H', sources: ['A', 'C'], explicit: true },
    ])
    expect(refused(() => analyse(edges, { rules: ['convergence_point(A)'] }))).toEqual([
      'rules[0]: Only "H" leads to "A". Where branches come together, two agents lead to at least.',
    ])
  })

  it('S1-20: a parallel group is started by everyone who leads to all of it, or by its trigger', () => {
    const edges = ['User -> P', 'P -> A', 'P -> B', 'A -> Q', 'Q -> C', 'Q -> D', 'B -> Q']
    const { parallelGroups } = analyse(edges, { rules: ['parallel(A, B)', 'parallel(C, D)'] })
    expect(parallelGroups.map(({ agents, triggers, waitForAll }) => ({ agents, triggers, waitForAll }))).toEqual([
      { agents: ['A', 'B'], triggers: ['P'], waitForAll: true },
      { agents: ['C', 'D'], triggers: ['Q'], waitForAll: true },
    ])
    expect(refused(() => analyse(edges, { rules: ['parallel(A, C)'] }))).toEqual([
      'rules[0]: No node leads to all of "A", "C". Add the edges that are missing: who begins at once is started by the same node.',
    ])
  })

  it('S1-16: the hub starts its parallel spokes', () => {
    const { topology } = PatternConfig.hubAndSpoke({ hub: 'H', spokes: ['A', 'B'], parallelSpokes: true })
    expect(analyzeTopology(topology).parallelGroups[0]?.triggers).toEqual(['H'])
  })
})

describe('who may address whom', () => {
  it('S1-43 S1-47 S1-65: is told with the edge, its direction and whether it can be answered', () => {
    const { successors, predecessors } = analyse(full)
    const brief = (ways: ReturnType<typeof successors>) =>
      ways.map(({ from, to, direction, reciprocal, edge }) => [from, to, direction, reciprocal, edge.kind])
    expect(brief(successors('Review'))).toEqual([
      ['Review', 'Writer', 'back', true, 'dialogue'],
      ['Review', 'User', 'forth', false, 'oneWay'],
    ])
    expect(brief(predecessors('Writer'))).toEqual([
      ['Analyst', 'Writer', 'forth', false, 'oneWay'],
      ['Review', 'Writer', 'back', true, 'dialogue'],
    ])
    expect(successors('Nobody')).toEqual([])
  })

  it('S1-19 S1-21: two who may address each other have a conversation, by one edge or two', () => {
    const edges = ['User -> W', 'W <-> R', 'W -> S', 'S -> W']
    const { conversations } = analyse(edges, { rules: ['max_turns(R <-> W, 3)'] })
    expect(
      conversations.map(({ agents, edges: by, maxTurns }) => [agents, by.map(String), maxTurns?.maxTurns]),
    ).toEqual([
      [['R', 'W'], ['W <-> R'], 3],
      [['W', 'S'], ['W -> S', 'S -> W'], undefined],
    ])
  })
})

describe('what can never run', () => {
  it('S1-43: agents that are never reached are told with their places, all at once', () => {
    expect(refused(() => analyse(['User -> A', 'B -> C'])).map(problem => problem.split(' Add')[0])).toEqual([
      'nodes[2]: "B" is never reached: a run begins with "A".',
      'nodes[3]: "C" is never reached: a run begins with "A".',
    ])
  })

  it('S1-43: what is behind the user is not reached through the user', () => {
    expect(
      refused(() => analyse(['User -> A', 'A -> User', 'User -> B'], { metadata: { entryPoint: 'A' } })),
    ).toHaveLength(1)
  })

  it('S1-50: a circle of one-way edges without a way out is refused', () => {
    expect(refused(() => analyse(['User -> A', 'A -> B', 'B -> C', 'C -> A']))).toEqual([
      ': The circle A -> B -> C -> A has no way out: what its agents hand on goes round forever. Add an edge out of it, such as ' +
        '"C -> User"; or, if its agents end it themselves, a rule max_steps(n).',
    ])
    expect(refused(() => analyse(['User -> X', 'X -> A', 'A -> B', 'B -> C', 'C -> A', 'B <=> D']))).toHaveLength(1)
  })

  it.each<[string, readonly string[], readonly string[]]>([
    ['a way to the user', ['User -> A', 'A -> B', 'B -> C', 'C -> A', 'C -> User'], []],
    ['a way to somebody else', ['User -> A', 'A -> B', 'B -> C', 'C -> A', 'B -> End'], []],
    ['a limit of steps', ['User -> A', 'A -> B', 'B -> C', 'C -> A'], ['max_steps(9)']],
    ['dialogues only', ['User -> A', 'A <-> B', 'B <-> C', 'C <-> A'], []],
  ])('S1-50: a circle with %s is not', (_, edges, rules) => {
    expect(analyse(edges, { rules }).entries).toEqual(['A'])
  })
})
