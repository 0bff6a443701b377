import { didYouMean } from '../errors/internal.js'
import type { Edge } from './edge.js'
import { kindOf } from './field-checks.js'
import { type TopologyNode, userName } from './node.js'
import type { ProblemList } from './problem-list.js'
import { checkRules, type PlacedRule } from './rules/rule-checks.js'

/** An edge with the place where it was written. */
interface PlacedEdge {
  readonly place: string
  readonly edge: Edge
}

/** What was read, each part by itself. */
interface UncheckedTopology {
  readonly nodes: readonly Pick<TopologyNode, 'name' | 'type'>[]
  readonly edges: readonly PlacedEdge[]
  readonly rules: readonly PlacedRule[]
  readonly entryPoint: unknown
}

/** Tells what does not fit together: names that occur twice or not at all, edges that repeat each other, rules that cannot be kept. */
export function checkTopology(topology: UncheckedTopology, problems: ProblemList): void {
  const { nodes, edges, rules } = topology
  checkNodes(nodes, problems)
  if (nodes.length === 0) return
  checkEnds(nodes, edges, problems)
  checkWays(edges, problems)
  checkRules(rules, { nodes, edges: edges.map(({ edge }) => edge), problems })
  checkEntryPoint(topology, problems)
}

function checkNodes(nodes: UncheckedTopology['nodes'], problems: ProblemList): void {
  const user = nodes.findIndex(({ type }) => type === 'user')
  nodes.forEach(({ name, type }, index) => {
    const first = nodes.findIndex(node => node.name === name)
    if (name !== '' && first < index) {
      const advice = 'Names tell nodes apart: give each one of its own.'
      problems.add(`nodes[${index}]`, `Is called ${kindOf(name)}, like nodes[${first}].`, advice)
    } else if (type === 'user' && user < index) {
      problems.add(`nodes[${index}]`, `Is a boundary, as nodes[${user}] is.`, 'There is one user only.')
    }
  })
  if (nodes.every(({ type }) => type === 'user')) problems.add('nodes', 'There is no agent.', 'Name one at least.')
}

function checkEnds(nodes: UncheckedTopology['nodes'], edges: readonly PlacedEdge[], problems: ProblemList): void {
  const names = nodes.map(({ name }) => name)
  const known = new Set(names)
  const told = new Set<string>()
  for (const { place, edge } of edges) {
    for (const name of [edge.source, edge.target]) {
      const once = JSON.stringify([place, name])
      if (known.has(name) || told.has(once)) continue
      told.add(once)
      const advice = name === userName ? `Add '${userName}' to the nodes.` : didYouMean(name, names, '')
      problems.add(place, `There is no node "${name}".`, advice)
    }
  }
}

function checkWays(edges: readonly PlacedEdge[], problems: ProblemList): void {
  const ways = new Map<string, PlacedEdge>()
  for (const placed of edges) {
    const keys = placed.edge.ways().map(way => JSON.stringify(way))
    const earlier = keys.map(key => ways.get(key)).find(other => other !== undefined)
    if (earlier !== undefined) {
      const there = `"${String(earlier.edge)}" of ${earlier.place} leads there already.`
      problems.add(placed.place, `"${String(placed.edge)}" repeats a way: ${there}`, 'Keep one of the two.')
    }
    for (const key of keys) if (!ways.has(key)) ways.set(key, placed)
  }
}

function checkEntryPoint({ nodes, entryPoint }: UncheckedTopology, problems: ProblemList): void {
  if (entryPoint === undefined) return
  const place = 'metadata.entryPoint'
  const agents = nodes.flatMap(({ name, type }) => (type === 'user' ? [] : [name]))
  const names: readonly unknown[] = Array.isArray(entryPoint) ? entryPoint : [entryPoint]
  if (names.length === 0) problems.add(place, 'Is an empty list.', 'Name one agent at least, or leave it out.')
  names.forEach((name, index) => {
    const at = Array.isArray(entryPoint) ? `${place}[${index}]` : place
    if (typeof name !== 'string') problems.add(at, `Is ${kindOf(name)}.`, 'Expected is the name of an agent.')
    else if (!agents.includes(name)) problems.add(at, `There is no agent "${name}".`, didYouMean(name, agents, ''))
    else if (names.indexOf(name) < index) problems.add(at, `"${name}" is there already.`, 'Name it once.')
  })
}
