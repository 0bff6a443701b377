import { isPlainObject, kindOf } from './field-checks.js'
import { PatternConfig } from './patterns/pattern-config.js'
import { Topology } from './topology.js'
import type { TopologyDefinition } from './topology-definition.js'

/** Everything that {@link ensureTopology} makes a topology of. */
export type TopologyInput = Topology | PatternConfig | TopologyDefinition

/**
 * The topology that is meant, whatever the notation; a `Topology` is returned as it is.
 * @throws TypeError with a message that begins with `Invalid topology format:`, for what is no notation at all
 * @throws TOPOLOGY_INVALID for what is one, but not right
 */
export function ensureTopology(topology: TopologyInput): Topology {
  const input: unknown = topology
  if (input instanceof Topology) return input
  if (input instanceof PatternConfig) return input.topology
  if (isPlainObject(input) && ('nodes' in input || 'edges' in input)) return Topology.of(topology as TopologyDefinition)
  throw new TypeError(
    `Invalid topology format: ${kindOf(input)}. Accepted are { nodes, edges?, rules?, metadata? } with texts or objects in the ` +
      'lists, PatternConfig.hubAndSpoke(…) and the other patterns, and a Topology. JSON is read by Topology.fromJSON(…).',
  )
}
