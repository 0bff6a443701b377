import { describe, expect, it } from 'vitest'
import { Agent } from '../../src/agents/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { analyzeTopology, MaxStepsRule, PatternConfig } from '../../src/topology/index.js'
import { refused } from './refused.js'

/** Nodes, edges and rules as texts. */
function expanded({ topology }: PatternConfig) {
  return {
    nodes: topology.nodes.map(({ name }) => name),
    edges: topology.edges.map(String),
    rules: topology.rules.map(String),
  }
}

describe('PatternConfig.hubAndSpoke', () => {
  it('S1-16 lets the user address the hub, and the hub call the spokes', () => {
    expect(expanded(PatternConfig.hubAndSpoke({ hub: 'H', spokes: ['A', 'B'] }))).toEqual({
      nodes: ['User', 'H', 'A', 'B'],
      edges: ['User -> H', 'H <=> A', 'H <=> B'],
      rules: [],
    })
  })

  it('S1-16 may ask all spokes at once, and talk to them', () => {
    const options = { hub: 'H', spokes: ['A', 'B'], parallelSpokes: true, reflexive: false }
    expect(expanded(PatternConfig.hubAndSpoke(options))).toEqual({
      nodes: ['User', 'H', 'A', 'B'],
      edges: ['User -> H', 'H <-> A', 'H <-> B'],
      rules: ['parallel(A, B)'],
    })
  })

  it('S1-16 has no group of one spoke', () => {
    expect(expanded(PatternConfig.hubAndSpoke({ hub: 'H', spokes: ['A'], parallelSpokes: true })).rules).toEqual([])
  })

  it('takes rules, and metadata of which a timeout is a rule', () => {
    const pattern = PatternConfig.hubAndSpoke({
      hub: 'H',
      spokes: ['A'],
      rules: ['max_steps(9)', new MaxStepsRule({ maxSteps: 9 })].slice(0, 1),
      metadata: { timeout: 60, team: 'blue' },
    })
    expect(expanded(pattern).rules).toEqual(['max_steps(9)', 'timeout(60)'])
    expect(pattern.topology.metadata).toEqual({ pattern: 'hubAndSpoke', timeout: 60, team: 'blue' })
  })

  it('S1-24 takes agents', () => {
    const hub = new Agent({ name: 'H', client: new ScriptedModel([]), model: 'scripted' })
    expect(PatternConfig.hubAndSpoke({ hub, spokes: ['A'] }).topology.node('H').agent).toBe(hub)
  })
})

describe('PatternConfig.hierarchical', () => {
  it('S1-17 calls from level to level, and results come back up', () => {
    const tree = { Manager: ['TeamLead1', 'TeamLead2'], TeamLead1: ['Dev1', 'Dev2'], TeamLead2: ['Dev3', 'Dev4'] }
    expect(expanded(PatternConfig.hierarchical({ tree }))).toEqual({
      nodes: ['User', 'Manager', 'TeamLead1', 'TeamLead2', 'Dev1', 'Dev2', 'Dev3', 'Dev4'],
      edges: [
        'User -> Manager',
        'Manager <=> TeamLead1',
        'Manager <=> TeamLead2',
        'TeamLead1 <=> Dev1',
        'TeamLead1 <=> Dev2',
        'TeamLead2 <=> Dev3',
        'TeamLead2 <=> Dev4',
      ],
      rules: [],
    })
  })

  it('S1-17 takes levels, each of which leads all of the next; one way, if wanted', () => {
    const options = { root: 'R', levels: [['A', 'B'], ['C']], reflexive: false }
    expect(expanded(PatternConfig.hierarchical(options)).edges).toEqual([
      'User -> R',
      'R -> A',
      'R -> B',
      'A -> C',
      'B -> C',
    ])
  })

  it('S1-17 may have several trees', () => {
    expect(expanded(PatternConfig.hierarchical({ tree: { A: ['B'], C: ['D'] } })).edges).toEqual([
      'User -> A',
      'User -> C',
      'A <=> B',
      'C <=> D',
    ])
  })

  it.each<[string, unknown, string]>([
    ['two leaders', { tree: { A: ['C'], B: ['C'] } }, 'tree.B[0]: "C" is there already, as tree.A[0].'],
    ['a circle', { tree: { R: ['X'], A: ['B'], B: ['A'] } }, 'tree.A: "A" is below itself. A tree has no circles.'],
    ['a circle only', { tree: { A: ['B'], B: ['A'] } }, 'tree.A: "A" is below itself.'],
    ['itself below', { tree: { A: ['A'] } }, 'tree.A: "A" is below itself.'],
    ['nothing', {}, ': There is neither a tree nor a root.'],
    ['both forms', { tree: { A: ['B'] }, root: 'R', levels: [['X']] }, ': There are a tree and a root or levels.'],
    ['no levels', { root: 'R' }, 'levels: Is missing. Expected is a list.'],
    ['an empty level', { root: 'R', levels: [[]] }, 'levels[0]: Is a list of 0. Expected is one agent or more.'],
    ['no tree', { tree: {} }, 'tree: Is empty.'],
    ['no list', { tree: { A: 'B' } }, 'tree.A: Is "B". Expected is a list.'],
  ])('refuses %s', (_, options, message) => {
    expect(refused(() => PatternConfig.hierarchical(options as never)).join('\n')).toContain(message)
  })
})

describe('the other patterns (S1-69)', () => {
  it('S1-69 pipeline: everyone of a stage hands over to everyone of the next', () => {
    const stages = ['Draft', { name: 'check', agents: ['Facts', 'Style'] }, { agents: ['Publish'] }]
    expect(expanded(PatternConfig.pipeline({ stages, parallelWithinStage: true }))).toEqual({
      nodes: ['User', 'Draft', 'Facts', 'Style', 'Publish'],
      edges: ['User -> Draft', 'Draft -> Facts', 'Draft -> Style', 'Facts -> Publish', 'Style -> Publish'],
      rules: ['parallel(Facts, Style)'],
    })
    expect(expanded(PatternConfig.pipeline({ stages })).rules).toEqual([])
  })

  it('S1-69 mesh: everyone talks to everyone, or to neighbours; the user is there if somebody is addressed', () => {
    const agents = ['A', 'B', 'C']
    expect(expanded(PatternConfig.mesh({ agents }))).toEqual({
      nodes: agents,
      edges: ['A <-> B', 'A <-> C', 'B <-> C'],
      rules: [],
    })
    expect(expanded(PatternConfig.mesh({ agents, fullyConnected: false, entryPoint: 'B' }))).toEqual({
      nodes: ['User', ...agents],
      edges: ['User -> B', 'A <-> B', 'B <-> C'],
      rules: [],
    })
  })

  it('S1-69 star: the center talks to the points, or sends to them', () => {
    const options = { center: 'C', points: ['A', 'B'] }
    expect(expanded(PatternConfig.star(options)).edges).toEqual(['User -> C', 'C <-> A', 'C <-> B'])
    expect(expanded(PatternConfig.star({ ...options, bidirectional: false })).edges).toEqual([
      'User -> C',
      'C -> A',
      'C -> B',
    ])
  })

  it('S1-69 ring: from each to the next, with a limit of steps if it only goes round', () => {
    const agents = ['A', 'B', 'C']
    expect(expanded(PatternConfig.ring({ agents, metadata: { entryPoint: 'A' } }))).toEqual({
      nodes: ['User', ...agents],
      edges: ['User -> A', 'A -> B', 'B -> C', 'C -> A'],
      rules: ['max_steps(100)'],
    })
    expect(expanded(PatternConfig.ring({ agents, entryPoint: 'A', rules: ['max_steps(9)'] })).rules).toEqual([
      'max_steps(9)',
    ])
    expect(expanded(PatternConfig.ring({ agents, bidirectional: true }))).toEqual({
      nodes: agents,
      edges: ['A <-> B', 'B <-> C', 'C <-> A'],
      rules: [],
    })
  })

  it('S1-69 broadcast: to all receivers at once, with or without replies', () => {
    const options = { broadcaster: 'B', receivers: ['R1', 'R2'] }
    expect(expanded(PatternConfig.broadcast(options))).toEqual({
      nodes: ['User', 'B', 'R1', 'R2'],
      edges: ['User -> B', 'B -> R1', 'B -> R2'],
      rules: ['parallel(R1, R2)'],
    })
    expect(expanded(PatternConfig.broadcast({ ...options, allowReplies: true })).edges).toEqual([
      'User -> B',
      'B <-> R1',
      'B <-> R2',
    ])
  })

  it('S1-69 can all be run', () => {
    const patterns = [
      PatternConfig.hubAndSpoke({ hub: 'H', spokes: ['A', 'B'], parallelSpokes: true }),
      PatternConfig.hierarchical({ tree: { R: ['A', 'B'], A: ['C'] } }),
      PatternConfig.hierarchical({ tree: { R: ['A', 'B'], A: ['C'] }, reflexive: false }),
      PatternConfig.pipeline({ stages: ['A', { agents: ['B', 'C'] }, 'D'], parallelWithinStage: true }),
      PatternConfig.mesh({ agents: ['A', 'B', 'C'] }),
      PatternConfig.star({ center: 'H', points: ['A', 'B'] }),
      PatternConfig.ring({ agents: ['A', 'B', 'C'], entryPoint: 'B' }),
      PatternConfig.ring({ agents: ['A', 'B', 'C'], entryPoint: 'B', bidirectional: true }),
      PatternConfig.broadcast({ broadcaster: 'H', receivers: ['A', 'B'] }),
    ]
    expect(patterns.map(({ topology }) => analyzeTopology(topology).entries)).toEqual([
      ['H'],
      ['R'],
      ['R'],
      ['A'],
      ['A'],
      ['H'],
      ['B'],
      ['B'],
      ['H'],
    ])
  })
})

describe('a pattern', () => {
  it.each<[string, () => unknown, readonly string[]]>([
    [
      'several faults at once',
      () =>
        PatternConfig.hubAndSpoke({
          hub: 'H',
          spokes: ['H', 'A,B', 'User'],
          paralelSpokes: true,
          rules: ['x()'],
        } as never),
      [
        'paralelSpokes: Is no known field. Did you mean "parallelSpokes"?',
        'rules[0]: There is no rule "x".',
        'spokes[0]: "H" is there already, as hub. Name it once.',
        'spokes[1].name: The name "A,B" has "," at character 2.',
        'spokes[2]: "User" is the boundary, no agent. Leave it out: it is added.',
      ],
    ],
    [
      'no spokes',
      () => PatternConfig.hubAndSpoke({ hub: 'H', spokes: [] }),
      ['spokes: Is a list of 0. Expected is one agent or more.'],
    ],
    [
      'no options',
      () => PatternConfig.star(undefined as never),
      [': Is missing. Expected is an object with center, points'],
    ],
    [
      'no truth',
      () => PatternConfig.star({ center: 'C', points: ['A'], bidirectional: 1 as never }),
      ['bidirectional: Is 1.'],
    ],
    ['no stages', () => PatternConfig.pipeline({ stages: [] }), ['stages: Is an empty list.']],
    [
      'an odd stage',
      () => PatternConfig.pipeline({ stages: [{ agent: ['A'] } as never] }),
      ['stages[0].agent: Is no known field.', 'stages[0].agents: Is missing.'],
    ],
    [
      'two in a ring',
      () => PatternConfig.ring({ agents: ['A', 'B'] }),
      ['agents: Is a list of 2. Expected is 3 agents or more.'],
    ],
    [
      'one in a mesh',
      () => PatternConfig.mesh({ agents: ['A'] }),
      ['agents: Is a list of 1. Expected is 2 agents or more.'],
    ],
    [
      'an unknown entry',
      () => PatternConfig.mesh({ agents: ['A', 'B'], entryPoint: 'C' }),
      ['entryPoint: There is no agent "C". Expected is one of A, B.'],
    ],
    [
      'a wrong timeout',
      () => PatternConfig.mesh({ agents: ['A', 'B'], metadata: { timeout: -1 } }),
      ['metadata.timeout: Is -1.'],
    ],
    [
      'a rule on nobody',
      () => PatternConfig.mesh({ agents: ['A', 'B'], rules: ['timeout(X, 3)'] }),
      ['rules[0]: There is no agent "X".'],
    ],
  ])('is refused where it is written: %s', (_, attempt, messages) => {
    const problems = refused(attempt)
    expect(problems).toHaveLength(messages.length)
    messages.forEach((message, index) => expect(problems[index]).toContain(message))
  })
})
