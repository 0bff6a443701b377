import type { WorkflowNodeDefinition } from '../definition/workflow-definition.js'

/** A node as it was read, with the graph in its body. */
export interface NodeSource {
  readonly definition: WorkflowNodeDefinition
  readonly path: string
  readonly body: GraphSource | undefined
}

/** An edge as it was read; `path` is where each of its ends is written. */
export interface EdgeSource {
  readonly from: string
  readonly to: string
  readonly when: boolean | undefined
  readonly path: string
  readonly fromPath: string
  readonly toPath: string
}

/** Nodes that are written together. */
export interface GraphSource {
  readonly path: string
  /** Whether nothing at all is written there. */
  readonly isEmpty: boolean
  readonly nodes: readonly NodeSource[]
  /** Nodes of the graph around it that belong to this one. */
  readonly members: readonly { readonly id: string; readonly path: string }[]
  readonly edges: readonly EdgeSource[]
}
