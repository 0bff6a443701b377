import { OrchestrationError } from '../errors/index.js'
import { didYouMean, nearestNames } from '../errors/internal.js'
import type { Json } from '../schema/index.js'
import type { Edge } from './edge.js'
import type { TopologyNode } from './node.js'
import { definitionOfPattern } from './patterns/pattern-json.js'
import type { Rule } from './rules/rule.js'
import type { TopologyDefinition, TopologyMetadata } from './topology-definition.js'
import { essenceOf } from './topology-equality.js'
import { TopologyError } from './topology-error.js'
import { namesFromJson } from './topology-json.js'
import { readTopology, type TopologyParts } from './topology-reading.js'

/**
 * Which agents there are, who may address whom, and by which rules: the one form that every notation is read into. Immutable.
 *
 * ```ts
 * const topology = Topology.of({
 *   nodes: ['User', 'Writer', 'Reviewer'],
 *   edges: ['User -> Writer', 'Writer <-> Reviewer', 'Reviewer -> User'],
 *   rules: ['max_turns(Writer <-> Reviewer, 3)', 'timeout(300)'],
 * })
 * ```
 */
export class Topology {
  readonly nodes: readonly TopologyNode[]
  readonly edges: readonly Edge[]
  readonly rules: readonly Rule[]
  readonly metadata: TopologyMetadata

  private constructor({ nodes, edges, rules, metadata }: TopologyParts) {
    this.nodes = nodes
    this.edges = edges
    this.rules = rules
    this.metadata = metadata
    Object.freeze(this)
  }

  /**
   * Reads and checks a definition. Whether it can run is another question, see `analyzeTopology`.
   * @throws TOPOLOGY_INVALID with everything that is wrong with it
   */
  static of(definition: TopologyDefinition): Topology {
    return definition instanceof Topology ? definition : new Topology(readTopology(definition))
  }

  /** Reads the text that `JSON.stringify(topology)` makes, or whatever else {@link fromJSON} accepts. @throws TOPOLOGY_INVALID */
  static parse(text: string): Topology {
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch (error) {
      const advice = 'Expected is an object with nodes, edges and rules as JSON.'
      throw new TopologyError([{ place: '', message: `The text is no JSON: ${(error as Error).message}.`, advice }])
    }
    return Topology.fromJSON(json)
  }

  /**
   * Reads what {@link toJSON} returns, or the same in another notation: texts for nodes, edges and rules, names in snake_case, and
   * patterns as in `{ pattern: 'hub_and_spoke', hub: 'Lead', spokes: ['A', 'B'], parallel_spokes: true }`.
   * @throws TOPOLOGY_INVALID
   */
  static fromJSON(json: unknown): Topology {
    return new Topology(readTopology(definitionOfPattern(json) ?? namesFromJson(json)))
  }

  /** The boundary, if there is one. */
  get user(): TopologyNode | undefined {
    return this.nodes.find(({ type }) => type === 'user')
  }

  /** The names of all nodes but the user, in the order of the nodes. */
  get agents(): readonly string[] {
    return this.nodes.flatMap(({ name, type }) => (type === 'user' ? [] : [name]))
  }

  /** The node of a name. @throws AGENT_UNKNOWN */
  node(name: string): TopologyNode {
    const found = this.nodes.find(node => node.name === name)
    if (found !== undefined) return found
    const names = this.nodes.map(node => node.name)
    throw new OrchestrationError(`The topology has no node "${name}". ${didYouMean(name, names, '')}`, {
      code: 'AGENT_UNKNOWN',
      details: { agent: name, nearest: nearestNames(name, names) },
    })
  }

  /**
   * Whether it is the same to a run: the same nodes, edges and rules, in any order and from any notation, and the same entry point.
   * Agents count by their names; other metadata does not count.
   */
  equals(other: Topology): boolean {
    return other === this || essenceOf(other) === essenceOf(this)
  }

  /** Plain data from which {@link fromJSON} makes an equal topology; agents are written by the names of their nodes. */
  toJSON(): { readonly [key: string]: Json } {
    const { nodes, edges, rules, metadata } = this
    const parts = { nodes: nodes.map(each => each.toJSON()), edges: edges.map(each => each.toJSON()) }
    const plain = { ...parts, rules: rules.map(each => each.toJSON()), metadata }
    return plain as unknown as { readonly [key: string]: Json }
  }
}
