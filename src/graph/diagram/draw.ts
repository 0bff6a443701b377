import {
  type GraphAdvancer,
  type GraphNode,
  type OrchestrationGraph,
  SubOrchestrationRunnable,
} from '../../core/index.js'
import { resultStates } from '../../core/internal.js'
import { neverTaken } from '../way.js'
import { type DiagramSource, graphOf, type ResolvedDiagramOptions } from './diagram-options.js'
import { drawOutline } from './draw-outline.js'
import type { Drawing, DrawnEdge, DrawnState, DrawnUnknown } from './drawing.js'
import { edgeLabel } from './edge-label.js'
import type { RunTrace, StateTrace, TransitionTrace } from './run-trace.js'
import { figuresOf, markOf } from './trace-marks.js'
import { here, tracesAt } from './trace-place.js'

/** Lays out what there is to draw, the same for every format. */
export function draw(source: DiagramSource, options: ResolvedDiagramOptions): Drawing {
  return drawLevel(source, options, [], '')
}

function drawLevel(
  source: DiagramSource,
  options: ResolvedDiagramOptions,
  path: readonly string[],
  prefix: string,
): Drawing {
  const found = graphOf(source)
  return 'ways' in found
    ? drawOutline(found, options, path, prefix, drawLevel)
    : new Level(found, options, path, prefix).drawing()
}

type DraftEdge = { -readonly [K in keyof DrawnEdge]: DrawnEdge[K] } & { readonly label: string[] }

/** One orchestration of those that are nested in each other. */
class Level {
  readonly #graph: OrchestrationGraph
  readonly #options: ResolvedDiagramOptions
  readonly #path: readonly string[]
  readonly #prefix: string
  readonly #traces: ReadonlyMap<string, StateTrace>
  readonly #edges = new Map<string, DraftEdge>()
  readonly #unknowns: DrawnUnknown[] = []
  readonly #results: readonly GraphNode[]

  constructor(graph: OrchestrationGraph, options: ResolvedDiagramOptions, path: readonly string[], prefix: string) {
    this.#graph = graph
    this.#options = options
    this.#path = path
    this.#prefix = prefix
    this.#results = resultStates(graph)
    this.#traces = tracesAt(path, options.trace)
  }

  drawing(): Drawing {
    const { name, nodes, entry } = this.#graph
    for (const node of nodes) {
      for (const way of node.advancers) this.#addWay(node, way, false)
      for (const way of node.errorAdvancers) {
        if (way.advancer.shouldAdvance !== neverTaken) this.#addWay(node, way, true)
      }
    }
    if (this.#options.trace !== undefined) this.#addTaken(this.#options.trace)
    return {
      name,
      startId: `s${this.#prefix}`,
      entryIds: [this.#id(entry)],
      entered: this.#options.trace === undefined ? undefined : this.#traces.has(entry.name),
      states: nodes.map(node => this.#state(node)),
      unknowns: this.#unknowns,
      edges: [...this.#edges.values()],
    }
  }

  #id(node: GraphNode): string {
    return `n${this.#prefix}${node.index}`
  }

  #addWay(from: GraphNode, way: GraphAdvancer, onError: boolean): void {
    if (way.targets !== undefined) {
      for (const to of new Set(way.targets)) this.#addEdge(from, way, to, onError)
      return
    }
    const unknown = { id: `u${this.#prefix}${this.#unknowns.length}` }
    this.#unknowns.push(unknown)
    this.#edges.set(unknown.id, {
      from: this.#id(from),
      to: unknown.id,
      advancer: way.name,
      label: labelLines(edgeLabel(from, way, undefined, onError)),
      onError,
      taken: this.#options.trace === undefined ? undefined : 0,
    })
  }

  #addEdge(from: GraphNode, way: GraphAdvancer, to: GraphNode, onError: boolean): void {
    const key = edgeKey(from.name, to.name, way.name, onError)
    const label = edgeLabel(from, way, to, onError)
    const known = this.#edges.get(key)
    // Events tell ways apart by their names, so those with one name between the same states share an edge.
    if (known === undefined) this.#edges.set(key, this.#edge(from, to, way.name, label, onError))
    else if (label !== '' && !known.label.includes(label)) known.label.push(label)
  }

  #edge(from: GraphNode, to: GraphNode, advancer: string, label: string, onError: boolean): DraftEdge {
    const taken = this.#options.trace === undefined ? undefined : 0
    return { from: this.#id(from), to: this.#id(to), advancer, label: labelLines(label), onError, taken }
  }

  /** Counts what a run took, also where no advancer had declared it. */
  #addTaken({ transitions }: RunTrace): void {
    for (const { fromState, toState, advancer, onError, count } of here<TransitionTrace>(this.#path, transitions)) {
      const from = this.#graph.byName.get(fromState)
      const to = this.#graph.byName.get(toState)
      if (from === undefined || to === undefined) continue
      const key = edgeKey(fromState, toState, advancer, onError)
      let edge = this.#edges.get(key)
      if (edge === undefined) {
        const way = (onError ? from.errorAdvancers : from.advancers).find(each => each.name === advancer)
        const label = way === undefined ? advancer : edgeLabel(from, way, to, onError)
        edge = this.#edge(from, to, advancer, label, onError)
        this.#edges.set(key, edge)
      }
      edge.taken = (edge.taken ?? 0) + count
    }
  }

  #state(node: GraphNode): DrawnState {
    const { name, kind } = node
    const trace = this.#traces.get(name)
    return {
      id: this.#id(node),
      name,
      kind,
      kindText: kindText(node),
      types: this.#options.types ? typesOf(node) : undefined,
      figures: trace === undefined ? [] : figuresOf(trace),
      isResult: this.#results.includes(node),
      mark: this.#options.trace === undefined ? 'plain' : markOf(trace),
      inner: this.#inner(node),
    }
  }

  #inner(node: GraphNode): Drawing | undefined {
    const { depth } = this.#options
    if (depth === 0 || !(node.runnable instanceof SubOrchestrationRunnable)) return undefined
    const options = { ...this.#options, depth: depth - 1 }
    const path = [...this.#path, node.name]
    return drawLevel(node.runnable.orchestration, options, path, `${this.#prefix}${node.index}_`)
  }
}

function edgeKey(from: string, to: string, advancer: string, onError: boolean): string {
  return JSON.stringify([from, to, advancer, onError])
}

function labelLines(label: string): string[] {
  return label === '' ? [] : [label]
}

function kindText({ kind, join, runnable, parallelAdvances }: GraphNode): string | undefined {
  switch (kind) {
    case 'work':
      return parallelAdvances ? 'follows all' : undefined
    case 'join':
      if (join?.quorum === undefined) return 'join: all'
      return join.quorum === 1 ? 'join: any' : `join: ${join.quorum}`
    case 'orchestration':
      return runnable instanceof SubOrchestrationRunnable ? `orchestration: ${runnable.orchestration.name}` : kind
    default:
      return kind
  }
}

function typesOf({ kind, input, output }: GraphNode): string | undefined {
  if (input === undefined && output === undefined) return undefined
  const taken = input === undefined ? '?' : `${input.name}${kind === 'join' ? '[]' : ''}`
  return `(${taken} → ${output?.name ?? '?'})`
}
