import { Topology } from '../topology.js'
import { expand, type PatternName } from './pattern-json.js'
import type {
  BroadcastOptions,
  HierarchicalOptions,
  HubAndSpokeOptions,
  MeshOptions,
  PipelineOptions,
  RingOptions,
  StarOptions,
} from './pattern-options.js'

/**
 * Topologies that have a name. Each is expanded where it is written, so that whatever is wrong with its options is told there.
 *
 * ```ts
 * const pattern = PatternConfig.hubAndSpoke({ hub: 'Coordinator', spokes: ['Worker1', 'Worker2'], parallelSpokes: true })
 * ```
 */
export class PatternConfig {
  readonly pattern: PatternName
  /** What the pattern stands for. */
  readonly topology: Topology

  private constructor(pattern: PatternName, options: unknown) {
    this.pattern = pattern
    this.topology = Topology.of(expand(pattern, options))
    Object.freeze(this)
  }

  /** The user addresses the hub, and the hub the spokes; they answer it. @throws TOPOLOGY_INVALID */
  static hubAndSpoke(options: HubAndSpokeOptions): PatternConfig {
    return new PatternConfig('hubAndSpoke', options)
  }

  /** The user addresses whoever leads, everyone those below, and results come back up. @throws TOPOLOGY_INVALID */
  static hierarchical(options: HierarchicalOptions): PatternConfig {
    return new PatternConfig('hierarchical', options)
  }

  /** Stage after stage. @throws TOPOLOGY_INVALID */
  static pipeline(options: PipelineOptions): PatternConfig {
    return new PatternConfig('pipeline', options)
  }

  /** Everyone talks to everyone. @throws TOPOLOGY_INVALID */
  static mesh(options: MeshOptions): PatternConfig {
    return new PatternConfig('mesh', options)
  }

  /** The user addresses the center, which talks to the points. @throws TOPOLOGY_INVALID */
  static star(options: StarOptions): PatternConfig {
    return new PatternConfig('star', options)
  }

  /** From each agent to the next, and from the last to the first. @throws TOPOLOGY_INVALID */
  static ring(options: RingOptions): PatternConfig {
    return new PatternConfig('ring', options)
  }

  /** One agent to several at once. @throws TOPOLOGY_INVALID */
  static broadcast(options: BroadcastOptions): PatternConfig {
    return new PatternConfig('broadcast', options)
  }
}
