import { isPlainObject, kindOf, list } from '../field-checks.js'
import type { TopologyDefinition } from '../topology-definition.js'
import { PatternParts } from './pattern-parts.js'

/** User -> first stage, everyone of a stage -> everyone of the next. */
export function pipeline(options: unknown): TopologyDefinition {
  const parts = new PatternParts('pipeline', options, ['stages', 'parallelWithinStage'])
  const given = list('stages', parts.options['stages'], parts.problems)
  if (Array.isArray(parts.options['stages']) && given.length === 0) {
    parts.problems.add('stages', 'Is an empty list.', 'Expected is one stage or more.')
  }
  const stages = given.map((stage, index) => agentsOf(stage, `stages[${index}]`, parts))
  const parallel = parts.flag('parallelWithinStage', false)
  stages.forEach((agents, index) => {
    if (index === 0) parts.begin(agents)
    else parts.connect(stages[index - 1] ?? [], 'oneWay', agents)
    if (parallel) parts.together(agents)
  })
  return parts.definition()
}

function agentsOf(stage: unknown, place: string, parts: PatternParts): readonly string[] {
  if (!isPlainObject(stage)) return [parts.agent(place, stage)]
  const { name, agents, ...others } = stage
  if (name !== undefined && typeof name !== 'string') {
    parts.problems.add(`${place}.name`, `Is ${kindOf(name)}.`, 'Expected is a text.')
  }
  for (const key of Object.keys(others)) {
    parts.problems.add(`${place}.${key}`, 'Is no known field.', 'A stage is an agent, or { name?, agents }.')
  }
  return parts.agents(`${place}.agents`, agents, 1)
}
