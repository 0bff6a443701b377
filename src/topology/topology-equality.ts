import { arrowOf, type Edge } from './edge.js'
import type { Rule } from './rules/rule.js'
import type { TopologyParts } from './topology-reading.js'

/** Everything of a topology that counts for a run, as a text that does not depend on order and notation. */
export function essenceOf({ nodes, edges, rules, metadata }: TopologyParts): string {
  const entryPoint = metadata.entryPoint ?? []
  return JSON.stringify([
    nodes.map(({ name, type }) => JSON.stringify([name, type])).sort(),
    edges.map(edgeEssence).sort(),
    rules.map(ruleEssence).sort(),
    (typeof entryPoint === 'string' ? [entryPoint] : [...entryPoint]).sort(),
  ])
}

function edgeEssence({ source, target, type, kind }: Edge): string {
  const ends = [source, target]
  // In a call it matters who calls; in a conversation between equals it does not who is written first.
  return JSON.stringify([arrowOf[kind], type, kind === 'oneWay' || kind === 'reflexive' ? ends : ends.sort()])
}

function ruleEssence(rule: Rule): string {
  const fields = Object.entries(rule.toJSON()).map(([key, value]): [string, unknown] => {
    if (key === 'agents') return [key, [...(value as readonly string[])].sort()]
    return [key, key === 'timeouts' ? Object.entries(value as object).sort(byName) : value]
  })
  return JSON.stringify(fields.sort(byName))
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
