import { didYouMean } from '../../errors/internal.js'
import { isPlainObject, kindOf } from '../field-checks.js'
import type { TopologyDefinition } from '../topology-definition.js'
import { TopologyError } from '../topology-error.js'
import { namesFromJson } from '../topology-json.js'
import { hierarchical } from './hierarchical.js'
import { broadcast, hubAndSpoke, star } from './hub-patterns.js'
import { mesh, ring } from './peer-patterns.js'
import { pipeline } from './pipeline.js'

/** What each pattern expands to. */
const expansions = { hubAndSpoke, hierarchical, pipeline, mesh, star, ring, broadcast }

/** The name of a pattern. */
export type PatternName = keyof typeof expansions

const names = Object.keys(expansions) as readonly PatternName[]

/** What a pattern in JSON expands to; undefined if it is none. @throws TOPOLOGY_INVALID */
export function definitionOfPattern(json: unknown): TopologyDefinition | undefined {
  if (!isPlainObject(json) || !('pattern' in json)) return undefined
  const { pattern, ...options } = json
  const given =
    typeof pattern === 'string' ? pattern.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : ''
  const name = names.find(each => each === given)
  if (name !== undefined) return expand(name, namesFromJson(options))
  throw new TopologyError([
    { place: 'pattern', message: `There is no pattern ${kindOf(pattern)}.`, advice: didYouMean(given, names, '') },
  ])
}

/** What a pattern expands to. @throws TOPOLOGY_INVALID */
export function expand(pattern: PatternName, options: unknown): TopologyDefinition {
  return expansions[pattern](options)
}
