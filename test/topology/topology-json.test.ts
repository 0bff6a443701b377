import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Agent } from '../../src/agents/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import {
  AgentTimeoutRule,
  ConvergencePointRule,
  type EdgeOptions,
  MaxAgentsRule,
  MaxStepsRule,
  MaxTurnsRule,
  type NodeOptions,
  ParallelRule,
  PatternConfig,
  RateLimitRule,
  type Rule,
  TimeoutRule,
  Topology,
  type TopologyDefinition,
  WaitAllRule,
} from '../../src/topology/index.js'
import '../fixed-seed.js'
import { refused } from './refused.js'

const name = fc
  .oneof(
    fc.constantFrom('A', 'B', 'web-search', 'Grüße', '__proto__', 'default', 'x y'),
    fc.string({ minLength: 1, maxLength: 8 }),
  )
  .map(text => text.replaceAll(/[<>,()]/g, '').trim())
  .filter(text => text !== '' && text !== 'User')
const metadata = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<never>, {
  maxKeys: 3,
})
const kinds = fc.constantFrom('oneWay', 'dialogue', 'reflexive', 'alternating', 'symmetric')
const types = fc.constantFrom('invoke', 'notify', 'query', 'stream')
const time = fc.double({ min: 0.001, max: 1e6, noNaN: true })

/** Topologies with edges of every kind and rules of every type. */
const definitions: fc.Arbitrary<TopologyDefinition> = fc
  .uniqueArray(name, { minLength: 2, maxLength: 6 })
  .chain(agents => {
    const pairs = agents.flatMap((a, i) => agents.slice(i + 1).map(b => [a, b] as const))
    const edges = fc
      .subarray(pairs)
      .chain(chosen =>
        fc.tuple(
          ...chosen.map(([a, b]) =>
            fc
              .record({ swap: fc.boolean(), kind: kinds, type: types, metadata })
              .map(({ swap, ...rest }): EdgeOptions => ({ source: swap ? b : a, target: swap ? a : b, ...rest })),
          ),
        ),
      )
    const nodes = fc
      .tuple(...agents.map(() => fc.record({ type: fc.constantFrom('agent', 'system', 'tool'), metadata })))
      .map(all => all.map((rest, i): NodeOptions => ({ name: agents[i] as string, ...rest })))
    return fc.record({ nodes, edges, metadata, user: fc.boolean() }).chain(({ nodes: read, user, ...rest }) =>
      fc.subarray(rulesOf(agents, rest.edges)).chain(rules =>
        fc.tuple(...rules).map(
          (chosen): TopologyDefinition => ({
            nodes: user ? [...read, 'User'] : read,
            ...rest,
            rules: chosen,
            metadata: { ...rest.metadata, entryPoint: agents[0] as string },
          }),
        ),
      ),
    )
  })

/** A rule of each type that these agents and edges allow. */
function rulesOf(agents: readonly string[], edges: readonly EdgeOptions[]): fc.Arbitrary<Rule>[] {
  const [first = '', second = ''] = agents
  const count = fc.integer({ min: 1, max: 1e6 })
  const dialogue = edges.find(({ kind }) => kind !== 'oneWay')
  const targets = agents.map(target => ({
    target,
    sources: agents.filter(agent =>
      edges.some(edge =>
        edge.source === agent
          ? edge.target === target
          : edge.kind !== 'oneWay' && edge.target === agent && edge.source === target,
      ),
    ),
  }))
  const joint = targets.find(({ sources }) => sources.length > 1)
  return [
    fc.boolean().map(waitForAll => new ParallelRule({ agents, waitForAll })),
    fc.boolean().map(waitForAll => new ParallelRule({ agents, trigger: first, waitForAll })),
    time.map(maxDuration => new TimeoutRule({ maxDuration })),
    count.map(maxSteps => new MaxStepsRule({ maxSteps })),
    count.map(maxAgents => new MaxAgentsRule({ maxAgents })),
    time.map(seconds => new AgentTimeoutRule({ timeouts: { [first]: seconds }, default: seconds })),
    time.map(seconds => new AgentTimeoutRule({ timeouts: { [second]: seconds } })),
    fc.tuple(count, time).map(([limit, interval]) => new RateLimitRule({ agent: first, limit, interval })),
    ...(dialogue === undefined
      ? []
      : [count.map(maxTurns => new MaxTurnsRule({ between: [dialogue.target, dialogue.source], maxTurns }))]),
    ...(joint === undefined
      ? [fc.constant(new ConvergencePointRule({ agent: first }))]
      : [fc.constant(new WaitAllRule({ agents: joint.sources, target: joint.target }))]),
  ]
}

describe('the JSON of a topology', () => {
  it('is read back as an equal topology with the same JSON, whatever the topology', () => {
    fc.assert(
      fc.property(definitions, definition => {
        const topology = Topology.of(definition)
        const text = JSON.stringify(topology)
        const back = Topology.parse(text)
        expect(back.equals(topology)).toBe(true)
        expect(JSON.stringify(back)).toBe(text)
        expect(back.nodes).toEqual(topology.nodes)
        expect(back.edges).toEqual(topology.edges)
        expect(back.rules).toEqual(topology.rules)
        expect(back.metadata).toEqual(topology.metadata)
      }),
    )
  })

  it('has the names of the agents, and nothing else of them', () => {
    const planner = new Agent({ name: 'Planner', client: new ScriptedModel([]), model: 'scripted' })
    const topology = Topology.of({ nodes: ['User', planner], edges: ['User -> Planner'], rules: ['timeout(5)'] })
    expect(topology.toJSON()).toEqual({
      nodes: [
        { name: 'User', type: 'user' },
        { name: 'Planner', type: 'agent' },
      ],
      edges: [{ source: 'User', target: 'Planner', type: 'invoke', kind: 'oneWay' }],
      rules: [{ type: 'timeout', maxDuration: 5 }],
      metadata: {},
    })
    expect(Topology.fromJSON(topology.toJSON()).equals(topology)).toBe(true)
  })

  it('S1-12 S1-67 may be written by hand, with texts and names in snake_case', () => {
    const topology = Topology.parse(`{
      "nodes": ["User", "A", { "name": "B", "node_type": "tool" }, "C"],
      "edges": [
        "User -> A",
        { "source": "A", "target": "B", "edge_type": "query", "bidirectional": true },
        ["A", "C", "notify"]
      ],
      "rules": [
        "max_turns(A <-> B, 3)",
        { "type": "max_steps", "max_steps": 9 },
        { "type": "parallel", "agents": ["B", "C"], "wait_for_all": false }
      ],
      "metadata": { "entry_point": "A", "left_alone": 1 }
    }`)
    expect(topology.nodes.map(({ type }) => type)).toEqual(['user', 'agent', 'tool', 'agent'])
    expect(topology.edges.map(edge => `${String(edge)} ${edge.type}`)).toEqual([
      'User -> A invoke',
      'A <-> B query',
      'A -> C notify',
    ])
    expect(topology.rules[1]).toEqual(new MaxStepsRule({ maxSteps: 9 }))
    expect(topology.rules[2]).toEqual(new ParallelRule({ agents: ['B', 'C'], waitForAll: false }))
    expect(topology.metadata).toEqual({ entryPoint: 'A', left_alone: 1 })
  })

  it('S1-16 S1-17 may be a pattern', () => {
    const hub = { pattern: 'hub_and_spoke', hub: 'H', spokes: ['A', 'B'], parallel_spokes: true }
    const same = PatternConfig.hubAndSpoke({ hub: 'H', spokes: ['A', 'B'], parallelSpokes: true }).topology
    expect(Topology.fromJSON(hub).equals(same)).toBe(true)
    const tree = { snake_lead: ['a_b', 'c_d'] }
    expect(Topology.fromJSON({ pattern: 'hierarchical', tree }).agents).toEqual(['snake_lead', 'a_b', 'c_d'])
    expect(refused(() => Topology.fromJSON({ pattern: 'hub_and_spokes', hub: 'H' }))).toEqual([
      'pattern: There is no pattern "hub_and_spokes". Did you mean "hubAndSpoke"?',
    ])
  })

  it.each<[unknown, string]>([
    [null, ': Is null. Expected is an object with nodes, edges, rules, metadata.'],
    ['x', ': Is "x".'],
    [{ nodes: ['A'], edge_list: [] }, 'edgeList: Is no known field.'],
    [
      { nodes: ['A', 'B'], edges: [{ source: 'A', target: 'B', bidirectional: 'yes' }] },
      'edges[0].bidirectional: Is no known field.',
    ],
    [{ nodes: [{ name: 'A', agent: {} }] }, 'nodes[0].agent: Is an object. Expected is an Agent.'],
    [{ nodes: ['A'], rules: [{ type: 'max_memory' }] }, 'rules[0].type: Is "maxMemory".'],
  ])('is refused if it is wrong: %j', (json, message) => {
    expect(refused(() => Topology.fromJSON(json))[0]).toContain(message)
  })

  it('that is none is refused as a topology is', () => {
    expect(refused(() => Topology.parse('{ nodes: [] }'))[0]).toMatch(
      /^: The text is no JSON: .+ Expected is an object/,
    )
  })
})
