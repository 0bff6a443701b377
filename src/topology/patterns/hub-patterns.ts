import type { TopologyDefinition } from '../topology-definition.js'
import { PatternParts } from './pattern-parts.js'

/** User -> hub, hub with each spoke. */
export function hubAndSpoke(options: unknown): TopologyDefinition {
  const parts = new PatternParts('hubAndSpoke', options, ['hub', 'spokes', 'parallelSpokes', 'reflexive'])
  const hub = parts.agent('hub', parts.options['hub'])
  const spokes = parts.agents('spokes', parts.options['spokes'], 1)
  const kind = parts.flag('reflexive', true) ? 'reflexive' : 'dialogue'
  const parallel = parts.flag('parallelSpokes', false)
  parts.begin([hub])
  parts.connect([hub], kind, spokes)
  if (parallel) parts.together(spokes)
  return parts.definition()
}

/** User -> center, center with each point. */
export function star(options: unknown): TopologyDefinition {
  const parts = new PatternParts('star', options, ['center', 'points', 'bidirectional'])
  const center = parts.agent('center', parts.options['center'])
  const points = parts.agents('points', parts.options['points'], 1)
  const kind = parts.flag('bidirectional', true) ? 'dialogue' : 'oneWay'
  parts.begin([center])
  parts.connect([center], kind, points)
  return parts.definition()
}

/** User -> broadcaster, broadcaster to all receivers at once. */
export function broadcast(options: unknown): TopologyDefinition {
  const parts = new PatternParts('broadcast', options, ['broadcaster', 'receivers', 'allowReplies'])
  const broadcaster = parts.agent('broadcaster', parts.options['broadcaster'])
  const receivers = parts.agents('receivers', parts.options['receivers'], 1)
  const kind = parts.flag('allowReplies', false) ? 'dialogue' : 'oneWay'
  parts.begin([broadcaster])
  parts.connect([broadcaster], kind, receivers)
  parts.together(receivers)
  return parts.definition()
}
