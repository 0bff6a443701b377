import type { TurnCounts } from './delivery.js'
import { userName } from './node.js'
import type { Conversation, TopologyWay } from './topology-analysis/findings.js'
import type { TopologyAnalysis } from './topology-analysis.js'

/** How often two agents speak with each other at most, if no rule says so. */
const defaultTurns = 10

/**
 * What one agent is to another: `handover`: it gets the work and keeps it; `dialogue`: they speak with each other; `callee`: it is
 * asked and answers; `caller`: the same the other way round; `peer`: either may ask the other.
 */
export type LinkKind = 'handover' | 'dialogue' | 'callee' | 'caller' | 'peer'

/** The turns of two agents. */
export interface Pair {
  /** `Writer <-> Reviewer`. */
  readonly key: string
  /** Whose addressing the other counts. */
  readonly first: string
  /** `Infinity` if nothing bounds them. */
  readonly limit: number
}

/** Everything that leads from an agent to another. */
export interface Link {
  readonly to: string
  readonly kind: LinkKind
  /** Missing where it leads one way only. */
  readonly pair: Pair | undefined
}

/** What an agent may do with its answers. */
export interface AgentPlan {
  readonly name: string
  /** One for each agent that it may address, in the order of the edges. */
  readonly links: readonly Link[]
  /** Whom it speaks with. */
  readonly partners: readonly Link[]
  /** Whom it hands over to. */
  readonly handovers: readonly Link[]
  /** Whether an edge leads to the user. */
  readonly toUser: boolean
  /** Whether it can ask others and wait. */
  readonly calls: boolean
  /** Who may wait for what it says: the user, and agents. */
  readonly callers: ReadonlySet<string>
}

/** A set of agents that a rule has begin at once. */
interface Together {
  readonly agents: ReadonlySet<string>
  readonly triggers: ReadonlySet<string>
  readonly wait: 'all' | 'any'
}

/** How answers are routed, worked out once for all runs. */
export class RoutingPlan {
  /** What the boundary is called. */
  readonly user: string
  readonly entries: readonly string[]
  readonly agents: ReadonlyMap<string, AgentPlan>
  /** Agents that wait for several, and for whom. */
  readonly convergences: ReadonlyMap<string, ReadonlySet<string>>
  /** Whether an edge leads to the user at all. */
  readonly hasExits: boolean
  readonly #together: readonly Together[]

  constructor(analysis: TopologyAnalysis) {
    const { topology, entries, convergencePoints, conversations, parallelGroups } = analysis
    this.user = topology.user?.name ?? userName
    this.entries = entries
    this.convergences = new Map(convergencePoints.map(({ agent, sources }) => [agent, new Set(sources)]))
    this.#together = parallelGroups.map(({ agents, triggers, waitForAll }) => ({
      agents: new Set(agents),
      triggers: new Set(triggers),
      wait: waitForAll ? 'all' : 'any',
    }))
    const drafts = topology.agents.map(name => draftOf(name, analysis.successors(name), conversations, this.user))
    const callers = callersOf(drafts, entries, this.user)
    this.agents = new Map(
      drafts.map(draft => [draft.name, { ...draft, callers: callers.get(draft.name) ?? new Set() }]),
    )
    this.hasExits = drafts.some(({ toUser }) => toUser)
  }

  agent(name: string): AgentPlan {
    return this.agents.get(name) as AgentPlan
  }

  /** Whether `agent` waits for others before it takes what `from` sends it. */
  meets(agent: string, from: string): boolean {
    return this.convergences.get(agent)?.has(from) === true
  }

  /** Whether an agent that waits for others goes on with the first of them. */
  meetsFirst(agent: string): boolean {
    const sources = [...(this.convergences.get(agent) ?? [])]
    return this.#together.some(({ agents, wait }) => wait === 'any' && sources.every(source => agents.has(source)))
  }

  /** Agents that `by` asks, as they are asked: those that a rule has begin at once side by side, the others one after another. */
  batches(
    by: string,
    asked: readonly string[],
  ): readonly { readonly agents: readonly string[]; readonly wait: 'all' | 'any' }[] {
    const left = [...asked]
    const batches: { agents: readonly string[]; wait: 'all' | 'any' }[] = []
    for (let next = left[0]; next !== undefined; next = left[0]) {
      const first = next
      const group = this.#together.find(({ agents, triggers }) => agents.has(first) && triggers.has(by))
      const agents = group === undefined ? [first] : left.filter(each => group.agents.has(each))
      batches.push({ agents, wait: agents.length > 1 ? (group?.wait ?? 'all') : 'all' })
      for (const each of agents) left.splice(left.indexOf(each), 1)
    }
    return batches
  }
}

/** Whether two agents may still address each other. */
export function isOpen({ pair }: Link, turns: TurnCounts): boolean {
  return pair === undefined || (turns[pair.key] ?? 0) < pair.limit
}

/** The turns after `from` has gone along a link. */
export function turnsAfter(from: string, link: Link | undefined, turns: TurnCounts): TurnCounts {
  const pair = link?.pair
  if (pair === undefined || pair.first !== from || pair.limit === Infinity) return turns
  return { ...turns, [pair.key]: (turns[pair.key] ?? 0) + 1 }
}

/** The turns after a conversation has been ended. */
export function turnsWithout({ pair }: Link, turns: TurnCounts): TurnCounts {
  return pair === undefined || pair.limit === Infinity ? turns : { ...turns, [pair.key]: pair.limit }
}

type Draft = Omit<AgentPlan, 'callers'>

function draftOf(
  name: string,
  ways: readonly TopologyWay[],
  conversations: readonly Conversation[],
  user: string,
): Draft {
  const targets = [...new Set(ways.map(({ to }) => to))].filter(to => to !== user && to !== name)
  const links = targets.map((to): Link => {
    const kind = kindOf(ways.filter(way => way.to === to))
    return { to, kind, pair: pairOf(name, to, kind, conversations) }
  })
  const partners = links.filter(({ kind }) => kind === 'dialogue')
  return {
    name,
    links,
    partners,
    handovers: links.filter(({ kind }) => kind === 'handover'),
    toUser: ways.some(({ to }) => to === user),
    calls: links.length > 1 || links.some(({ kind }) => kind !== 'handover' && kind !== 'dialogue'),
  }
}

function kindOf(ways: readonly TopologyWay[]): LinkKind {
  const has = (...kinds: readonly TopologyWay['edge']['kind'][]): TopologyWay | undefined =>
    ways.find(({ edge }) => kinds.includes(edge.kind))
  if (has('dialogue', 'alternating') !== undefined) return 'dialogue'
  const reflexive = has('reflexive')
  if (reflexive !== undefined) return reflexive.direction === 'forth' ? 'callee' : 'caller'
  if (has('symmetric') !== undefined) return 'peer'
  // Two edges that lead one way each, in both directions, are a conversation too.
  return ways.some(({ reciprocal }) => reciprocal) ? 'dialogue' : 'handover'
}

function pairOf(from: string, to: string, kind: LinkKind, conversations: readonly Conversation[]): Pair | undefined {
  const found = conversations.find(({ agents }) => agents.includes(from) && agents.includes(to))
  if (found === undefined) return undefined
  const { agents, maxTurns } = found
  const limit = maxTurns?.maxTurns ?? (kind === 'dialogue' ? defaultTurns : Infinity)
  return { key: agents.join(' <-> '), first: agents[0], limit }
}

/** Who may wait for what an agent says: those who ask it, and those who wait for whoever hands over to it or speaks with it. */
function callersOf(
  agents: readonly Draft[],
  entries: readonly string[],
  user: string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const callers = new Map(agents.map(({ name }) => [name, new Set<string>()]))
  for (const entry of entries) callers.get(entry)?.add(user)
  for (const { name, links, calls } of agents) if (calls) for (const { to } of links) callers.get(to)?.add(name)
  let before: number
  const size = (): number => [...callers.values()].reduce((sum, each) => sum + each.size, 0)
  do {
    before = size()
    for (const { name, links } of agents) {
      for (const { to, kind } of links) {
        if (kind !== 'handover' && kind !== 'dialogue') continue
        for (const caller of callers.get(name) ?? []) callers.get(to)?.add(caller)
      }
    }
  } while (size() > before)
  return callers
}
