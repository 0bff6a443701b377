import { isPlainObject, kindOf, list } from '../field-checks.js'
import { nameOf } from '../node-name.js'
import type { TopologyDefinition } from '../topology-definition.js'
import { PatternParts } from './pattern-parts.js'

/** User -> those above whom nobody is, everyone with those below. */
export function hierarchical(options: unknown): TopologyDefinition {
  const parts = new PatternParts('hierarchical', options, ['tree', 'root', 'levels', 'reflexive'])
  const kind = parts.flag('reflexive', true) ? 'reflexive' : 'oneWay'
  const { tree, root, levels } = parts.options
  if ((tree === undefined) === (root === undefined && levels === undefined)) {
    const message =
      tree === undefined ? 'There is neither a tree nor a root.' : 'There are a tree and a root or levels.'
    parts.problems.add('', message, 'Expected is { tree } or { root, levels }.')
    return parts.definition()
  }
  const { roots, below } = tree === undefined ? ofLevels(root, levels, parts) : ofTree(tree, parts)
  parts.begin(roots)
  for (const [leaders, members] of below) parts.connect(leaders, kind, members)
  return parts.definition()
}

/** Who leads whom. */
interface Hierarchy {
  readonly roots: readonly string[]
  readonly below: readonly (readonly [leaders: readonly string[], members: readonly string[]])[]
}

function ofLevels(root: unknown, levels: unknown, parts: PatternParts): Hierarchy {
  const top = [parts.agent('root', root)]
  const ranks = list('levels', levels, parts.problems).map((level, index) => parts.agents(`levels[${index}]`, level, 1))
  return {
    roots: top,
    below: ranks.map((rank, index) => [index === 0 ? top : (ranks[index - 1] ?? []), rank] as const),
  }
}

function ofTree(tree: unknown, parts: PatternParts): Hierarchy {
  if (!isPlainObject(tree) || Object.keys(tree).length === 0) {
    const advice = 'Expected is an object that has, by the name of who leads, the list of those below.'
    parts.problems.add('tree', `Is ${isPlainObject(tree) ? 'empty' : kindOf(tree)}.`, advice)
    return { roots: [], below: [] }
  }
  const below = new Set(
    Object.values(tree).flatMap(members => (Array.isArray(members) ? members.map(writtenName) : [])),
  )
  const top = Object.keys(tree).filter(leader => !below.has(leader.trim()))
  const roots = top.map(leader => parts.agent(`tree.${leader}`, leader))
  const branches = Object.entries(tree).map(([written, members]) => {
    const place = `tree.${written}`
    const leader = top.includes(written) ? written.trim() : nameOf(place, written, parts.problems)
    return { place, leader, members: parts.agents(place, members, 0) }
  })
  const led = new Map(branches.map(branch => [branch.leader, branch.members]))
  const reached = new Set(roots)
  for (const leader of reached) for (const member of led.get(leader) ?? []) reached.add(member)
  for (const { place, leader } of branches) {
    if (leader !== '' && !reached.has(leader.trim()))
      parts.problems.add(place, `"${leader}" is below itself.`, 'A tree has no circles.')
  }
  return { roots, below: branches.map(branch => [[branch.leader], branch.members]) }
}

function writtenName(agent: unknown): unknown {
  const name = typeof agent === 'object' && agent !== null ? (agent as { name?: unknown }).name : agent
  return typeof name === 'string' ? name.trim() : undefined
}
