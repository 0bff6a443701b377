import { didYouMean } from '../../errors/internal.js'
import type { Edge } from '../edge.js'
import type { TopologyNode } from '../node.js'
import type { ProblemList } from '../problem-list.js'
import type { Rule } from './rule.js'

/** A rule with the place where it was written. */
export interface PlacedRule {
  readonly place: string
  readonly rule: Rule
}

/** What is known of the topology that rules are for. */
interface RuleSurroundings {
  readonly nodes: readonly Pick<TopologyNode, 'name' | 'type'>[]
  readonly edges: readonly Edge[]
  readonly problems: ProblemList
}

/** Tells which rules name what is not there, cannot be kept, or say the same thing twice. */
export function checkRules(rules: readonly PlacedRule[], surroundings: RuleSurroundings): void {
  const subjects = new Map<string, string>()
  for (const { place, rule } of rules) {
    checkNames(place, rule, surroundings)
    checkWays(place, rule, surroundings)
    for (const subject of subjectsOf(rule)) {
      const first = subjects.get(subject)
      if (first === undefined) subjects.set(subject, place)
      else surroundings.problems.add(place, `${String(rule)} is about the same as ${first}.`, 'Keep one of the two.')
    }
  }
}

function checkNames(place: string, rule: Rule, { nodes, problems }: RuleSurroundings): void {
  const names = nodes.map(({ name }) => name)
  const agents = nodes.flatMap(({ type, name }) => (type === 'user' ? [] : [name]))
  for (const name of agentsOf(rule)) {
    if (agents.includes(name)) continue
    const message = names.includes(name) ? `"${name}" is the boundary, no agent.` : `There is no agent "${name}".`
    problems.add(place, message, didYouMean(name, agents, 'The topology has none.'))
  }
  if (rule.type === 'parallel' && rule.trigger !== undefined && !names.includes(rule.trigger)) {
    problems.add(`${place}.trigger`, `There is no node "${rule.trigger}".`, didYouMean(rule.trigger, names, ''))
  }
}

function checkWays(place: string, rule: Rule, { nodes, edges, problems }: RuleSurroundings): void {
  const known = new Set(nodes.map(({ name }) => name))
  const leads = (from: string, to: string): boolean =>
    edges.some(edge => edge.ways().some(way => way[0] === from && way[1] === to))
  const missing = (from: string, to: string): boolean => known.has(from) && known.has(to) && !leads(from, to)
  if (rule.type === 'maxTurns') {
    const [first, second] = rule.between
    if (missing(first, second) || missing(second, first)) {
      const advice = `Add the edge "${first} <-> ${second}", or name two agents that have one.`
      problems.add(place, `"${first}" and "${second}" cannot talk to each other.`, advice)
    }
  }
  if (rule.type === 'waitAll') {
    for (const agent of rule.agents.filter(each => missing(each, rule.target))) {
      const advice = `Add the edge "${agent} -> ${rule.target}".`
      problems.add(place, `"${rule.target}" would wait for "${agent}" forever: no edge leads from there.`, advice)
    }
  }
}

function agentsOf(rule: Rule): readonly string[] {
  switch (rule.type) {
    case 'parallel':
      return rule.agents
    case 'maxTurns':
      return rule.between
    case 'agentTimeout':
      return Object.keys(rule.timeouts)
    case 'waitAll':
      return [...rule.agents, rule.target]
    case 'convergencePoint':
    case 'rateLimit':
      return [rule.agent]
    case 'timeout':
    case 'maxSteps':
    case 'maxAgents':
      return []
  }
}

/** What only one rule may be about. */
function subjectsOf(rule: Rule): readonly string[] {
  switch (rule.type) {
    case 'timeout':
    case 'maxSteps':
    case 'maxAgents':
      return [rule.type]
    case 'parallel':
      return [JSON.stringify([rule.type, rule.trigger ?? '', ...[...rule.agents].sort()])]
    case 'maxTurns':
      return [JSON.stringify([rule.type, ...[...rule.between].sort()])]
    case 'agentTimeout':
      return [
        ...Object.keys(rule.timeouts).map(agent => JSON.stringify([rule.type, agent])),
        ...(rule.default === undefined ? [] : [rule.type]),
      ]
    case 'waitAll':
      return [JSON.stringify(['converges', rule.target])]
    case 'convergencePoint':
      return [JSON.stringify(['converges', rule.agent])]
    case 'rateLimit':
      return [JSON.stringify([rule.type, rule.agent])]
  }
}
