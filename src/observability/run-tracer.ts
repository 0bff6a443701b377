import type { Interceptor, OrchestrationEvent } from '../core/index.js'
import { isEnd, type RunEndEvent, runOf } from './event-run.js'
import { OpenRuns } from './open-runs.js'
import { outcome, RunTrace } from './run-trace.js'
import { SpanAttribute } from './span-attributes.js'
import type { TracingEnvironment } from './span-scope.js'

/** Makes spans of the events of one orchestration; its interceptor makes those of the attempts. */
export class RunTracer {
  readonly interceptor: Interceptor
  readonly #environment: TracingEnvironment
  readonly #family: ReadonlySet<RunTracer>
  readonly #runs = new OpenRuns<RunTrace>()

  /** @param family the tracers with which it shares a backend, itself included */
  constructor(environment: TracingEnvironment, family: ReadonlySet<RunTracer>) {
    this.#environment = environment
    this.#family = family
    this.interceptor = {
      around: async (call, next) => {
        const { runId, token } = call.context
        const visit = this.#runs.get(runId)?.visit(token)
        return visit === undefined ? next() : visit.attempt(call, next)
      },
    }
  }

  handle(event: OrchestrationEvent): void {
    if (event.type === 'orchestration.started') this.#begin(event, event.input)
    else if (isEnd(event)) this.#end(event)
    else this.#runs.of(event)?.handle(event)
  }

  /** Ends the spans of runs that nobody will hear of any more. */
  close(): void {
    for (const run of this.#runs.closeAll()) run.abandon()
  }

  /** Whether it traces the step that a nested run is named after. */
  #traces(step: string): boolean {
    const slash = step.lastIndexOf('/')
    return slash >= 0 && this.#runs.get(step.slice(0, slash))?.visit(step.slice(slash + 1)) !== undefined
  }

  #begin(event: OrchestrationEvent & { readonly orchestration: string }, input: unknown): RunTrace | undefined {
    const { at, orchestration } = event
    const { api } = this.#environment
    const runId = runOf(event)
    // A nested orchestration that is instrumented too is traced where it is nested.
    for (const other of this.#family) if (other !== this && other.#traces(runId)) return undefined
    const slash = runId.lastIndexOf('/')
    const outer = event.innerRunId === undefined ? undefined : this.#runs.get(runId.slice(0, slash))
    // It began before anybody traced the run around it.
    if (event.innerRunId !== undefined && outer === undefined) return undefined
    const parent = outer?.visit(runId.slice(slash + 1))?.scope.context ?? outer?.scope.context ?? api.context.active()
    const run = new RunTrace(this.#environment, parent, { runId, orchestration, input, at })
    // Without an SDK spans are empty, and there is nothing to keep.
    if (!api.isSpanContextValid(run.scope.span.spanContext())) return undefined
    this.#runs.open(event, run)
    return run
  }

  #end(event: RunEndEvent): void {
    const { at } = event
    const neverStarted = event.type !== 'orchestration.completed' && event.seq === 0
    const run = this.#runs.of(event) ?? (neverStarted ? this.#begin(event, undefined) : undefined)
    if (run === undefined) return
    if (event.type === 'orchestration.failed') run.scope.fail(event.error, at)
    for (const each of this.#runs.close(event)) if (each !== run) each.end(at, { [SpanAttribute.Outcome]: 'abandoned' })
    run.end(at, attributesOf(event))
  }
}

function attributesOf(event: RunEndEvent) {
  if (event.type === 'orchestration.completed') {
    return { [SpanAttribute.Outcome]: 'completed', [SpanAttribute.Steps]: event.steps }
  }
  return event.type === 'orchestration.failed'
    ? { [SpanAttribute.Outcome]: 'failed' }
    : outcome('cancelled', event.reason)
}
