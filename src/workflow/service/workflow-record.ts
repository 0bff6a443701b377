import type { Workflow } from '../workflow.js'
import type { WorkflowFault } from '../workflow-error.js'

/** What a definition is for: one that is being written, one that can be executed, one that is put away (S2-40). */
export const definitionStatuses = ['draft', 'active', 'archived'] as const

/** One of {@link definitionStatuses}. */
export type DefinitionStatus = (typeof definitionStatuses)[number]

/** What is known of a workflow without its definition. Times are milliseconds since 1970. */
export interface WorkflowSummary {
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly status: DefinitionStatus
  /** The latest version of the definition; 1 for the first. */
  readonly version: number
  /** One more with every change, also of the status; what an update can be made to depend on. */
  readonly revision: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** A workflow with its latest definition. */
export interface WorkflowRecord extends WorkflowSummary {
  readonly workflow: Workflow
}

/** What is known of a version without its definition. */
export interface WorkflowVersionSummary {
  readonly id: string
  readonly version: number
  readonly name: string
  readonly description?: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/** A version of a definition. It never changes, and stays readable and executable. */
export interface WorkflowVersion extends WorkflowVersionSummary {
  readonly workflow: Workflow
}

/** Some of the versions of a workflow, the latest first. */
export interface WorkflowVersionPage {
  readonly versions: readonly WorkflowVersionSummary[]
  /** How many there are on all pages. */
  readonly total: number
  readonly limit: number
  readonly offset: number
}

/** Some of the workflows, the youngest first. */
export interface WorkflowPage {
  readonly workflows: readonly WorkflowSummary[]
  /** How many there are on all pages. */
  readonly total: number
  readonly limit: number
  readonly offset: number
}

/** What somebody who writes a definition is told. */
export interface WorkflowValidation {
  /** Whether it can be created. */
  readonly valid: boolean
  /** Everything that is wrong with it. */
  readonly faults: readonly WorkflowFault[]
  /** What it names and what is not there now: agents, other workflows. It can be created, and executed when they are. */
  readonly missing: readonly WorkflowFault[]
  /** Which nodes run at once, one layer after the other; none if it is not valid. */
  readonly layers: readonly (readonly string[])[]
}
