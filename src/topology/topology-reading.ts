import { Edge } from './edge.js'
import { readEdges } from './edge-reading.js'
import { isPlainObject, knownFields, list, metadataOf } from './field-checks.js'
import { nodeOf, TopologyNode, type TopologyNodeType, userName } from './node.js'
import { ProblemList } from './problem-list.js'
import type { Rule } from './rules/rule.js'
import { readRule } from './rules/rule-reading.js'
import { checkTopology } from './topology-checks.js'
import type { TopologyMetadata } from './topology-definition.js'

/** What a definition comes to. */
export interface TopologyParts {
  readonly nodes: readonly TopologyNode[]
  readonly edges: readonly Edge[]
  readonly rules: readonly Rule[]
  readonly metadata: TopologyMetadata
}

/** Reads and checks a definition. @throws TOPOLOGY_INVALID with everything that is wrong with it */
export function readTopology(definition: unknown): TopologyParts {
  const problems = new ProblemList()
  const given = knownFields(definition, ['nodes', 'edges', 'rules', 'metadata'], problems)
  // What is no definition at all has been told; that it has no nodes either would add nothing.
  if (!isPlainObject(definition)) problems.settle()
  const inputs = list('nodes', given['nodes'], problems)
  const nodes = inputs.map((input, index) => problems.attempt(`nodes[${index}]`, () => nodeOf(input)))
  const edges = list('edges', given['edges'] ?? [], problems).flatMap((input, index) => {
    const place = `edges[${index}]`
    return (problems.attempt(place, () => readEdges(input)) ?? []).map(edge => ({ place, edge }))
  })
  const rules = list('rules', given['rules'] ?? [], problems).flatMap((input, index) => {
    const place = `rules[${index}]`
    const rule = problems.attempt(place, () => readRule(input))
    return rule === undefined ? [] : [{ place, rule }]
  })
  const metadata = metadataOf(given['metadata'], problems) as TopologyMetadata
  const named = nodes.map((node, index) => node ?? namedBy(inputs[index]))
  // Without a list of nodes everything else would be told as unknown.
  if (Array.isArray(given['nodes'])) {
    checkTopology({ nodes: named, edges, rules, entryPoint: metadata.entryPoint }, problems)
  }
  problems.settle()
  return {
    nodes: Object.freeze(nodes.filter(node => node !== undefined)),
    edges: Object.freeze(edges.map(({ edge }) => edge)),
    rules: Object.freeze(rules.map(({ rule }) => rule)),
    metadata,
  }
}

/** The name of a node that could not be read, so that edges and rules that mean it are not told as wrong too. */
function namedBy(input: unknown): { readonly name: string; readonly type: TopologyNodeType } {
  const name = typeof input === 'object' && input !== null ? (input as { name?: unknown }).name : input
  const text = typeof name === 'string' ? name.trim() : ''
  return { name: text, type: text === userName ? 'user' : 'agent' }
}
