import type { Orchestration } from '../core/index.js'
import { OptionError, OrchestrationError } from '../errors/index.js'
import { didYouMean } from '../errors/internal.js'
import type { RunRecord } from './journal-records.js'

/** An orchestration of whatever types: who starts it by name cannot know them. */
export type HostedOrchestration = Orchestration<any, any> // any: input and output are checked at run time by what it declares

/** Finds the definition of a run whose orchestration was not added; `undefined` if there is none. */
export type DefinitionLookup = (
  run: RunRecord,
) => HostedOrchestration | undefined | Promise<HostedOrchestration | undefined>

/** The definitions that a host knows, by their names, and where it finds others. */
export class HostedDefinitions {
  readonly #byName = new Map<string, HostedOrchestration>()
  readonly #resolve: DefinitionLookup

  constructor(resolve: DefinitionLookup) {
    this.#resolve = resolve
  }

  get all(): readonly HostedOrchestration[] {
    return [...this.#byName.values()]
  }

  /** @throws OPTION_INVALID if another one has its name */
  add(orchestration: HostedOrchestration): void {
    const { name } = orchestration
    if (this.#byName.has(name)) throw new OptionError('orchestrations', 'orchestrations of different names', name)
    this.#byName.set(name, orchestration)
  }

  /** @throws ORCHESTRATION_UNKNOWN, with the names that come nearest */
  named(name: string): HostedOrchestration {
    const found = this.#byName.get(name)
    if (found !== undefined) return found
    const hint = didYouMean(name, [...this.#byName.keys()], 'There are none.')
    throw new OrchestrationError(`There is no orchestration "${name}". ${hint}`, {
      code: 'ORCHESTRATION_UNKNOWN',
      details: { orchestration: name },
    })
  }

  /** @throws ORCHESTRATION_UNKNOWN */
  async of(run: RunRecord): Promise<HostedOrchestration> {
    return this.#byName.get(run.orchestration) ?? (await this.#resolve(run)) ?? this.named(run.orchestration)
  }
}
