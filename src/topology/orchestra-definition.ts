import type { AgentRegistry } from '../agents/index.js'
import type { Clock, Logger, Orchestration } from '../core/index.js'
import type { Json } from '../schema/index.js'
import { compileTopology, type TopologyOutcome, type TopologyTask } from './compile-topology.js'
import { ensureTopology, type TopologyInput } from './ensure-topology.js'
import { withDefaultRules } from './orchestra-rules.js'
import type { RuleInput } from './rules/rule.js'
import { Topology } from './topology.js'

/** The property of a run that has its topology, so that any process can go on with it. */
const definitionKey = 'topology.definition'

/** A topology as it is kept with a run. */
interface KeptDefinition {
  readonly topology: Json
  readonly maxSteps: number
}

/** What orchestras make definitions of. */
export interface DefinitionSurroundings {
  readonly registry: AgentRegistry
  readonly rules: readonly RuleInput[]
  readonly clock: Clock | undefined
  readonly logger: Logger | undefined
}

/** A topology that can be run, and can be had back from what is kept of it. */
export class OrchestraDefinition {
  readonly topology: Topology
  readonly maxSteps: number
  readonly orchestration: Orchestration<TopologyTask, TopologyOutcome>

  private constructor(topology: Topology, maxSteps: number, around: DefinitionSurroundings) {
    const { registry, clock, logger } = around
    this.topology = topology
    this.maxSteps = maxSteps
    this.orchestration = compileTopology(topology, { registry, maxSteps })
    this.orchestration.configure({ ...(clock && { clock }), ...(logger && { logger }) })
  }

  /** @throws TypeError, TOPOLOGY_INVALID, AGENT_UNKNOWN */
  static of(topology: TopologyInput, maxSteps: number, around: DefinitionSurroundings): OrchestraDefinition {
    return new OrchestraDefinition(withDefaultRules(ensureTopology(topology), around.rules), maxSteps, around)
  }

  /** What a run is to have in its properties. */
  get properties(): Readonly<Record<string, unknown>> {
    const kept: KeptDefinition = { topology: this.topology.toJSON(), maxSteps: this.maxSteps }
    return { [definitionKey]: kept }
  }

  /** Has a run that goes on under this definition keep it, with its first step. */
  replaceKept(): this {
    const kept = this.properties[definitionKey]
    const text = JSON.stringify(kept)
    this.orchestration.wrapAttempts({
      around: ({ context: { properties }, path }, next) => {
        // A step that fails keeps nothing, and then the next one does.
        if (path.length === 0 && JSON.stringify(properties.get(definitionKey)) !== text) {
          properties.set(definitionKey, kept)
        }
        return next()
      },
    })
    return this
  }
}

/** What a run went by, from its properties; `undefined` if it was no run of a topology. */
export function keptDefinition(
  properties: Readonly<Record<string, unknown>>,
): { readonly topology: Topology; readonly maxSteps: number } | undefined {
  const kept = properties[definitionKey] as KeptDefinition | undefined
  return kept && { topology: Topology.fromJSON(kept.topology), maxSteps: kept.maxSteps }
}
