import { describe, expect, it } from 'vitest'
import { Agent } from '../../src/agents/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import {
  Edge,
  ensureTopology,
  PatternConfig,
  TimeoutRule,
  Topology,
  type TopologyDefinition,
  TopologyNode,
} from '../../src/topology/index.js'
import { refused } from './refused.js'

const agentNamed = (name: string) => new Agent({ name, client: new ScriptedModel([]), model: 'scripted' })

/** What the edges of a few nodes are read as. */
function edgesOf(...edges: NonNullable<TopologyDefinition['edges']>): readonly string[] {
  return Topology.of({ nodes: ['User', 'A', 'B', 'C', 'D'], edges }).edges.map(String)
}

/** What is wrong with one edge. */
const refusedEdge = (edge: unknown) => refused(() => edgesOf(edge as string))

describe('nodes', () => {
  it('S1-12 S1-24 are names, agents by their name, and objects', () => {
    const planner = agentNamed('Planner')
    const { nodes } = Topology.of({
      nodes: [
        'User',
        planner,
        ' Worker ',
        { name: 'Search', type: 'tool', metadata: { cost: 1 } },
        new TopologyNode({ name: 'X' }),
      ],
    })
    expect(nodes.map(({ name, type }) => [name, type])).toEqual([
      ['User', 'user'],
      ['Planner', 'agent'],
      ['Worker', 'agent'],
      ['Search', 'tool'],
      ['X', 'agent'],
    ])
    expect(nodes[1]?.agent).toBe(planner)
    expect(nodes[2]?.agent).toBeUndefined()
    expect(nodes[3]?.metadata).toEqual({ cost: 1 })
  })

  it('S1-67 are of the types user, agent, system and tool, and of no other', () => {
    const types = ['user', 'agent', 'system', 'tool'] as const
    const { nodes } = Topology.of({ nodes: types.map(type => ({ name: `the ${type}`, type })) })
    expect(nodes.map(({ type }) => type)).toEqual(types)
    expect(refused(() => Topology.of({ nodes: [{ name: 'A', type: 'robot' as 'tool' }] }))).toEqual([
      'nodes[0].type: Is "robot". Expected is user, agent, system, tool.',
    ])
  })

  it('S1-23 have one boundary at most, called User unless another is of the type', () => {
    expect(Topology.of({ nodes: ['User', 'A'] }).user?.name).toBe('User')
    expect(Topology.of({ nodes: [{ name: 'Customer', type: 'user' }, 'A'] }).user?.name).toBe('Customer')
    expect(Topology.of({ nodes: ['A'] }).user).toBeUndefined()
    expect(Topology.of({ nodes: ['User', 'B', 'A'] }).agents).toEqual(['B', 'A'])
    expect(refused(() => Topology.of({ nodes: ['User', { name: 'Customer', type: 'user' }, 'A'] }))).toEqual([
      'nodes[1]: Is a boundary, as nodes[0] is. There is one user only.',
    ])
  })

  it('S1-23 are no agents if they are the boundary', () => {
    expect(refused(() => Topology.of({ nodes: [agentNamed('User'), 'A'] }))[0]).toMatch(
      /^nodes\[0\]: "User" is the boundary: no agent is ever called for it\./,
    )
    expect(refused(() => new TopologyNode({ name: 'User', type: 'agent' }))[0]).toMatch(/^type: "User" is the boundary/)
  })

  it('have names of their own', () => {
    expect(refused(() => Topology.of({ nodes: [agentNamed('Assistant'), 'A', agentNamed('Assistant')] }))).toEqual([
      'nodes[2]: Is called "Assistant", like nodes[0]. Names tell nodes apart: give each one of its own.',
    ])
  })

  it.each([
    ['', 'A name is missing.'],
    ['A, B', 'The name "A, B" has "," at character 2.'],
    [' f(x)', 'The name "f(x)" has "(" at character 3.'],
    ['A->B', 'The name "A->B" has ">" at character 3.'],
  ])('refuse the name %j', (name, message) => {
    expect(refused(() => Topology.of({ nodes: ['X', name] }))).toEqual([
      `nodes[1].name: ${message} A name is a text that is not empty and has none of < > , ( ).`,
    ])
  })

  it.each([[7], [null], [['A']], [new Date(0)]])('refuse %j', input => {
    expect(refused(() => Topology.of({ nodes: ['A', input as unknown as string] }))[0]).toMatch(
      /^nodes\[1\]: Is .+\. Accepted are a name, an Agent, a TopologyNode, and \{ name/,
    )
  })

  it('may have names with anything else in them', () => {
    const nodes = ['web-search', 'Grüße 🙂', 'a=b|c~d', '__proto__', 'constructor']
    const edges = ['web-search->Grüße 🙂', 'a=b|c~d <-> __proto__', '__proto__ -> constructor']
    expect(Topology.of({ nodes, edges }).edges.map(String)).toEqual([
      'web-search -> Grüße 🙂',
      'a=b|c~d <-> __proto__',
      '__proto__ -> constructor',
    ])
  })

  it('are one at least', () => {
    expect(refused(() => Topology.of({ nodes: [] }))).toEqual(['nodes: There is no agent. Name one at least.'])
    expect(refused(() => Topology.of({ edges: [] } as never))).toContain('nodes: Is missing. Expected is a list.')
  })
})

describe('edges', () => {
  it.each([
    ['S1-18', 'A -> B', 'oneWay'],
    ['S1-19', 'A <-> B', 'dialogue'],
    ['S1-66', 'A <=> B', 'reflexive'],
    ['S1-66', 'A <~> B', 'alternating'],
    ['S1-66', 'A <|> B', 'symmetric'],
  ])('%s: %s is one edge of the kind %s', (_, text, kind) => {
    const { edges } = Topology.of({ nodes: ['A', 'B'], edges: [text] })
    expect(edges).toHaveLength(1)
    expect(edges[0]).toMatchObject({ source: 'A', target: 'B', kind, type: 'invoke', twoWay: kind !== 'oneWay' })
    expect(String(edges[0])).toBe(text)
    expect(edges[0]?.ways()).toHaveLength(kind === 'oneWay' ? 1 : 2)
  })

  it('S1-14 S1-67 are texts, pairs, triples with the type, objects and instances, in any mixture', () => {
    const edges = Topology.of({
      nodes: ['A', 'B', 'C', 'D', 'E', 'F'],
      edges: [
        'A -> B',
        ['B', 'C'],
        ['C', 'D', 'query'],
        new Edge({ source: 'D', target: 'E' }),
        { source: 'E', target: 'F', type: 'stream', kind: 'dialogue', metadata: { weight: 2 } },
      ],
    }).edges.map(edge => edge.toJSON())
    const plain = { type: 'invoke', kind: 'oneWay' }
    expect(edges).toEqual([
      { ...plain, source: 'A', target: 'B' },
      { ...plain, source: 'B', target: 'C' },
      { ...plain, source: 'C', target: 'D', type: 'query' },
      { ...plain, source: 'D', target: 'E' },
      { source: 'E', target: 'F', type: 'stream', kind: 'dialogue', metadata: { weight: 2 } },
    ])
  })

  it('of a chain are one for each arrow', () => {
    expect(edgesOf('User -> A->B <-> C')).toEqual(['User -> A', 'A -> B', 'B <-> C'])
  })

  it.each([
    ['A ~> B', 3, '~>'],
    ['A --> B', 3, '-->'],
    ['A => B', 3, '=>'],
    ['A -> B ~> C', 8, '~>'],
    ['A <<->> B', 3, '<<->>'],
  ])('S1-66 refuse the arrow of %s with its position and the arrows there are', (text, at, arrow) => {
    const [problem] = refusedEdge(text)
    expect(problem).toContain(`edges[0]: There is no arrow "${arrow}", as at character ${at}.`)
    expect(problem).toContain('Accepted are -> <-> <=> <~> <|>, as in "A -> B"')
  })

  it('say how an arrow to the left is written', () => {
    expect(refusedEdge('A <- B')[0]).toContain('Write the source first.')
  })

  it.each([
    ['A B', '"A B" has no arrow.'],
    ['-> B', 'A name is missing at character 1.'],
    ['A -> ', 'A name is missing at character 5.'],
    ['A -> -> B', 'A name is missing at character 5.'],
    ['A -> B, C', 'The name "B, C" has "," at character 7.'],
    ['A -> A', 'Leads from "A" to itself.'],
  ])('refuse %j', (text, message) => {
    expect(refusedEdge(text)[0]).toContain(`edges[0]: ${message}`)
  })

  it.each([
    [[['A']], 'edges[0]: Is a list of 1.'],
    [[['A', 'B', 'call']], 'edges[0].type: Is "call". Expected is invoke, notify, query, stream.'],
    [[{ source: 'A', taget: 'B' }], 'edges[0].taget: Is no known field. Did you mean "target"?'],
    [[{ source: 'A', target: 'B', kind: '<->' }], 'edges[0].kind: Is "<->". Expected is oneWay, dialogue,'],
    [[42], 'edges[0]: Is 42. Accepted are a text, [source, target]'],
    ['A -> B', 'edges: Is "A -> B". Expected is a list.'],
  ])('refuse %j', (edges, message) => {
    expect(refused(() => Topology.of({ nodes: ['A', 'B'], edges: edges as never }))[0]).toContain(message)
  })

  it('name nodes that are there, or the nearest is told', () => {
    expect(
      refused(() => Topology.of({ nodes: ['Planner', 'Worker'], edges: ['User -> Planer', 'Planner -> Worker'] })),
    ).toEqual([
      `edges[0]: There is no node "User". Add 'User' to the nodes.`,
      'edges[0]: There is no node "Planer". Did you mean "Planner"?',
    ])
  })

  it.each([
    [['A -> B', 'A -> B'], '"A -> B" repeats a way: "A -> B" of edges[0]'],
    [['A <-> B', 'B -> A'], '"B -> A" repeats a way: "A <-> B" of edges[0]'],
    [['A <-> B', 'B <-> A'], '"B <-> A" repeats a way: "A <-> B" of edges[0]'],
    [['A <-> B', 'A <=> B'], '"A <=> B" repeats a way: "A <-> B" of edges[0]'],
  ])('MA-3 lead each way once: %j is refused', (edges, message) => {
    expect(refused(() => edgesOf(...edges))).toEqual([`edges[1]: ${message} leads there already. Keep one of the two.`])
  })

  it('may be two of one way each', () => expect(edgesOf('A -> B', 'B -> A')).toEqual(['A -> B', 'B -> A']))
})

describe('a definition', () => {
  it('is refused with everything that is wrong with it at once', () => {
    const problems = refused(() =>
      Topology.of({
        nodes: ['User', 'Planner', 'Planner', { name: '', type: 'agent' }],
        edges: ['User ~> Planner', ['Planner', 'Nobody'], 'Planner -> Planner'],
        rules: ['timeout(-1)', 'max_turn(Planner <-> User, 3)', 'parallel(Planner, Nobdy)'],
        metadata: { entryPoint: 'Plannr' },
        edge: [],
      } as TopologyDefinition),
    )
    expect(problems.map(problem => problem.slice(0, problem.indexOf(':')))).toEqual([
      'edge',
      'nodes[3].name',
      'edges[0]',
      'edges[2]',
      'rules[0]',
      'rules[1]',
      'nodes[2]',
      'edges[1]',
      'rules[2]',
      'metadata.entryPoint',
    ])
  })

  it('says so in the message of the error too', () => {
    expect(() => Topology.of({ nodes: ['A'], edges: ['A -> B', 'A -> C'] })).toThrow(
      'The topology has 2 problems:\n- edges[0]: There is no node "B". Did you mean "A"?\n- edges[1]:',
    )
  })

  it('that could not be read in part does not make what names that part wrong too', () => {
    expect(
      refused(() => Topology.of({ nodes: ['A', { name: 'B', type: 'x' as 'tool' }], edges: ['A -> B'] })),
    ).toHaveLength(1)
  })

  it('gives a topology that nobody can change', () => {
    const list = ['A', 'B']
    const topology = Topology.of({ nodes: list, edges: ['A -> B'], metadata: { deep: { list: [1] } } })
    list.push('C')
    expect(topology.agents).toEqual(['A', 'B'])
    for (const part of [
      topology,
      topology.nodes,
      topology.edges,
      topology.edges[0],
      topology.nodes[0],
      topology.rules,
    ]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    expect(Object.isFrozen((topology.metadata['deep'] as { list: unknown }).list)).toBe(true)
  })

  it('has plain data as metadata', () => {
    const metadata = { a: new Date(0), b: () => 1, c: [Number.NaN] } as never
    expect(refused(() => Topology.of({ nodes: ['A'], metadata })).map(line => line.split(':')[0])).toEqual([
      'metadata.a',
      'metadata.b',
      'metadata.c[0]',
    ])
  })

  it('has metadata that end', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    expect(refused(() => Topology.of({ nodes: ['A'], metadata: circle as never }))[0]).toContain('Contains itself.')
    const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`) as never
    expect(refused(() => Topology.of({ nodes: ['A'], metadata: deep }))[0]).toContain(
      'Is nested deeper than 50 levels.',
    )
  })

  it('that is long is read in a moment', () => {
    expect(refused(() => edgesOf(`${'-'.repeat(200_000)} A`))[0]).toContain('has no arrow')
    const nodes = Array.from({ length: 2000 }, (_, index) => `agent ${index}`)
    expect(Topology.of({ nodes, edges: [nodes.join(' -> ')] }).edges).toHaveLength(1999)
  })

  it('has an entry point that is an agent', () => {
    const nodes = ['User', 'A']
    expect(refused(() => Topology.of({ nodes, metadata: { entryPoint: 'User' } }))[0]).toContain(
      'There is no agent "User".',
    )
    expect(refused(() => Topology.of({ nodes, metadata: { entryPoint: [] } }))[0]).toContain('Is an empty list.')
  })

  it('knows its nodes by name', () => {
    const topology = Topology.of({ nodes: ['Planner'] })
    expect(topology.node('Planner').name).toBe('Planner')
    expect(() => topology.node('Planer')).toThrow('The topology has no node "Planer". Did you mean "Planner"?')
  })
})

describe('any notation', () => {
  const edges = ['User -> Planner', 'Planner -> Worker1', 'Planner -> Worker2']
  const rules = ['parallel(Worker1, Worker2)']
  const texts = { nodes: ['User', 'Planner', 'Worker1', 'Worker2'], edges, rules }
  const userAgent = { name: 'User' }
  const objects: TopologyDefinition = {
    nodes: [userAgent, agentNamed('Planner'), 'Worker1', 'Worker2'],
    edges: [new Edge({ source: 'User', target: 'Planner' }), ['Planner', 'Worker1'], 'Planner -> Worker2'],
    rules: [new TimeoutRule({ maxDuration: 300 }), 'parallel(Worker1, Worker2)'],
  }

  it('S1-02 S1-12 S1-13 S1-15 S1-16 S1-20: texts, objects and a pattern of the same graph are equal', () => {
    const fromTexts = ensureTopology({ ...texts, rules: ['timeout(300)', ...rules] })
    const fromObjects = ensureTopology(objects)
    const fromPattern = ensureTopology(
      PatternConfig.broadcast({ broadcaster: 'Planner', receivers: ['Worker1', 'Worker2'], rules: ['timeout(5min)'] }),
    )
    expect(fromTexts.equals(fromObjects)).toBe(true)
    expect(fromObjects.equals(fromPattern)).toBe(true)
    expect(fromPattern.equals(fromTexts)).toBe(true)
    // The two first examples of S1 differ in nothing but the timeout.
    expect(ensureTopology(texts).equals(fromObjects)).toBe(false)
  })

  it('S1-16: a hub with spokes is the same in texts', () => {
    const pattern = PatternConfig.hubAndSpoke({
      hub: 'Coordinator',
      spokes: ['Worker1', 'Worker2', 'Worker3'],
      parallelSpokes: true,
    })
    const written = Topology.of({
      nodes: ['Worker3', 'Worker2', 'Worker1', 'Coordinator', 'User'],
      edges: ['Coordinator <=> Worker3', 'Coordinator <=> Worker1', 'Coordinator <=> Worker2', 'User -> Coordinator'],
      rules: ['parallel(Worker3, Worker1, Worker2)'],
    })
    expect(ensureTopology(pattern).equals(written)).toBe(true)
  })

  it('is told apart by names, types, kinds, directions of calls, rules and entry points, by nothing else', () => {
    const base = Topology.of({ nodes: ['A', 'B'], edges: ['A <-> B'], metadata: { note: 'x' } })
    const equal = (definition: Partial<TopologyDefinition>) =>
      base.equals(Topology.of({ nodes: ['A', 'B'], edges: ['A <-> B'], ...definition }))
    expect(equal({})).toBe(true)
    expect(equal({ edges: ['B <-> A'] })).toBe(true)
    expect(equal({ nodes: [agentNamed('B'), 'A'] })).toBe(true)
    expect(equal({ edges: ['A <=> B'] })).toBe(false)
    expect(equal({ edges: ['A -> B'] })).toBe(false)
    expect(equal({ edges: [{ source: 'A', target: 'B', kind: 'dialogue', type: 'query' }] })).toBe(false)
    expect(equal({ nodes: ['A', { name: 'B', type: 'tool' }] })).toBe(false)
    expect(equal({ rules: ['timeout(1)'] })).toBe(false)
    expect(equal({ metadata: { entryPoint: 'A' } })).toBe(false)
    const calls = (edge: string) => Topology.of({ nodes: ['A', 'B'], edges: [edge] })
    expect(calls('A <=> B').equals(calls('B <=> A'))).toBe(false)
  })

  it('S1-37 is detected: a topology stays what it is, a pattern and a definition become one', () => {
    const topology = Topology.of(texts)
    expect(ensureTopology(topology)).toBe(topology)
    expect(Topology.of(topology)).toBe(topology)
    const pattern = PatternConfig.pipeline({ stages: ['A', 'B'] })
    expect(ensureTopology(pattern)).toBe(pattern.topology)
    expect(ensureTopology({ nodes: ['A'] }).agents).toEqual(['A'])
  })

  it.each([[undefined], [null], ['A -> B'], [42], [['A', 'B']], [{}], [{ graph: [] }], [new Map()], [() => texts]])(
    'S1-38 S1-58: %o is none, which is a TypeError that says what is accepted',
    input => {
      const attempt = () => ensureTopology(input as unknown as TopologyDefinition)
      expect(attempt).toThrow(TypeError)
      expect(attempt).toThrow(/^Invalid topology format: .+ Accepted are \{ nodes, edges\?, rules\?, metadata\? \}/)
    },
  )

  it('S1-38: a definition with faults is no wrong format', () => {
    expect(refused(() => ensureTopology({ edges: ['A -> B'] } as never))).toEqual([
      'nodes: Is missing. Expected is a list.',
    ])
  })

  it('S1-65: the full example of S1 is read', () => {
    const topology = Topology.of({
      nodes: ['User', ...['ResearchAgent', 'AnalystAgent', 'WriterAgent', 'ReviewAgent'].map(agentNamed)],
      edges: [
        'User -> ResearchAgent',
        'ResearchAgent -> AnalystAgent',
        'AnalystAgent -> WriterAgent',
        'WriterAgent <-> ReviewAgent',
        'ReviewAgent -> User',
      ],
      rules: ['max_turns(WriterAgent <-> ReviewAgent, 3)', 'timeout(300)'],
    })
    expect(topology.agents).toEqual(['ResearchAgent', 'AnalystAgent', 'WriterAgent', 'ReviewAgent'])
    expect(topology.rules.map(String)).toEqual(['max_turns(WriterAgent <-> ReviewAgent, 3)', 'timeout(300)'])
  })
})
