import type { RunContext } from './context.js'
import type { ChildRun } from './engine/child-runs.js'
import type { EventSink } from './engine/event-hub.js'
import { inheritedThrough } from './engine/inherited-interceptors.js'
import type { RunHost } from './engine/run-host.js'
import type { OrchestrationEvent } from './events.js'
import type { GraphNode } from './graph.js'
import type { Orchestration } from './orchestration.js'
import { OrchestrationRunnable } from './runnable.js'

/**
 * An orchestration as a state of another one. It runs under its own rules and limits, on the outer run's clock. Its events appear
 * in the outer run's stream with a `path`, what it waits for appears in the outer run's `requests`, and it is paused, resumed and
 * cancelled together with the outer run. While it is under way it holds no slot of `maxConcurrency`.
 */
export class SubOrchestrationRunnable<TIn, TOut> extends OrchestrationRunnable<TIn, TOut> {
  readonly orchestration: Orchestration<TIn, TOut>

  constructor(orchestration: Orchestration<TIn, TOut>) {
    super()
    this.orchestration = orchestration
  }

  /** Outside of an engine, a plain run. The engine starts a run that is linked to its own. */
  override invoke(input: TIn, context: RunContext): Promise<TOut> {
    return this.orchestration.run(input, { signal: context.signal })
  }

  /** @internal */
  startChild(input: unknown, parent: RunHost, stateName: string, token: string): ChildRun {
    const runId = `${parent.state.runId}/${token}`
    const { rules, recorder, ledger, inherited, attemptInterceptors: attempts, unheard } = parent.options
    const { clock, logger } = rules
    const { graph } = this.orchestration
    const ledgerOfChild = ledger?.forChild(runId, graph)
    const recorderOfChild = ledgerOfChild ?? recorder?.forChild?.(runId, graph)
    const around = {
      sinks: [new ForwardingSink(parent, stateName, token)],
      attempts,
      unheard,
      inherited: inheritedThrough(parent.state.graph.byName.get(stateName) as GraphNode, parent.state.runId, inherited),
    }
    const options = { runId, clock, logger, ...(recorderOfChild === undefined ? {} : { recorder: recorderOfChild }) }
    // Its input is not in the journal before it has started.
    const begun = ledgerOfChild?.restored !== undefined && ledgerOfChild.restored.state.phase !== 'created'
    const driver = this.orchestration.drive(options, around, ledgerOfChild)
    if (!begun) driver.begin(input)
    else driver.takeUp()
    return driver
  }
}

/** Hands the events of an inner run to the outer one. */
class ForwardingSink implements EventSink {
  readonly #parent: RunHost
  readonly #stateName: string
  readonly #token: string

  constructor(parent: RunHost, stateName: string, token: string) {
    this.#parent = parent
    this.#stateName = stateName
    this.#token = token
  }

  get observed(): boolean {
    return this.#parent.hub.observed
  }

  next(event: OrchestrationEvent): void {
    const { hub, state } = this.#parent
    hub.deliver(forwarded(event, state.runId, this.#stateName, this.#token))
  }

  skip(events: number): void {
    this.#parent.hub.skip(events)
  }
}

/** An event of an inner run, as the run around it tells it. */
export function forwarded(
  event: OrchestrationEvent,
  outerRunId: string,
  stateName: string,
  token: string,
): OrchestrationEvent {
  const path = [stateName, ...(event.path ?? [])]
  const outer = { ...event, path, innerRunId: event.innerRunId ?? event.runId, runId: outerRunId }
  // Whoever hears of a request in the outer stream answers it at the outer run.
  if ('requestId' in outer) (outer as { requestId: string }).requestId = `${token}/${outer.requestId}`
  return outer
}
