import type { OrchestrationEvent } from '../../core/index.js'
import type { RunTrace, StateTrace, TraceOutcome, TransitionTrace } from './run-trace.js'

/**
 * Gathers what the diagrams of a run show from its events: visits, time, tokens, failures, and which transitions were taken how
 * often. The events may stop before the run has ended; then the trace shows how far it got. Events of several runs of one
 * orchestration are added up.
 *
 * ```ts
 * const run = orchestration.start(input, { retainEvents: true })
 * await run.result
 * const events: OrchestrationEvent[] = []
 * run.eventsFrom(0).subscribe(event => events.push(event))
 * console.log(toMermaid(orchestration, { trace: traceOf(events) }))
 * ```
 */
export function traceOf(events: Iterable<OrchestrationEvent>): RunTrace {
  const gatherer = new TraceGatherer()
  for (const event of events) gatherer.add(event)
  return gatherer.trace()
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

class TraceGatherer {
  readonly #states = new Map<string, Writable<StateTrace>>()
  readonly #transitions = new Map<string, Writable<TransitionTrace>>()
  /** When the open visits of a step began. Concurrent runs of one sub-orchestration share a key; their sum is the same in any order. */
  readonly #open = new Map<string, { readonly state: Writable<StateTrace>; readonly since: number[] }>()
  /** Steps that failed and have a route: what leaves them next is that route. */
  readonly #failedSteps = new Set<string>()
  #orchestration = ''
  #runId = ''
  #outcome: TraceOutcome = 'running'
  #reason: string | undefined
  #first: number | undefined
  #last = 0

  add(event: OrchestrationEvent): void {
    const { at, runId } = event
    this.#first ??= at
    this.#last = Math.max(this.#last, at)
    this.#runId = runId
    switch (event.type) {
      case 'state.started': {
        const state = this.#state(event)
        state.visits++
        this.#visit(event, state).push(at)
        break
      }
      case 'state.completed':
        this.#state(event).completed++
        this.#leave(event)
        break
      case 'state.failed':
        this.#state(event).failures++
        this.#leave(event)
        if (event.handled) this.#failedSteps.add(stepKey(event, event.token))
        break
      case 'state.skipped':
        this.#state(event).skipped++
        this.#leave(event)
        break
      case 'state.retrying':
        this.#state(event).retries++
        break
      case 'agent.usage': {
        const state = this.#state(event)
        state.inputTokens += event.inputTokens
        state.outputTokens += event.outputTokens
        state.cost += event.cost ?? 0
        break
      }
      case 'state.transition':
        this.#transition(event)
        break
      default:
        if (event.path === undefined) this.#phase(event)
    }
  }

  trace(): RunTrace {
    for (const { state, since } of this.#open.values()) {
      state.unfinished += since.length
      for (const start of since) state.totalMs += Math.max(0, this.#last - start)
    }
    const states = [...this.#states.values()]
    const sum = (field: 'inputTokens' | 'outputTokens' | 'cost') =>
      states.reduce((total, state) => total + state[field], 0)
    return {
      orchestration: this.#orchestration,
      runId: this.#runId,
      outcome: this.#outcome,
      reason: this.#reason,
      durationMs: this.#last - (this.#first ?? this.#last),
      states,
      transitions: [...this.#transitions.values()],
      inputTokens: sum('inputTokens'),
      outputTokens: sum('outputTokens'),
      cost: sum('cost'),
    }
  }

  /** How the run itself stands; what happens inside of it says nothing about that. */
  #phase(event: OrchestrationEvent): void {
    switch (event.type) {
      case 'orchestration.started':
        this.#orchestration = event.orchestration
        this.#become('running')
        break
      case 'orchestration.paused':
        this.#become('paused')
        break
      case 'orchestration.resumed':
        this.#become('running')
        break
      case 'orchestration.completed':
        this.#become('completed')
        break
      case 'orchestration.failed':
        this.#become('failed', event.errorMessage)
        break
      case 'orchestration.cancelled':
        this.#become('cancelled', event.reason)
        break
      default:
    }
  }

  #become(outcome: TraceOutcome, reason?: string): void {
    this.#outcome = outcome
    this.#reason = reason
  }

  #state({ path = [], stateName }: Located & { readonly stateName: string }): Writable<StateTrace> {
    const key = keyOf(path, stateName)
    let state = this.#states.get(key)
    if (state === undefined) {
      const counts = { visits: 0, completed: 0, failures: 0, skipped: 0, retries: 0, unfinished: 0, totalMs: 0 }
      state = { path, stateName, ...counts, inputTokens: 0, outputTokens: 0, cost: 0 }
      this.#states.set(key, state)
    }
    return state
  }

  #visit(event: Located & { readonly token: string }, state: Writable<StateTrace>): number[] {
    const key = stepKey(event, event.token)
    let visit = this.#open.get(key)
    if (visit === undefined) {
      visit = { state, since: [] }
      this.#open.set(key, visit)
    }
    return visit.since
  }

  #leave(event: Located & { readonly at: number; readonly token: string }): void {
    const key = stepKey(event, event.token)
    const visit = this.#open.get(key)
    const start = visit?.since.shift()
    if (visit === undefined || start === undefined) return
    visit.state.totalMs += Math.max(0, event.at - start)
    if (visit.since.length === 0) this.#open.delete(key)
  }

  #transition(event: Extract<OrchestrationEvent, { type: 'state.transition' }>): void {
    const { path = [], fromState, toState, advancer, fromToken } = event
    const onError = this.#failedSteps.has(stepKey(event, fromToken))
    const key = keyOf(path, fromState, toState, advancer, String(onError))
    const known = this.#transitions.get(key)
    if (known === undefined) {
      this.#transitions.set(key, { path, fromState, toState, advancer, onError, count: 1 })
    } else known.count++
  }
}

interface Located {
  readonly runId: string
  readonly path?: readonly string[]
}

function keyOf(path: readonly string[], ...parts: readonly string[]): string {
  return JSON.stringify([path, ...parts])
}

function stepKey({ runId, path = [] }: Located, token: string): string {
  return keyOf(path, runId, token)
}
