import type { RunRecord } from '../../durability/index.js'

/** The labels of the runs of workflows: whose they are, what they run, and what was meant by "the latest" when they were started. */
export const runTags = {
  tenant: 'tenant',
  id: 'workflow_id',
  version: 'workflow_version',
  maxBudget: 'max_budget',
  /** The versions of the workflows inside it, as JSON by id. */
  latest: 'workflow_latest',
  /** What it was asked for with, if that was to have its effect once. */
  request: 'workflow_request',
} as const

/** Whose everything is where there are no tenants. */
export const defaultTenant = 'default'

const namePrefix = 'workflow/'

/** What the orchestration of a version of a workflow is called; never like one in code. */
export function orchestrationName(id: string, version: number): string {
  return `${namePrefix}${id}@${version}`
}

/** A version of a workflow, and what it means by the latest ones of others. */
export interface WorkflowRef {
  readonly tenant: string
  readonly id: string
  readonly version: number
  readonly latest: Readonly<Record<string, number>>
}

/** What a run runs; `undefined` if it is none of a workflow. */
export function refOf({ orchestration, tags }: Pick<RunRecord, 'orchestration' | 'tags'>): WorkflowRef | undefined {
  const { [runTags.id]: id, [runTags.version]: version, [runTags.tenant]: tenant, [runTags.latest]: latest } = tags
  if (id === undefined || version === undefined || orchestration !== orchestrationName(id, Number(version))) {
    return undefined
  }
  return {
    tenant: tenant ?? defaultTenant,
    id,
    version: Number(version),
    latest: latest === undefined ? {} : (JSON.parse(latest) as Readonly<Record<string, number>>),
  }
}
