import type { NodeKind } from '../../core/index.js'

/** What a run did to a state; `plain` if no run is drawn. */
export type Mark = 'plain' | 'untouched' | 'visited' | 'active' | 'skipped' | 'failed'

/** A state as every format draws it. */
export interface DrawnState {
  /** Safe as an identifier in every format, and unique in the whole diagram. */
  readonly id: string
  readonly name: string
  /** What it is, in words, if it is more than work: `join: any`, `approval`. */
  readonly kindText: string | undefined
  readonly kind: NodeKind
  /** What it takes and returns: `(In → Out)`. */
  readonly types: string | undefined
  /** What a run did there: `2 visits, 1.2 s`. */
  readonly figures: readonly string[]
  readonly isResult: boolean
  readonly mark: Mark
  /** The orchestration inside of it. */
  readonly inner: Drawing | undefined
}

/** Stands for the states that an advancer does not declare. */
export interface DrawnUnknown {
  readonly id: string
}

/** A way on as every format draws it. */
export interface DrawnEdge {
  readonly from: string
  readonly to: string
  /** The name of the advancer that takes it; `undefined` for the way in. */
  readonly advancer: string | undefined
  /** In lines; may be empty. */
  readonly label: readonly string[]
  readonly onError: boolean
  /** How often a run took it; `undefined` if no run is drawn. */
  readonly taken: number | undefined
}

/** One orchestration, ready to be written in any format. */
export interface Drawing {
  readonly name: string
  /** The identifier of the mark where a run starts. */
  readonly startId: string
  /** The identifiers of the states that a run may start with. */
  readonly entryIds: readonly string[]
  /** Whether a run started here; `undefined` if none is drawn. */
  readonly entered: boolean | undefined
  readonly states: readonly DrawnState[]
  readonly unknowns: readonly DrawnUnknown[]
  readonly edges: readonly DrawnEdge[]
}

/** The ways in. */
export function startEdges({ startId, entryIds, entered }: Drawing): readonly DrawnEdge[] {
  const taken = entered === undefined ? undefined : Number(entered)
  return entryIds.map(to => ({ from: startId, to, advancer: undefined, label: [], onError: false, taken }))
}

/** The lines of a state's label, apart from its name. */
export function detailsOf(state: DrawnState): readonly string[] {
  return [
    ...(state.kindText === undefined ? [] : [`«${state.kindText}»`]),
    ...(state.types === undefined ? [] : [state.types]),
    ...state.figures,
  ]
}

/** The lines of an edge's label, with how often it was taken. */
export function edgeLines(edge: DrawnEdge): readonly string[] {
  if (edge.taken === undefined || edge.taken === 0) return edge.label
  return [...edge.label, `×${edge.taken}`]
}
