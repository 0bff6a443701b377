import { ensureTopology, type TopologyInput } from './ensure-topology.js'
import { ProblemList } from './problem-list.js'
import type { Topology } from './topology.js'
import { checkCircles, checkReach, entriesOf, exitsOf } from './topology-analysis/beginnings-and-ends.js'
import type { ConvergencePoint, Conversation, ParallelGroup, TopologyWay } from './topology-analysis/findings.js'
import { convergencePointsOf, conversationsOf, parallelGroupsOf } from './topology-analysis/meetings.js'
import { WayMap } from './topology-analysis/way-map.js'

export type { ConvergencePoint, Conversation, ParallelGroup, TopologyWay }

/** What follows from a topology. */
export interface TopologyAnalysis {
  readonly topology: Topology
  /**
   * Where a run begins, one branch each: `metadata.entryPoint`; else whom the user addresses; else the agents that no edge leads to,
   * where the way back of a `<->`, `<=>` or `<~>` is disregarded if it must be.
   */
  readonly entries: readonly string[]
  /**
   * Where a run ends if nobody decides otherwise: the agents with an edge to the user or with no edge on; else those that have only
   * answers to expect, such as a hub.
   */
  readonly exits: readonly string[]
  /** The agents that more than one way leads on from, to other agents; the return of a call (`<=>`) is none. */
  readonly divergencePoints: readonly string[]
  /**
   * The agents that wait for several others: those with more than one incoming edge from agents that they have no edge back to and
   * that can begin before them, and whatever `wait_all` and `convergence_point` say.
   */
  readonly convergencePoints: readonly ConvergencePoint[]
  readonly conversations: readonly Conversation[]
  /** One for each `parallel` rule. */
  readonly parallelGroups: readonly ParallelGroup[]
  /** The ways out of a node, in the order of the edges; to the user too. Empty for a name that is not there. */
  successors(name: string): readonly TopologyWay[]
  /** The ways into a node, in the order of the edges; from the user too. Empty for a name that is not there. */
  predecessors(name: string): readonly TopologyWay[]
}

/**
 * What follows from a topology: where it begins, branches, comes together and ends.
 * @throws TypeError for what is no topology; TOPOLOGY_INVALID with everything that keeps it from running: no way to tell where it begins, agents that are never reached,
 *   circles without a way out, rules that the edges do not allow
 */
export function analyzeTopology(input: TopologyInput): TopologyAnalysis {
  const topology = ensureTopology(input)
  const problems = new ProblemList()
  const ways = new WayMap(topology)
  const entries = entriesOf(topology, ways, problems)
  checkReach(topology, ways, entries, problems)
  checkCircles(topology, ways, problems)
  const convergencePoints = convergencePointsOf(topology, ways, entries, problems)
  const parallelGroups = parallelGroupsOf(topology, ways, problems)
  problems.settle()
  return {
    topology,
    entries,
    exits: exitsOf(topology, ways, entries),
    divergencePoints: topology.agents.filter(agent => {
      const onward = ways
        .onward(agent)
        .filter(({ edge, direction }) => edge.kind !== 'reflexive' || direction === 'forth')
      return onward.length > 1
    }),
    convergencePoints,
    conversations: conversationsOf(topology, ways),
    parallelGroups,
    successors: name => ways.from(name),
    predecessors: name => ways.into(name),
  }
}
