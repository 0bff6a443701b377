import { Orchestration, type OrchestrationGraph } from '../../core/index.js'
import { OptionError } from '../../errors/index.js'
import type { DiagramOutline } from './diagram-outline.js'
import type { RunTrace } from './run-trace.js'

/** What can be drawn. Drawing an orchestration checks and freezes its definition, as its first run does. */
export type DiagramSource = Orchestration<never, unknown> | OrchestrationGraph | DiagramOutline

/** What all diagrams take. */
export interface DiagramOptions {
  /** A run to draw onto the definition, made by `traceOf`. What the run did not reach is grey. @default only the definition */
  readonly trace?: RunTrace | undefined
  /** Where the states after a state are. @default 'down' */
  readonly direction?: 'down' | 'right'
  /** How many levels of sub-orchestrations are drawn inside their states; 0 draws them as plain states. @default all */
  readonly depth?: number
  /** Whether states show what they take and return, if that is declared. @default true */
  readonly types?: boolean
}

/** {@link DiagramOptions} with every default filled in. */
export interface ResolvedDiagramOptions {
  readonly trace: RunTrace | undefined
  readonly direction: 'down' | 'right'
  readonly depth: number
  readonly types: boolean
}

/** Fills in the defaults. @throws OPTION_INVALID */
export function resolveDiagramOptions(options: DiagramOptions): ResolvedDiagramOptions {
  const { trace, direction = 'down', depth = Infinity, types = true } = options
  if (direction !== 'down' && direction !== 'right') throw new OptionError('direction', "'down' or 'right'", direction)
  if (!(depth >= 0) || (depth !== Infinity && !Number.isInteger(depth))) {
    throw new OptionError('depth', 'a whole number of at least 0', depth)
  }
  if (trace !== undefined && !Array.isArray((trace as Partial<RunTrace> | null)?.states)) {
    throw new OptionError('trace', 'what traceOf() makes of events', trace)
  }
  return { trace, direction, depth, types }
}

/** What is to be drawn. @throws WiringError if it is an orchestration whose definition is wrong, OPTION_INVALID */
export function graphOf(source: DiagramSource): OrchestrationGraph | DiagramOutline {
  if (source instanceof Orchestration) return source.graph
  const given: Partial<OrchestrationGraph> | undefined | null = source as OrchestrationGraph
  if (!Array.isArray(given?.nodes))
    throw new OptionError('source', 'an orchestration or its graph, or an outline', source)
  return source
}
