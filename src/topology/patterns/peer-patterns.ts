import { MaxStepsRule } from '../rules/max-steps-rule.js'
import type { TopologyDefinition } from '../topology-definition.js'
import { PatternParts } from './pattern-parts.js'

/** Dialogues of all pairs, or of neighbours. */
export function mesh(options: unknown): TopologyDefinition {
  const parts = new PatternParts('mesh', options, ['agents', 'fullyConnected', 'entryPoint'])
  const agents = parts.agents('agents', parts.options['agents'], 2)
  const all = parts.flag('fullyConnected', true)
  const entries = parts.entryPoint()
  if (entries.length > 0) parts.begin(entries)
  agents.forEach((agent, index) => {
    parts.connect([agent], 'dialogue', agents.slice(index + 1, all ? undefined : index + 2))
  })
  return parts.definition()
}

/** From each to the next, from the last to the first. */
export function ring(options: unknown): TopologyDefinition {
  const parts = new PatternParts('ring', options, ['agents', 'bidirectional', 'entryPoint'])
  const agents = parts.agents('agents', parts.options['agents'], 3)
  const bidirectional = parts.flag('bidirectional', false)
  const entries = parts.entryPoint()
  if (entries.length > 0) parts.begin(entries)
  agents.forEach((agent, index) => {
    const next = agents[(index + 1) % agents.length] as string
    parts.connect([agent], bidirectional ? 'dialogue' : 'oneWay', [next])
  })
  if (!bidirectional && !parts.rules.some(({ type }) => type === 'maxSteps')) {
    parts.rules.push(new MaxStepsRule({ maxSteps: 100 }))
  }
  return parts.definition()
}
