import { OrchestrationCancelledError, OrchestrationFailedError } from '../core/index.js'
import type { PriceTable } from '../resilience/index.js'
import type { EventBus } from './event-bus.js'
import { resultOf } from './orchestra-aggregate.js'
import { contextFor } from './orchestra-context.js'
import type { OrchestraDefinition } from './orchestra-definition.js'
import { OrchestraProgress } from './orchestra-progress.js'
import type { OrchestraRun } from './orchestra-run.js'

/** Starts a run that nobody keeps. */
export function startAlone(
  { bus, prices }: { readonly bus: EventBus; readonly prices: PriceTable | undefined },
  sessionId: string,
  { topology, orchestration, properties }: OrchestraDefinition,
  work: { readonly task: unknown; readonly context: Readonly<Record<string, unknown>>; readonly signal?: AbortSignal },
): OrchestraRun {
  const { task, context, signal } = work
  const progress = new OrchestraProgress({ topology, sessionId, prices })
  const input = { task, context: contextFor(context, sessionId) }
  const run = orchestration.start(input, { properties, ...(signal && { signal }) })
  run.events$.subscribe(event => {
    for (const notice of progress.add(event)) bus.publish(notice)
  })
  const result = run.result
    .then(
      () => undefined,
      thrown => {
        if (thrown instanceof OrchestrationFailedError || thrown instanceof OrchestrationCancelledError) return
        throw thrown
      },
    )
    .then(() => resultOf(progress, run.properties))
  result.catch(() => undefined)
  return { sessionId, run: Promise.resolve(run), events$: run.events$, result }
}
