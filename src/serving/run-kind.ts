import type { OrchestrationEvent } from '../core/index.js'
import type { HostedOrchestration, RunRecord } from '../durability/index.js'
import type { DiagramOutline, RunTrace } from '../graph/index.js'
import type { PriceTable } from '../resilience/index.js'

/** What is known of a node of an execution (S2-29): a node of a workflow, or a state of an orchestration. Times are milliseconds since 1970. */
export interface NodeReport {
  readonly nodeId: string
  readonly nodeType: string
  /** The node that it is inside of. */
  readonly parent?: string
  readonly status: 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'skipped'
  readonly input?: unknown
  readonly output?: unknown
  /** In USD, as far as it is known, what is inside it included. */
  readonly cost: number
  readonly startedAt?: number
  readonly completedAt?: number
  readonly errorMessage?: string
  /** How many attempts there were; 0 if it was not started. */
  readonly attempts: number
}

/** Runs in the words of a definition that is not the states that it is compiled to. */
export interface NodesView {
  /** The definition as it is drawn. */
  readonly outline: DiagramOutline
  /** What events say of nodes, `undefined` for those that say nothing of any; each call begins anew, with the first event of a run. */
  readonly reader: () => (event: OrchestrationEvent) => OrchestrationEvent | undefined
  readonly traceOf: (events: Iterable<OrchestrationEvent>) => RunTrace
}

/**
 * Runs whose definitions are not orchestrations in code, but are kept somewhere else: how they are found, and what the nodes of such a
 * run are. Without one, a run's nodes are its states.
 */
export interface RunKind {
  /** Whether a run is of this kind; asked often, so it looks at nothing but the record. */
  readonly has: (run: RunRecord) => boolean
  /** Its definition, for taking it up and looking into it; `undefined` if it is gone. */
  readonly definitionOf: (run: RunRecord) => HostedOrchestration | undefined | Promise<HostedOrchestration | undefined>
  /** What its nodes have come to. @default its states */
  readonly nodes?: (
    run: RunRecord,
    events: readonly OrchestrationEvent[],
  ) => readonly NodeReport[] | Promise<readonly NodeReport[]>
  /** What models cost, for usage that a run has reported without a cost. @default that is not known */
  readonly prices?: (run: RunRecord) => PriceTable | undefined
  /** What a person is asked about, of what the state that asks was given. @default all of it */
  readonly subject?: (input: unknown) => unknown
  /**
   * The node that a state belongs to; `undefined` if it belongs to none, and callers are told nothing of it. A node begins and ends with
   * the state that is called like it. @default the state itself
   */
  readonly nodeId?: (stateName: string) => string | undefined
  /** Runs of a definition as those see them who have written it. @default its states */
  readonly view?: (definition: HostedOrchestration) => NodesView | undefined
}

/** The kinds of runs that a server has besides those of orchestrations in code. */
export class RunKinds {
  readonly #kinds: RunKind[] = []

  add(kind: RunKind): this {
    this.#kinds.push(kind)
    return this
  }

  of(run: RunRecord): RunKind | undefined {
    return this.#kinds.find(kind => kind.has(run))
  }

  /** What a person is asked about, of what the state of a run that asks was given. */
  subject(run: RunRecord, input: unknown): unknown {
    const subject = this.of(run)?.subject
    return subject === undefined ? input : subject(input)
  }

  /** A run as those see it who have written its definition; `undefined` if that are its states. */
  view(run: RunRecord, definition: HostedOrchestration): NodesView | undefined {
    return this.of(run)?.view?.(definition)
  }

  /** The nodes of a run that some states, each inside the one before, belong to. */
  nodePath(run: RunRecord, stateNames: readonly string[]): readonly string[] {
    return stateNames.map(name => this.nodeId(run, name)).filter(id => id !== undefined)
  }

  /** The node of a run that a state belongs to, as callers know it; `undefined` if they are told nothing of it. */
  nodeId(run: RunRecord, stateName: string): string | undefined {
    const nodeId = this.of(run)?.nodeId
    return nodeId === undefined ? stateName : nodeId(stateName)
  }
}
