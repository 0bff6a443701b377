import type { Orchestration } from '../../core/index.js'
import type { JournalStore } from '../../durability/index.js'
import type { CircuitBreaker } from '../../resilience/index.js'
import { compileWorkflow, type WorkflowInput, type WorkflowOutput } from '../compile-workflow.js'
import type { Workflow } from '../workflow.js'
import { WorkflowError, type WorkflowFault } from '../workflow-error.js'
import { referencesOf } from '../workflow-references.js'
import { DefinitionStore } from './definition-store.js'
import { orchestrationName, type WorkflowRef } from './run-tags.js'
import type { ServiceEnvironment } from './workflow-service-options.js'

/** A workflow as an orchestration. */
export type ExecutableWorkflow = Orchestration<WorkflowInput, WorkflowOutput>

/** The other workflows that one is made of, by id and version. */
interface Parts {
  readonly workflows: ReadonlyMap<string, Workflow>
  /** The versions that were meant by the latest. */
  readonly latest: Readonly<Record<string, number>>
}

/** How many compiled workflows are kept at hand. */
const kept = 500

/** How many workflows one may be made of. */
const maxParts = 100

/** Makes orchestrations of stored workflows, together with the workflows inside them. */
export class WorkflowLibrary {
  readonly #store: JournalStore
  readonly #environmentOf: (tenant: string) => ServiceEnvironment
  readonly #compiled = new Map<string, ExecutableWorkflow>()
  /** By tenant: what an agent of one does must not keep others from theirs. */
  readonly #breakers = new Map<string, Map<string, CircuitBreaker>>()

  constructor(store: JournalStore, environmentOf: (tenant: string) => ServiceEnvironment) {
    this.#store = store
    this.#environmentOf = environmentOf
  }

  environmentOf(tenant: string): ServiceEnvironment {
    return this.#environmentOf(tenant)
  }

  /** What a workflow that is to be started now means by the latest versions of others. @throws WORKFLOW_INVALID */
  async latestFor(tenant: string, workflow: Workflow): Promise<WorkflowRef['latest']> {
    return (await this.#partsOf(tenant, workflow, undefined)).latest
  }

  /** @throws WORKFLOW_UNKNOWN; WORKFLOW_INVALID with what is missing around it */
  async compiled(ref: WorkflowRef): Promise<ExecutableWorkflow> {
    const latest = Object.entries(ref.latest).sort(([one], [other]) => (one < other ? -1 : 1))
    const key = JSON.stringify([ref.tenant, ref.id, ref.version, latest])
    const found = this.#compiled.get(key)
    this.#compiled.delete(key)
    const compiled = found ?? (await this.#compile(ref))
    this.#compiled.set(key, compiled)
    if (this.#compiled.size > kept) this.#compiled.delete(this.#compiled.keys().next().value as string)
    return compiled
  }

  /** What is missing around a definition for it to be executed now. */
  async missingFor(tenant: string, workflow: Workflow): Promise<readonly WorkflowFault[]> {
    try {
      this.#compileWith(tenant, workflow, await this.#partsOf(tenant, workflow, undefined))
      return []
    } catch (thrown) {
      if (thrown instanceof WorkflowError) return thrown.faults
      throw thrown
    }
  }

  async #compile({ tenant, id, version, latest }: WorkflowRef): Promise<ExecutableWorkflow> {
    const { workflow } = await new DefinitionStore(this.#store, tenant).version(id, version)
    const parts = await this.#partsOf(tenant, workflow, latest)
    return this.#compileWith(tenant, workflow, parts).configure({ name: orchestrationName(id, version) })
  }

  #compileWith(tenant: string, workflow: Workflow, { workflows, latest }: Parts): ExecutableWorkflow {
    const environment = this.#environmentOf(tenant)
    return compileWorkflow(workflow, {
      ...environment,
      breakers: this.#breakersOf(tenant),
      workflows: (id, version) => workflows.get(partKey(id, version ?? latest[id])),
    })
  }

  /**
   * Loads what a workflow is made of, and what that is made of.
   * @param pinned the versions that are the latest ones to it; without, those that are now, of workflows that may be executed
   */
  async #partsOf(tenant: string, workflow: Workflow, pinned: WorkflowRef['latest'] | undefined): Promise<Parts> {
    const definitions = new DefinitionStore(this.#store, tenant)
    const workflows = new Map<string, Workflow>()
    const latest: Record<string, number> = { ...pinned }
    const open: Workflow[] = [workflow]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const { id, version } of referencesOf(at).workflows) {
        if (pinned === undefined) {
          const head = await definitions.find(id)
          // What is missing is told by whoever compiles it, with its place.
          if (head === undefined || head.status !== 'active') continue
          if (version === undefined) latest[id] = head.version
        }
        const wanted = version ?? latest[id]
        if (wanted === undefined || workflows.has(partKey(id, wanted))) continue
        const found = await definitions.findVersion(id, wanted)
        if (found === undefined) continue
        if (workflows.size >= maxParts) throw tooManyParts(workflow)
        workflows.set(partKey(id, wanted), found.workflow)
        open.push(found.workflow)
      }
    }
    return { workflows, latest }
  }

  #breakersOf(tenant: string): Map<string, CircuitBreaker> {
    let breakers = this.#breakers.get(tenant)
    if (breakers === undefined) this.#breakers.set(tenant, (breakers = new Map()))
    return breakers
  }
}

function partKey(id: string, version: number | undefined): string {
  return `${id}@${version}`
}

function tooManyParts({ name }: Workflow): WorkflowError {
  const fault = {
    path: '',
    message: `It is made of more than ${maxParts} other workflows.`,
    advice: 'Make it of fewer.',
  }
  return new WorkflowError(name, [fault])
}
