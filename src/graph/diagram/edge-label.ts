import { type GraphAdvancer, type GraphNode, OrchestrationAdvancer } from '../../core/index.js'
import { hasFixedTarget } from '../../core/internal.js'

/** Longer conditions are not readable on an edge. */
const longestSource = 48

/**
 * What is written on an edge, as on UML transitions: `advancer [condition] / conversion`, `sends` if the target gets a value of its
 * own. Ways made of functions have no name worth showing: the target's is in the diagram.
 */
export function edgeLabel(from: GraphNode, way: GraphAdvancer, to: GraphNode | undefined, onError: boolean): string {
  const { advancer, name, converts } = way
  const ofFunctions = hasFixedTarget(way)
  const parts = [
    ...(onError ? ['on error'] : []),
    ...(ofFunctions ? [] : [name]),
    ...conditionOf(advancer),
    ...(to !== undefined && !onError && sends(from, way, to) ? ['sends'] : []),
    ...(converts
      ? [`/ ${ofFunctions ? nameOf(advancer.convertOutput, 'convertOutput', 'converts') : 'converts'}`]
      : []),
  ]
  return parts.join(' ')
}

/**
 * A target that gets the output must take its type, or the definition is refused; so one that does not take it is sent a value
 * of its own.
 */
function sends(from: GraphNode, { converts }: GraphAdvancer, to: GraphNode): boolean {
  return !converts && from.output !== undefined && to.input !== undefined && !to.input.accepts(from.output)
}

function conditionOf(advancer: OrchestrationAdvancer<never, unknown>): readonly string[] {
  const condition: unknown = advancer.shouldAdvance
  if (condition === OrchestrationAdvancer.prototype.shouldAdvance || typeof condition !== 'function') return []
  return [`[${nameOf(condition, 'shouldAdvance', shortSource(condition) ?? 'condition')}]`]
}

function nameOf(given: { readonly name: string }, ownName: string, otherwise: string): string {
  return given.name === '' || given.name === ownName ? otherwise : given.name
}

/** What an arrow function returns, if it is a short expression. */
function shortSource(condition: object): string | undefined {
  const source = Function.prototype.toString.call(condition)
  const body = /^(?:async\s*)?(?:[\w$]+|\([^()]*\))\s*=>\s*([^{\s][\s\S]*)$/.exec(source)?.[1]
  const line = body?.replaceAll(/\s+/g, ' ').trim()
  return line === undefined || line.length > longestSource ? undefined : line
}
