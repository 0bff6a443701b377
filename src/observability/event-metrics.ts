import type { EventOfType, OrchestrationEvent } from '../core/index.js'
import type { RunEndEvent } from './event-run.js'
import type { MetricSink } from './metric-definitions.js'
import { OpenRuns } from './open-runs.js'

interface MeasuredRun {
  readonly orchestration: string
  readonly startedAt: number
  /** When each step under way began, by token. */
  readonly steps: Map<string, number>
}

/** Turns the events of one source into measurements. Runs of sub-orchestrations are measured under their own names. */
export class EventMetrics {
  readonly #sink: MetricSink
  readonly #runs = new OpenRuns<MeasuredRun>()
  readonly #active: Map<string, number>

  /** @param active how many runs of each orchestration are under way, shared by the sources of one sink */
  constructor(sink: MetricSink, active: Map<string, number>) {
    this.#sink = sink
    this.#active = active
  }

  handle(event: OrchestrationEvent): void {
    switch (event.type) {
      case 'orchestration.started':
        this.#runs.open(event, { orchestration: event.orchestration, startedAt: event.at, steps: new Map() })
        this.#activeChanged(event.orchestration, 1)
        return
      case 'orchestration.completed':
        this.#runEnded(event, 'completed')
        return
      case 'orchestration.failed':
        this.#runEnded(event, 'failed')
        return
      case 'orchestration.cancelled':
        this.#runEnded(event, 'cancelled')
        return
      case 'state.started':
        this.#runs.of(event)?.steps.set(event.token, event.at)
        return
      case 'state.completed':
        this.#stepEnded(event, 'completed')
        return
      case 'state.failed':
        this.#stepEnded(event, event.handled ? 'recovered' : 'failed')
        return
      case 'state.skipped':
        this.#stepEnded(event, 'skipped')
        return
      case 'state.retrying':
        this.#sink.measure('retries', 1, { orchestration: this.#nameOf(event), state: event.stateName })
        return
      case 'agent.usage':
        this.#used(event)
        return
      case 'agent.tool.completed': {
        const { agent, tool, failed } = event
        const labels = { orchestration: this.#nameOf(event), agent, tool, outcome: failed ? 'failed' : 'completed' }
        this.#sink.measure('toolCalls', 1, labels)
        return
      }
      case 'breaker.changed':
        for (const state of ['closed', 'open', 'half-open'] as const) {
          this.#sink.measure('breakerState', state === event.to ? 1 : 0, { breaker: event.breaker, state })
        }
        return
      case 'budget.warning':
      case 'budget.exceeded':
        this.#budget(event)
        return
      default:
    }
  }

  /** Nothing more will be heard of the runs that are under way. */
  close(): void {
    for (const { orchestration } of this.#runs.closeAll()) this.#activeChanged(orchestration, -1)
  }

  #activeChanged(orchestration: string, change: number): void {
    const active = (this.#active.get(orchestration) ?? 0) + change
    this.#active.set(orchestration, active)
    this.#sink.measure('activeRuns', active, { orchestration })
  }

  #runEnded(event: RunEndEvent, outcome: string): void {
    const { orchestration, at } = event
    const run = this.#runs.of(event)
    for (const ended of this.#runs.close(event)) this.#activeChanged(ended.orchestration, -1)
    this.#sink.measure('runs', 1, { orchestration, outcome })
    if (run === undefined) return
    this.#sink.measure('runDuration', seconds(at - run.startedAt), { orchestration, outcome })
  }

  #stepEnded(event: EventOfType<'state.completed' | 'state.failed' | 'state.skipped'>, outcome: string): void {
    const { stateName: state, token, at } = event
    const startedAt = this.#runs.of(event)?.steps.get(token)
    // A state that had completed, and whose output then led nowhere, was counted when it completed.
    if (startedAt === undefined) return
    this.#runs.of(event)?.steps.delete(token)
    const orchestration = this.#nameOf(event)
    this.#sink.measure('steps', 1, { orchestration, state, outcome })
    this.#sink.measure('stepDuration', seconds(at - startedAt), { orchestration, state })
  }

  #used(event: EventOfType<'agent.usage'>): void {
    const { agent, model, inputTokens, outputTokens, cost } = event
    const labels = { orchestration: this.#nameOf(event), agent, model }
    this.#sink.measure('tokens', inputTokens, { ...labels, type: 'input' })
    this.#sink.measure('tokens', outputTokens, { ...labels, type: 'output' })
    if (cost !== undefined) this.#sink.measure('cost', cost, labels)
  }

  #budget({ type, budget, limit, spent, max }: EventOfType<'budget.warning' | 'budget.exceeded'>): void {
    // Of a budget of nothing, everything is spent from the start.
    this.#sink.measure('budgetUsed', max > 0 ? spent / max : 1, { budget, limit })
    if (type === 'budget.exceeded') this.#sink.measure('budgetExceeded', 1, { budget, limit })
  }

  #nameOf(event: OrchestrationEvent): string {
    return this.#runs.of(event)?.orchestration ?? 'unknown'
  }
}

function seconds(ms: number): number {
  return Math.max(0, ms) / 1000
}
