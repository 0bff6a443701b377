import type { ProblemList } from '../problem-list.js'
import type { Topology } from '../topology.js'
import type { WayMap } from './way-map.js'

/** Where a run begins. Tells the candidates if that cannot be known; then there is none. */
export function entriesOf(topology: Topology, ways: WayMap, problems: ProblemList): readonly string[] {
  const { entryPoint } = topology.metadata
  if (entryPoint !== undefined) return typeof entryPoint === 'string' ? [entryPoint] : entryPoint
  const addressed = ways.user === undefined ? [] : ways.from(ways.user).map(({ to }) => to)
  if (addressed.length > 0) return addressed
  const { agents } = topology
  const first = agents.filter(agent => ways.inward(agent).length === 0)
  if (first.length > 0) return first
  // Nobody but those who are only ever answered: a hub that is written first in its dialogues.
  const asked = agents.filter(agent =>
    ways.inward(agent).every(({ direction, edge }) => direction === 'back' && edge.kind !== 'symmetric'),
  )
  if (asked.length > 0) return asked
  problems.add(
    '',
    `Every agent has an edge to it, so that it cannot be told where a run begins. Candidates: ${agents.join(', ')}.`,
    `Add an edge "User -> ${agents[0]}" and the node "User", or name the agent as metadata.entryPoint.`,
  )
  return []
}

/** Where a run ends if nobody decides otherwise. */
export function exitsOf(topology: Topology, ways: WayMap, entries: readonly string[]): readonly string[] {
  const ends = topology.agents.filter(agent => {
    const out = ways.from(agent)
    return out.length === 0 || out.some(({ to }) => to === ways.user)
  })
  if (ends.length > 0) return ends
  // A hub ends a run once it has what it has asked for: whoever was not asked, but handed the work, and hands it to nobody.
  return topology.agents.filter(
    agent =>
      ways.onward(agent).every(({ reciprocal }) => reciprocal) &&
      (entries.includes(agent) || ways.inward(agent).some(({ reciprocal }) => !reciprocal)),
  )
}

/** Tells which agents a run can never come to. */
export function checkReach(topology: Topology, ways: WayMap, entries: readonly string[], problems: ProblemList): void {
  if (entries.length === 0) return
  const reached = ways.reach(entries)
  const begins = entries.length === 1 ? `"${entries[0]}"` : entries.map(name => `"${name}"`).join(' and ')
  topology.nodes.forEach(({ name, type }, index) => {
    if (type === 'user' || reached.has(name)) return
    const advice = `Add an edge to "${name}", or leave the node out.`
    problems.add(`nodes[${index}]`, `"${name}" is never reached: a run begins with ${begins}.`, advice)
  })
}

/** Tells of circles of one-way edges from which no edge leads out, unless a rule limits the steps. */
export function checkCircles(topology: Topology, ways: WayMap, problems: ProblemList): void {
  if (topology.rules.some(({ type }) => type === 'maxSteps')) return
  const told = new Set<string>()
  for (const agent of topology.agents) {
    if (told.has(agent)) continue
    const region = ways.reach([agent])
    const left = [...region].some(each => ways.from(each).some(({ to }) => to === ways.user))
    const circle = left ? undefined : circleThrough(agent, ways)
    if (circle === undefined || ![...region].every(each => ways.reach([each]).has(agent))) continue
    for (const each of region) told.add(each)
    const last = circle.at(-2)
    problems.add(
      '',
      `The circle ${circle.join(' -> ')} has no way out: what its agents hand on goes round forever.`,
      `Add an edge out of it, such as "${last} -> User"; or, if its agents end it themselves, a rule max_steps(n).`,
    )
  }
}

/** The shortest circle of one-way edges through an agent, which is its first and its last. */
function circleThrough(agent: string, ways: WayMap): readonly string[] | undefined {
  const before = new Map([[agent, agent]])
  const queue = [agent]
  for (const at of queue) {
    for (const { to, reciprocal } of ways.onward(at)) {
      if (reciprocal) continue
      if (to === agent) return pathTo(at, agent, before)
      if (before.has(to)) continue
      before.set(to, at)
      queue.push(to)
    }
  }
  return undefined
}

function pathTo(last: string, agent: string, before: ReadonlyMap<string, string>): readonly string[] {
  const path = [agent]
  for (let at = last; at !== agent; at = before.get(at) ?? agent) path.unshift(at)
  return [agent, ...path]
}
