import type { Clock } from '../../core/index.js'
import type { JournalStore } from '../../durability/index.js'
import { OptionError } from '../../errors/index.js'
import { layersOf } from '../layers-of.js'
import type { Workflow } from '../workflow.js'
import { WorkflowError, type WorkflowFault } from '../workflow-error.js'
import { changed, checkedId, readSource, workflowOf } from './definition-source.js'
import {
  type CreateRequest,
  DefinitionStore,
  type KeptHead,
  recordOf,
  type StoredHead,
  summaryOf,
} from './definition-store.js'
import { digestOf, uuidOf } from './request-digest.js'
import { defaultTenant } from './run-tags.js'
import type { WorkflowLibrary } from './workflow-library.js'
import {
  definitionStatuses,
  type WorkflowPage,
  type WorkflowRecord,
  type WorkflowValidation,
  type WorkflowVersion,
  type WorkflowVersionPage,
} from './workflow-record.js'
import { hasCode, refusal } from './workflow-service-error.js'
import type {
  CreateOptions,
  ListOptions,
  TenantOptions,
  UpdateOptions,
  VersionListOptions,
  WorkflowServiceLimits,
} from './workflow-service-options.js'

/** What definitions are kept with. */
export interface DefinitionSetup {
  readonly store: JournalStore
  readonly library: WorkflowLibrary
  readonly clock: Clock
  readonly limits: Required<WorkflowServiceLimits>
}

/** How often an update that depends on no revision is tried, each time because somebody else was quicker with one. */
const attempts = 100

/** Creates, reads and changes definitions; `WorkflowService` says what its methods promise. */
export class WorkflowDefinitions {
  readonly #setup: DefinitionSetup

  constructor(setup: DefinitionSetup) {
    this.#setup = setup
  }

  async create(given: unknown, options: CreateOptions): Promise<WorkflowRecord> {
    const { tenant = defaultTenant, idempotencyKey: key } = options
    const definitions = this.of(tenant)
    const source = readSource(given)
    const workflow = workflowOf(source)
    const { status = source.status ?? 'active' } = options
    const request = key === undefined ? undefined : await requestOf(key, workflow, status)
    const generated = key === undefined ? globalThis.crypto.randomUUID() : uuidOf(await digestOf(tenant, 'create', key))
    const id = givenId(options.id) ?? source.id ?? generated
    const now = this.#setup.clock.now()
    const head: StoredHead = {
      ...described(workflow),
      ...{ status, version: 1, createdAt: now, updatedAt: now },
      ...(request === undefined ? {} : { request }),
    }
    const there = await definitions.find(id)
    if (there !== undefined) return createdBefore(definitions, there, request)
    await this.#checkRoom(definitions)
    try {
      await definitions.write(id, 0, head, workflow)
    } catch (thrown) {
      if (!hasCode(thrown, 'DOCUMENT_CONFLICT')) throw thrown
      return createdBefore(definitions, await definitions.head(id), request)
    }
    return recordOf({ ...head, id, revision: 1 }, workflow)
  }

  async list({ tenant = defaultTenant, status = ['draft', 'active'], ...page }: ListOptions): Promise<WorkflowPage> {
    const { limit, offset } = pageOf(page)
    const unknown = status.find(each => !definitionStatuses.includes(each))
    if (unknown !== undefined) throw new OptionError('status', `one of ${definitionStatuses.join(', ')}`, unknown)
    const found = (await this.of(tenant).heads()).filter(head => status.includes(head.status))
    const sorted = found.sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? -1 : 1))
    return { workflows: sorted.slice(offset, offset + limit).map(summaryOf), total: found.length, limit, offset }
  }

  async get(id: string, { tenant = defaultTenant }: TenantOptions): Promise<WorkflowRecord> {
    const definitions = this.of(tenant)
    return latest(definitions, await definitions.head(id))
  }

  async update(id: string, changes: unknown, options: UpdateOptions): Promise<WorkflowRecord> {
    const { tenant = defaultTenant, revision } = options
    const source = readSource(changes)
    const definitions = this.of(tenant)
    for (let attempt = 1; ; attempt++) {
      const head = await definitions.head(id)
      if (revision !== undefined && head.revision !== revision) throw changedMeanwhile(head, revision)
      const { workflow: before } = await definitions.version(id, head.version)
      const faults = [...source.faults, ...(source.id === undefined || source.id === id ? [] : [otherId(id)])]
      const workflow = workflowOf({ definition: changed(before, source.definition), faults })
      const isNew = JSON.stringify(workflow.toJSON()) !== JSON.stringify(before.toJSON())
      const { status = head.status } = source
      if (!isNew && status === head.status) return recordOf(head, before)
      if (isNew && head.status === 'archived' && status === 'archived') throw archived(head)
      if (isNew) this.#checkVersions(head)
      const next: StoredHead = {
        ...described(workflow),
        ...{ status, version: head.version + (isNew ? 1 : 0), createdAt: head.createdAt },
        updatedAt: this.#setup.clock.now(),
        ...(head.request === undefined ? {} : { request: head.request }),
      }
      try {
        await definitions.write(id, head.revision, next, isNew ? workflow : undefined)
        return recordOf({ ...next, id, revision: head.revision + 1 }, workflow)
      } catch (thrown) {
        if (!hasCode(thrown, 'DOCUMENT_CONFLICT')) throw thrown
        if (revision !== undefined) throw changedMeanwhile(await definitions.head(id), revision)
        if (attempt === attempts) throw thrown
      }
    }
  }

  async versions(id: string, { tenant = defaultTenant, ...page }: VersionListOptions): Promise<WorkflowVersionPage> {
    const { limit, offset } = pageOf(page)
    const definitions = this.of(tenant)
    const { version: total } = await definitions.head(id)
    const to = total - offset
    return { versions: await definitions.versions(id, Math.max(1, to - limit + 1), to), total, limit, offset }
  }

  version(id: string, version: number, { tenant = defaultTenant }: TenantOptions): Promise<WorkflowVersion> {
    return this.of(tenant).version(id, version)
  }

  async validate(given: unknown, { tenant = defaultTenant }: TenantOptions): Promise<WorkflowValidation> {
    try {
      const workflow = workflowOf(readSource(given))
      const missing = await this.#setup.library.missingFor(tenant, workflow)
      return { valid: true, faults: [], missing, layers: layersOf(workflow) }
    } catch (thrown) {
      if (!(thrown instanceof WorkflowError)) throw thrown
      return { valid: false, faults: thrown.faults, missing: [], layers: [] }
    }
  }

  of(tenant: string): DefinitionStore {
    if (typeof tenant !== 'string' || tenant === '') throw new OptionError('tenant', 'a text that is not empty', tenant)
    return new DefinitionStore(this.#setup.store, tenant)
  }

  async #checkRoom(definitions: DefinitionStore): Promise<void> {
    const { maxWorkflows } = this.#setup.limits
    if ((await definitions.heads()).length < maxWorkflows) return
    const message = `There are ${maxWorkflows} workflows, and no more may be. Update one instead of creating another.`
    throw refusal('LIMIT_REACHED', message, { maxWorkflows })
  }

  #checkVersions({ id, version }: KeptHead): void {
    const { maxVersions } = this.#setup.limits
    if (version < maxVersions) return
    const message = `Workflow "${id}" has ${maxVersions} versions, and no more may be. Create a new workflow of it.`
    throw refusal('LIMIT_REACHED', message, { workflow: id, maxVersions })
  }
}

/** A key was used for something else. */
export function keyUsed(): Error {
  const message = 'This idempotency key was used with something else. Use a new key for a new request.'
  return refusal('IDEMPOTENCY_CONFLICT', message, {})
}

async function requestOf(key: string, workflow: Workflow, status: string): Promise<CreateRequest> {
  return { key: await digestOf(key), content: await digestOf(workflow.toJSON(), status) }
}

/** What is there already: the same request has made it, or another one has taken the id. */
async function createdBefore(
  definitions: DefinitionStore,
  head: KeptHead,
  request: CreateRequest | undefined,
): Promise<WorkflowRecord> {
  if (request !== undefined && head.request?.key === request.key) {
    if (head.request.content === request.content) return latest(definitions, head)
    throw keyUsed()
  }
  throw refusal('WORKFLOW_EXISTS', `There is a workflow "${head.id}" already. Update it, or choose another id.`, {
    workflow: head.id,
  })
}

async function latest(definitions: DefinitionStore, head: KeptHead): Promise<WorkflowRecord> {
  return recordOf(head, (await definitions.version(head.id, head.version)).workflow)
}

function described({ name, description }: Workflow): Pick<StoredHead, 'name' | 'description'> {
  return { name, ...(description === undefined ? {} : { description }) }
}

function givenId(id: string | undefined): string | undefined {
  if (id === undefined) return undefined
  const faults: WorkflowFault[] = []
  const checked = checkedId(id, faults)
  if (checked === undefined) throw new WorkflowError('', faults)
  return checked
}

function otherId(id: string): WorkflowFault {
  return { path: 'id', message: `It is not "${id}".`, advice: 'The id of a workflow does not change; leave it out.' }
}

function pageOf({ limit = 50, offset = 0 }: { readonly limit?: number; readonly offset?: number }): {
  limit: number
  offset: number
} {
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) {
    throw new OptionError('limit', 'a whole number from 1 to 200', limit)
  }
  if (!Number.isInteger(offset) || offset < 0) throw new OptionError('offset', 'a whole number from 0 on', offset)
  return { limit, offset }
}

function changedMeanwhile({ id, revision: now }: KeptHead, revision: number): Error {
  const message =
    `Workflow "${id}" is at revision ${now}, not ${revision}: somebody else has changed it, and nothing was ` +
    'written. Read it again.'
  return refusal('WORKFLOW_CHANGED', message, { workflow: id, revision: now, expected: revision })
}

function archived({ id }: KeptHead): Error {
  const message = `Workflow "${id}" is archived, so its definition does not change. Set its status to "active" with the change.`
  return refusal('WORKFLOW_INACTIVE', message, { workflow: id, status: 'archived' })
}
