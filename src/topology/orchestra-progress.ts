import type { EventOfType, OrchestrationEvent } from '../core/index.js'
import { type CostReport, CostTracker, type PriceTable } from '../resilience/index.js'
import type { TopologyOutcome, TopologyTask } from './compile-topology.js'
import type { OrchestraEventBase, OrchestraNotice } from './event-bus-events.js'
import type { OrchestraBranch } from './orchestra-branch.js'
import { OrchestraBranches } from './orchestra-branches.js'
import type { OrchestraMetadata } from './orchestra-result.js'
import type { Topology } from './topology.js'

/** What a run is about, for those who look at its events. */
export interface ProgressSubject {
  readonly topology: Topology
  readonly sessionId: string
  readonly prices: PriceTable | undefined
}

/**
 * What the events of one run say, read in their order: the branches and what their agents did. It knows nothing that is not in the
 * events, so those of a store make the same of it as those that are heard live.
 */
export class OrchestraProgress {
  readonly subject: ProgressSubject
  readonly #branches: OrchestraBranches
  readonly #costs: CostTracker
  #next = 0
  #runId = ''
  #startedAt = 0
  #at = 0
  #pausedAt: number | undefined
  #pausedMs = 0
  #status: OrchestraMetadata['status'] = 'running'
  #error: string | undefined
  #outcome: TopologyOutcome | undefined

  constructor(subject: ProgressSubject) {
    this.subject = subject
    this.#branches = new OrchestraBranches(subject.topology)
    this.#costs = new CostTracker(subject.prices)
  }

  get runId(): string {
    return this.#runId
  }

  get status(): OrchestraMetadata['status'] {
    return this.#status
  }

  get error(): string | undefined {
    return this.#error
  }

  /** What the run has come to, if it has. */
  get outcome(): TopologyOutcome | undefined {
    return this.#outcome
  }

  get cancelledTasks(): number {
    return this.#branches.cancelledTasks
  }

  get usage(): CostReport {
    return this.#costs.report
  }

  /** When the latest event happened. */
  get at(): number {
    return this.#at
  }

  /** How long it took so far, without the time it was paused, in milliseconds. */
  get durationMs(): number {
    return (this.#pausedAt ?? this.#at) - this.#startedAt - this.#pausedMs
  }

  /** In token order. */
  get branches(): readonly OrchestraBranch[] {
    return this.#branches.list
  }

  /** Reads the next event; one that was read already is not read again. Returns what is to be told of it. */
  add(event: OrchestrationEvent): readonly OrchestraNotice[] {
    if (event.seq < this.#next) return []
    this.#next = event.seq + 1
    this.#at = event.at
    // A run that goes on from a checkpoint has another id than the one that it was copied from.
    this.#runId = event.runId
    this.#costs.add(event)
    if (event.type === 'agent.usage') return [this.#usage(event)]
    if (event.type === 'agent.tool.called') {
      const { agent, tool, arguments: given } = event
      return [{ name: 'ToolCalled', event: { ...this.#base, agent, tool, arguments: given } }]
    }
    if (event.type === 'approval.requested') {
      const { requestId, message, subject } = event
      return [{ name: 'UserAsked', event: { ...this.#base, requestId, message, subject } }]
    }
    // What runs inside a tool has branches of its own.
    if (event.path !== undefined) return []
    return event.type.startsWith('orchestration.') ? this.#ofRun(event) : this.#branches.add(event, this.#base)
  }

  get #base(): OrchestraEventBase {
    return { sessionId: this.subject.sessionId, runId: this.#runId, at: this.#at }
  }

  #ofRun(event: OrchestrationEvent): readonly OrchestraNotice[] {
    switch (event.type) {
      case 'orchestration.started':
        this.#startedAt = event.at
        return [{ name: 'RunStarted', event: { ...this.#base, task: (event.input as TopologyTask).task } }]
      case 'orchestration.paused':
        this.#status = 'paused'
        this.#pausedAt = event.at
        return [{ name: 'RunPaused', event: this.#base }]
      case 'orchestration.resumed':
        this.#goOn('running')
        return [{ name: 'RunResumed', event: this.#base }]
      case 'orchestration.completed':
        this.#goOn('completed')
        this.#outcome = event.output as TopologyOutcome
        return [...this.#branches.settle('completed', this.#base), { name: 'RunCompleted', event: this.#base }]
      case 'orchestration.failed':
        this.#goOn('failed')
        this.#error = event.errorMessage
        return [
          ...this.#branches.settle('failed', this.#base),
          { name: 'RunFailed', event: { ...this.#base, error: event.errorMessage } },
        ]
      case 'orchestration.cancelled':
        this.#goOn('cancelled')
        this.#error = `The run was cancelled: ${event.reason}`
        return [
          ...this.#branches.settle('cancelled', this.#base),
          { name: 'RunCancelled', event: { ...this.#base, reason: event.reason } },
        ]
      default:
        return []
    }
  }

  #goOn(status: OrchestraMetadata['status']): void {
    this.#status = status
    if (this.#pausedAt !== undefined) this.#pausedMs += this.#at - this.#pausedAt
    this.#pausedAt = undefined
  }

  #usage({ agent, model, inputTokens, outputTokens, cost }: EventOfType<'agent.usage'>): OrchestraNotice {
    const priced = cost === undefined ? {} : { cost }
    return { name: 'UsageReported', event: { ...this.#base, agent, model, inputTokens, outputTokens, ...priced } }
  }
}
