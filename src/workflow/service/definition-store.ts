import type { JournalStore, StoredDocument } from '../../durability/index.js'
import type { WorkflowDefinition } from '../definition/workflow-definition.js'
import { parseWorkflow } from '../parse-workflow.js'
import type { Workflow } from '../workflow.js'
import type {
  DefinitionStatus,
  WorkflowRecord,
  WorkflowSummary,
  WorkflowVersion,
  WorkflowVersionSummary,
} from './workflow-record.js'
import { workflowUnknown } from './workflow-service-error.js'

/** What is kept of a workflow besides its versions. */
export interface StoredHead {
  readonly name: string
  readonly description?: string
  readonly status: DefinitionStatus
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
  /** What it was created by, if that was to have its effect once. */
  readonly request?: CreateRequest
}

/** A request to create something once, as digests. */
export interface CreateRequest {
  readonly key: string
  readonly content: string
}

/** A head as it is kept. */
export interface KeptHead extends StoredHead {
  readonly id: string
  readonly revision: number
}

interface StoredVersion {
  readonly createdAt: number
  readonly definition: WorkflowDefinition
}

/** The definitions of a tenant in a store: of each workflow a head, which changes, and its versions, which do not. */
export class DefinitionStore {
  readonly #store: JournalStore
  readonly #tenant: string

  constructor(store: JournalStore, tenant: string) {
    this.#store = store
    this.#tenant = tenant
  }

  async heads(): Promise<readonly KeptHead[]> {
    return (await this.#store.documents(this.#headsIn)).map(headOf)
  }

  async find(id: string): Promise<KeptHead | undefined> {
    const found = await this.#store.document(this.#headsIn, id)
    return found === undefined ? undefined : headOf(found)
  }

  /** @throws WORKFLOW_UNKNOWN */
  async head(id: string): Promise<KeptHead> {
    const found = await this.find(id)
    if (found === undefined) throw workflowUnknown(id)
    return found
  }

  async findVersion(id: string, version: number): Promise<WorkflowVersion | undefined> {
    const found = await this.#store.document(this.#versionsOf(id), versionId(version))
    return found === undefined ? undefined : versionOf(id, found)
  }

  /** @throws WORKFLOW_UNKNOWN */
  async version(id: string, version: number): Promise<WorkflowVersion> {
    const found = await this.findVersion(id, version)
    if (found === undefined) throw workflowUnknown(id, version)
    return found
  }

  /** Versions `from` to `to`, the latest first, without their definitions. */
  async versions(id: string, from: number, to: number): Promise<readonly WorkflowVersionSummary[]> {
    if (to < from) return []
    const found = await this.#store.documents(this.#versionsOf(id), versionId(from - 1), to - from + 1)
    return found.map(document => versionSummary(id, document)).reverse()
  }

  /**
   * Writes a head, and with it its version, if that is new; in one commit.
   * @param revision what the head must be at; 0 if it must not be there
   * @throws DOCUMENT_CONFLICT
   */
  async write(id: string, revision: number, head: StoredHead, added: Workflow | undefined): Promise<void> {
    await this.#store.write([
      { collection: this.#headsIn, id, data: JSON.stringify(head), revision },
      ...(added === undefined
        ? []
        : [
            {
              collection: this.#versionsOf(id),
              id: versionId(head.version),
              data: JSON.stringify({ createdAt: head.updatedAt, definition: added.toJSON() } satisfies StoredVersion),
              revision: 0,
            },
          ]),
    ])
  }

  get #headsIn(): string {
    return `workflow/heads/${this.#tenant}`
  }

  #versionsOf(id: string): string {
    return `workflow/versions/${this.#tenant}/${id}`
  }
}

/** A head as callers get it. */
export function summaryOf({
  id,
  name,
  description,
  status,
  version,
  revision,
  createdAt,
  updatedAt,
}: KeptHead): WorkflowSummary {
  return {
    id,
    name,
    ...(description === undefined ? {} : { description }),
    status,
    version,
    revision,
    createdAt,
    updatedAt,
  }
}

/** A head with its latest definition as callers get it. */
export function recordOf(head: KeptHead, workflow: Workflow): WorkflowRecord {
  return { ...summaryOf(head), workflow }
}

function headOf({ id, data, revision }: StoredDocument): KeptHead {
  return { ...(JSON.parse(data) as StoredHead), id, revision }
}

function versionOf(id: string, document: StoredDocument): WorkflowVersion {
  const { definition } = JSON.parse(document.data) as StoredVersion
  return { ...versionSummary(id, document), workflow: parseWorkflow(definition) }
}

function versionSummary(id: string, { id: number, data }: StoredDocument): WorkflowVersionSummary {
  const { createdAt, definition } = JSON.parse(data) as StoredVersion
  const { name, description } = definition
  return { id, version: Number(number), name, ...(description === undefined ? {} : { description }), createdAt }
}

/** In the order of its number, as text. */
function versionId(version: number): string {
  return String(version).padStart(8, '0')
}
