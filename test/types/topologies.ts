import { expectTypeOf } from 'vitest'
import { Agent } from '../../src/agents/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import {
  Edge,
  ensureTopology,
  MaxTurnsRule,
  ParallelRule,
  PatternConfig,
  type Rule,
  TimeoutRule,
  Topology,
  type TopologyDefinition,
} from '../../src/topology/index.js'
import { Plan } from './documents.js'

const planner = new Agent({ client: new ScriptedModel([]), model: 'scripted', name: 'Planner', outputSchema: Plan })

/** Nodes, edges and rules are mixed; an agent may have any type of output. */
const definition: TopologyDefinition = {
  nodes: ['User', planner, { name: 'Search', type: 'tool' }],
  edges: [new Edge({ source: 'User', target: 'Planner' }), ['Planner', 'Search', 'query'], 'Search -> User'],
  rules: [new TimeoutRule({ maxDuration: 300 }), 'max_steps(9)'],
}
expectTypeOf(ensureTopology(definition)).toEqualTypeOf<Topology>()
expectTypeOf(
  ensureTopology(PatternConfig.pipeline({ stages: [planner, { agents: ['A', 'B'] }] })),
).toEqualTypeOf<Topology>()
Topology.of({ nodes: ['A', 'B'], edges: [['A', 'B']] })

/** The type of a rule tells which it is. */
export function secondsOf(rule: Rule): number | undefined {
  return rule.type === 'timeout' ? rule.maxDuration : undefined
}

/** What cannot be read does not compile. */
// @ts-expect-error a topology has nodes
Topology.of({ edges: [] })
// @ts-expect-error an edge has two ends
Topology.of({ nodes: ['A'], edges: [['A']] })
// @ts-expect-error there is no such type of edge
Topology.of({ nodes: ['A', 'B'], edges: [['A', 'B', 'call']] })
// @ts-expect-error there is no such kind of edge
new Edge({ source: 'A', target: 'B', kind: 'both' })
// @ts-expect-error options are in camelCase
new TimeoutRule({ max_duration: 300 })
// @ts-expect-error a conversation has two partners
new MaxTurnsRule({ between: ['A', 'B', 'C'], maxTurns: 3 })
// @ts-expect-error a rule says whom it is about
new ParallelRule({})
// @ts-expect-error a hierarchy is a tree or levels
PatternConfig.hierarchical({ root: 'R' })
// @ts-expect-error a text is no topology
ensureTopology('A -> B')
// @ts-expect-error a topology is not changed
ensureTopology(definition).nodes.push()
