import type { RuleInput } from './rules/rule.js'
import { Topology } from './topology.js'

/** A topology with rules of an orchestra where it has none of their kind itself; the same one if there is nothing to add. */
export function withDefaultRules(topology: Topology, defaults: readonly RuleInput[]): Topology {
  if (defaults.length === 0) return topology
  const { nodes, edges, rules, metadata } = topology
  const own = new Set(rules.map(({ type }) => type))
  // Read on these nodes, so that a text is a rule and one that does not fit is refused with its place.
  const read = Topology.of({ nodes, edges, rules: defaults, metadata }).rules
  const missing = read.filter(({ type }) => !own.has(type))
  return missing.length === 0 ? topology : Topology.of({ nodes, edges, rules: [...rules, ...missing], metadata })
}
