import type { GraphNode } from './graph.js'

/**
 * Why the declared output of one state does not fit the declared input of the next (S4-33); `undefined` if it does, or if one of
 * them does not declare its type.
 */
export function conversionProblem(from: GraphNode, to: GraphNode, advancer: string): string | undefined {
  const mismatch = conversionMismatch(from, to, advancer)
  return mismatch === undefined
    ? undefined
    : `${mismatch}. Override its convertOutput(), or give addAdvancer() a third argument.`
}

/** {@link conversionProblem} without the way out. */
export function conversionMismatch(from: GraphNode, to: GraphNode, advancer: string): string | undefined {
  if (from.output === undefined || to.input === undefined || to.input.accepts(from.output)) return undefined
  return (
    `Cannot convert output type to input type: "${from.name}" returns ${from.output.name}, but "${to.name}" takes ` +
    `${to.input.name}, and advancer "${advancer}" does not convert it`
  )
}

/** What to do about a {@link conversionMismatch}. */
export const conversionAdvice = 'override its convertOutput(), or give addAdvancer() a third argument'
