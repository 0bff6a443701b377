import type { NodeKind } from '../../core/index.js'
import type { DiagramSource } from './diagram-options.js'

/** A node of a {@link DiagramOutline}. */
export interface OutlineNode {
  /** Unique in its outline. A trace tells of it under this name. */
  readonly name: string
  /** Whose shape it has. */
  readonly kind: NodeKind
  /** What it is, in words. */
  readonly kindText?: string | undefined
  /** What is drawn inside of it; a trace tells of that with its name in the path. */
  readonly inner?: DiagramSource | undefined
}

/** A way between two nodes of a {@link DiagramOutline}. */
export interface OutlineWay {
  readonly from: string
  readonly to: string
  /** A trace counts by it, and by the nodes, how often the way was taken. */
  readonly advancer: string
  /** What is written on it; may be empty. */
  readonly label: string
  /** Whether it is a route for failures. */
  readonly onError: boolean
}

/** A definition as its author knows it, where that is not the states that it is compiled to. Nodes that no way leads to are where it begins. */
export interface DiagramOutline {
  readonly name: string
  readonly nodes: readonly OutlineNode[]
  readonly ways: readonly OutlineWay[]
}
