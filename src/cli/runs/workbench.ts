import type { Logger } from '../../core/index.js'
import {
  type HostedOrchestration,
  Journal,
  type JournalStore,
  RunHost,
  type RunRecord,
} from '../../durability/index.js'
import { ensureError } from '../../errors/index.js'
import { WorkflowService } from '../../workflow/index.js'
import type { CommandCall } from '../command.js'
import { compileDefinition } from '../loading/compile-definition.js'
import { findFile } from '../loading/find-file.js'
import { keepWorkflow } from '../loading/keep-workflow.js'
import { loadDefinition } from '../loading/load-definition.js'
import { type OpenStore, openStore, type StoreOptions } from '../loading/open-store.js'
import { sourceOf } from '../loading/run-source.js'
import { loadAgents, type Surroundings, surroundingsOf } from '../loading/surroundings.js'
import { printable } from '../terminal/printable.js'
import { standInFor } from './stand-in.js'

/** What a command has to do with runs: a store, what drives them, and their definitions as far as they can be found. */
export class Workbench {
  readonly host: RunHost
  readonly workflows: WorkflowService
  readonly around: Surroundings
  /** The store, and what it is called. */
  readonly kept: OpenStore
  readonly #call: CommandCall
  readonly #definitions = new Map<string, HostedOrchestration>()

  /** Opens the store that a command line means. @throws UsageError, PACKAGE_MISSING, and what the modules throw that it names */
  static async open(call: CommandCall, options: StoreOptions = {}): Promise<Workbench> {
    const around = await surroundingsOf(call)
    return new Workbench(call, around, await openStore(call.args.value('store'), call.io, options))
  }

  private constructor(call: CommandCall, around: Surroundings, kept: OpenStore) {
    this.#call = call
    this.around = around
    this.kept = kept
    const { err } = call.terminal
    const logger: Logger = {
      warn: (message, error) =>
        err.line(`${err.styles.yellow('warning:')} ${printable(`${message}: ${error.message}`)}`),
    }
    this.host = new RunHost({ store: kept.store, resolve: record => this.#resolve(record), logger })
    const { agents, allowUrl } = around
    const environment = allowUrl === undefined ? { agents } : { agents, allowUrl }
    this.workflows = new WorkflowService({ host: this.host, environment: () => environment, logger })
  }

  get store(): JournalStore {
    return this.kept.store
  }

  /** Keeps the workflows of `--workflows`, for others to name. */
  async keepWorkflows(): Promise<void> {
    for (const [id, workflow] of this.around.workflowFiles) await keepWorkflow(this.workflows, id, workflow)
  }

  /** For looking into a run and for answering it, whether its definition is at hand or not. @throws RUN_UNKNOWN */
  async journalOf(runId: string): Promise<Journal<unknown, unknown>> {
    const { orchestration } = await this.host.record(runId)
    const known = this.host.orchestrations.find(({ name }) => name === orchestration)
    return new Journal(known ?? standInFor(orchestration), { store: this.store })
  }

  /** Makes the definition known that `--definition` names. */
  async useDefinition(file: string): Promise<void> {
    this.host.add(await this.#load(file, this.#call.args.value('export')))
  }

  async close(): Promise<void> {
    await this.store.close()
  }

  async #resolve(record: RunRecord): Promise<HostedOrchestration | undefined> {
    const source = sourceOf(record)
    if (source !== undefined) {
      const { cwd } = this.#call.io
      const files = await Promise.all(source.agents.map(file => findFile(file, cwd)))
      // What the command line says goes first.
      for (const [name, agent] of await loadAgents(files, cwd)) {
        if (!this.around.agents.has(name)) this.around.agents.set(name, agent)
      }
    }
    if (this.workflows.has(record)) return this.workflows.definitionOf(record)
    if (source === undefined || source.file === '') return undefined
    const found = await this.#load(source.file, source.exportName)
    return found.name === record.orchestration ? found : undefined
  }

  async #load(file: string, exportName: string | undefined): Promise<HostedOrchestration> {
    const key = `${file}#${exportName ?? ''}`
    const before = this.#definitions.get(key)
    if (before !== undefined) return before
    const { io } = this.#call
    const definition = await loadDefinition(file, { cwd: io.cwd, exportName })
    const orchestration = compileDefinition(definition, this.around)
    this.#definitions.set(key, orchestration)
    return orchestration
  }
}

/** Opens a store, works with it, and closes it whatever comes of that. */
export async function withWorkbench<T>(
  call: CommandCall,
  options: StoreOptions,
  work: (bench: Workbench) => Promise<T>,
): Promise<T> {
  const bench = await Workbench.open(call, options)
  try {
    return await work(bench)
  } finally {
    // A store that cannot be closed must not hide what was wrong before.
    await bench.close().catch((thrown: unknown) => call.terminal.note(`warning: ${ensureError(thrown).message}`))
  }
}
