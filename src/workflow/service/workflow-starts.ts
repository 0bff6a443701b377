import type { RunHost } from '../../durability/index.js'
import { ensureError, OrchestrationError } from '../../errors/index.js'
import { withMaxBudget } from '../max-budget.js'
import { DefinitionStore } from './definition-store.js'
import { statusNow, statusOf } from './execution-status.js'
import { missingInput } from './input-check.js'
import { digestOf, uuidOf } from './request-digest.js'
import { defaultTenant, runTags } from './run-tags.js'
import { keyUsed } from './workflow-definitions.js'
import type { PreparedExecution, StartedExecution } from './workflow-execution.js'
import type { WorkflowLibrary } from './workflow-library.js'
import { hasCode, refusal } from './workflow-service-error.js'
import type { ExecuteWorkflowOptions, StartRun } from './workflow-service-options.js'

/** What executions are started with. */
export interface StartSetup {
  readonly host: RunHost
  readonly library: WorkflowLibrary
  readonly start: StartRun
}

/** Starts executions; `WorkflowService` says what its methods promise. */
export class WorkflowStarts {
  readonly #setup: StartSetup

  constructor(setup: StartSetup) {
    this.#setup = setup
  }

  async prepare(id: string, options: ExecuteWorkflowOptions): Promise<PreparedExecution> {
    const { tenant = defaultTenant, maxBudget, runId } = options
    const definitions = new DefinitionStore(this.#setup.host.store, tenant)
    const head = await definitions.head(id)
    if (head.status !== 'active') throw inactive(id, head.status)
    const { version = head.version } = options
    const { workflow } = await definitions.version(id, version)
    const input = jsonOf(options.input ?? {})
    const missing = missingInput(workflow, input)
    if (missing.length > 0) throw inputMissing(id, missing)
    const limit = maxBudget ?? workflow.maxBudget
    const latest = await this.#setup.library.latestFor(tenant, workflow)
    const orchestration = await this.#setup.library.compiled({ tenant, id, version, latest })
    return {
      orchestration,
      input,
      options: {
        ...(maxBudget === undefined ? {} : withMaxBudget(maxBudget)),
        ...(runId === undefined ? {} : { runId }),
        tags: {
          ...options.tags,
          [runTags.tenant]: tenant,
          [runTags.id]: id,
          [runTags.version]: String(version),
          ...(limit === undefined ? {} : { [runTags.maxBudget]: String(limit) }),
          ...(Object.keys(latest).length === 0 ? {} : { [runTags.latest]: JSON.stringify(latest) }),
        },
      },
    }
  }

  async execute(id: string, options: ExecuteWorkflowOptions): Promise<StartedExecution> {
    const { tenant = defaultTenant, idempotencyKey: key } = options
    if (key === undefined) return this.#start(await this.prepare(id, options))
    const { input = {}, maxBudget, version, runId = uuidOf(await digestOf(tenant, 'execute', key)) } = options
    const request = await digestOf(key, id, jsonOf(input), maxBudget, version)
    const before = await this.#startedBefore(runId, request)
    if (before !== undefined) return before
    try {
      const tags = { ...options.tags, [runTags.request]: request }
      return await this.#start(await this.prepare(id, { ...options, runId, tags }))
    } catch (thrown) {
      // Whoever asked at the same time may have been quicker.
      const meanwhile = hasCode(thrown, 'RUN_EXISTS') ? await this.#startedBefore(runId, request) : undefined
      if (meanwhile !== undefined) return meanwhile
      throw thrown
    }
  }

  async #start({ orchestration, input, options }: PreparedExecution): Promise<StartedExecution> {
    const { id } = await this.#setup.start(orchestration, input, options)
    return statusNow(this.#setup.host, id)
  }

  async #startedBefore(runId: string, request: string): Promise<StartedExecution | undefined> {
    const record = await this.#setup.host.store.get(runId)
    if (record === undefined) return undefined
    if (record.tags[runTags.request] !== request) throw keyUsed()
    return { executionId: runId, status: await statusOf(this.#setup.host, record) }
  }
}

/** A copy as plain JSON, as the journal will have it. */
function jsonOf(input: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(input)) as unknown
  } catch (thrown) {
    throw new OrchestrationError(`The input cannot be written as JSON: ${ensureError(thrown).message}.`, {
      code: 'PAYLOAD_INVALID',
      details: { faults: [{ path: 'input', message: 'It cannot be written as JSON.' }] },
      cause: thrown,
    })
  }
}

function inputMissing(id: string, faults: ReturnType<typeof missingInput>): OrchestrationError {
  const list = faults.map(({ path, message, advice }) => `\n- ${path}: ${message} ${advice}`).join('')
  const message = `The input is not what workflow "${id}" needs:${list}`
  return refusal('PAYLOAD_INVALID', message, { workflow: id, faults })
}

function inactive(id: string, status: string): OrchestrationError {
  const message = `Workflow "${id}" is ${status === 'draft' ? 'a draft' : status}, so it is not executed. Set its status to "active".`
  return refusal('WORKFLOW_INACTIVE', message, { workflow: id, status })
}
