import type { DiagramSource, ResolvedDiagramOptions } from './diagram-options.js'
import type { DiagramOutline, OutlineNode } from './diagram-outline.js'
import type { Drawing, DrawnState } from './drawing.js'
import type { TransitionTrace } from './run-trace.js'
import { figuresOf, markOf } from './trace-marks.js'
import { here, tracesAt } from './trace-place.js'

/** Lays out what is inside of a node: where it is, and what the identifiers in it begin with. */
type DrawLevel = (
  source: DiagramSource,
  options: ResolvedDiagramOptions,
  path: readonly string[],
  prefix: string,
) => Drawing

/** Lays out an outline, which has no more to it than what is drawn. */
export function drawOutline(
  { name, nodes, ways }: DiagramOutline,
  options: ResolvedDiagramOptions,
  path: readonly string[],
  prefix: string,
  drawLevel: DrawLevel,
): Drawing {
  const { trace, depth } = options
  const traces = tracesAt(path, trace)
  const taken = here<TransitionTrace>(path, trace?.transitions ?? [])
  const ids = new Map(nodes.map((node, index) => [node.name, `n${prefix}${index}`]))
  const idOf = (node: string): string => ids.get(node) as string
  const state = ({ name: node, kind, kindText, inner }: OutlineNode, index: number): DrawnState => {
    const found = traces.get(node)
    return {
      id: idOf(node),
      name: node,
      kind,
      kindText,
      types: undefined,
      figures: found === undefined ? [] : figuresOf(found),
      isResult: ways.length > 0 && !ways.some(({ from, onError }) => from === node && !onError),
      mark: trace === undefined ? 'plain' : markOf(found),
      inner:
        inner === undefined || depth === 0
          ? undefined
          : drawLevel(inner, { ...options, depth: depth - 1 }, [...path, node], `${prefix}${index}_`),
    }
  }
  const entries = nodes.filter(node => !ways.some(({ to }) => to === node.name))
  return {
    name,
    startId: `s${prefix}`,
    entryIds: entries.map(entry => idOf(entry.name)),
    entered: trace === undefined ? undefined : traces.size > 0,
    states: nodes.map(state),
    unknowns: [],
    edges: ways.map(({ from, to, advancer, label, onError }) => ({
      from: idOf(from),
      to: idOf(to),
      advancer,
      label: label === '' ? [] : [label],
      onError,
      taken:
        trace &&
        taken
          .filter(
            each =>
              each.fromState === from && each.toState === to && each.advancer === advancer && each.onError === onError,
          )
          .reduce((sum, { count }) => sum + count, 0),
    })),
  }
}
