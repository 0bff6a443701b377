import type { Edge } from '../edge.js'
import type { ProblemList } from '../problem-list.js'
import type { Topology } from '../topology.js'
import type { ConvergencePoint, Conversation, ParallelGroup } from './findings.js'
import type { WayMap } from './way-map.js'

/** The pairs of agents that may address each other. */
export function conversationsOf(topology: Topology, ways: WayMap): readonly Conversation[] {
  const pairs = new Map<string, Edge[]>()
  for (const { from, to, edge, reciprocal } of ways.all) {
    if (!reciprocal || from === ways.user || to === ways.user) continue
    const key = JSON.stringify([from, to].sort())
    const edges = pairs.get(key) ?? []
    if (!edges.includes(edge)) pairs.set(key, [...edges, edge])
  }
  return [...pairs.values()].map(edges => {
    const { source, target } = edges[0] as Edge
    const maxTurns = topology.rules
      .filter(rule => rule.type === 'maxTurns')
      .find(({ between }) => between.includes(source) && between.includes(target))
    return { agents: maxTurns?.between ?? ([source, target] as const), edges, maxTurns }
  })
}

/** The agents that wait for several others. */
export function convergencePointsOf(
  topology: Topology,
  ways: WayMap,
  entries: readonly string[],
  problems: ProblemList,
): readonly ConvergencePoint[] {
  return topology.agents.flatMap((agent): ConvergencePoint[] => {
    const index = topology.rules.findIndex(
      rule =>
        (rule.type === 'waitAll' && rule.target === agent) ||
        (rule.type === 'convergencePoint' && rule.agent === agent),
    )
    const rule = topology.rules[index]
    if (rule?.type === 'waitAll') return [{ agent, sources: rule.agents, explicit: true }]
    if (rule?.type === 'convergencePoint') {
      const sources = ways.inward(agent).map(({ from }) => from)
      if (sources.length > 1) return [{ agent, sources, explicit: true }]
      const known = sources.length === 0 ? 'No agent leads' : `Only "${sources[0]}" leads`
      problems.add(
        `rules[${index}]`,
        `${known} to "${agent}".`,
        'Where branches come together, two agents lead to at least.',
      )
      return []
    }
    // Who can only begin after the agent itself is not waited for: that would be forever.
    const earlier = ways.reach(entries, agent)
    const sources = ways
      .inward(agent)
      .flatMap(({ from, reciprocal }) => (reciprocal || !earlier.has(from) ? [] : [from]))
    return sources.length > 1 ? [{ agent, sources, explicit: false }] : []
  })
}

/** The groups of agents that begin at once. */
export function parallelGroupsOf(topology: Topology, ways: WayMap, problems: ProblemList): readonly ParallelGroup[] {
  return topology.rules.flatMap((rule, index): ParallelGroup[] => {
    if (rule.type !== 'parallel') return []
    const { agents, trigger, waitForAll } = rule
    const leadsToAll = (name: string): boolean =>
      agents.every(agent => ways.into(agent).some(({ from }) => from === name))
    const triggers = topology.nodes.flatMap(({ name }) =>
      (trigger === undefined || trigger === name) && leadsToAll(name) ? [name] : [],
    )
    if (triggers.length > 0) return [{ agents, triggers, waitForAll, rule }]
    const names = agents.map(agent => `"${agent}"`).join(', ')
    const message = `${trigger === undefined ? 'No node leads' : `"${trigger}" does not lead`} to all of ${names}.`
    problems.add(
      `rules[${index}]`,
      message,
      'Add the edges that are missing: who begins at once is started by the same node.',
    )
    return []
  })
}
